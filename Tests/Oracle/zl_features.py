"""Computes the ZL training matrix with pandas, NumPy and TA-Lib, apart from any SQL of this project.

    python zl_features.py --bars 'FOLDER/*.dbn.zst' --fred FOLDER --out zl_features.csv

Bars are Databento's ohlcv-1h files, DBN (read with the official package) or CSV; macro series are FRED's CSV files.
The result has one row per ZL trade date: trade_date, 79 features, regime_name, regime_weight, 4 targets, in the order
of features.zl_training_v1. Windows are computed anew for every row (two-pass, no running sums), so that the values
carry no drift. compare_features.py holds zlsql's export against this file.
"""

import argparse
import datetime as dt
import glob
import os
import sys

import numpy as np
import pandas as pd
import talib
from numpy.lib.stride_tricks import sliding_window_view

CONTEXT = ("zs", "zm", "cl", "ho")
SYMBOLS = {root.upper() + ".v.0": root for root in ("zl",) + CONTEXT}
CALENDAR = (dt.date(2009, 1, 1), dt.date(2031, 12, 31))

VERSION_1 = ["close", "return_1d", "return_5d", "return_21d", "ma_5", "ma_21", "ma_63", "volatility_21d", "rsi_14"]
ENHANCED = ["bb_upper", "bb_lower", "bb_percent_b", "macd_line", "macd_signal", "macd_histogram", "atr_14", "stoch_k",
            "stoch_d", "volume_zscore", "roc_10", "momentum_10"]
CRUSH = ["crush_margin_gross", "crush_margin_21d_ma", "crush_margin_percentile_90d", "crush_margin_zscore_63d",
         "crush_margin_momentum_7d", "crush_margin_momentum_30d"]
CROSS = [form.format(s) for s in CONTEXT
         for form in ("{}_return_1d", "{}_return_21d", "{}_volatility_21d", "zl_{}_corr_30d", "zl_{}_corr_63d",
                      "zl_{}_corr_90d", "zl_{}_beta_63d")]
MACRO = ["vix_level", "vix_21d_ma", "vix_zscore", "vix_percentile", "fed_funds_rate", "yield_curve_10y_2y",
         "usd_index", "usd_return_21d", "ig_spread", "hy_spread", "ted_spread", "breakeven_inflation_10y",
         "financial_conditions_index", "usd_brl", "usd_cny", "usd_jpy", "eur_usd", "dollar_index_broad"]
CALENDAR_FEATURES = ["day_of_week", "month", "quarter", "is_month_end", "is_quarter_end", "days_to_first_notice"]
FEATURES = VERSION_1 + CRUSH + CROSS + MACRO + ENHANCED + CALENDAR_FEATURES
TARGETS = {"return_1w_fwd": 5, "return_1m_fwd": 21, "return_3m_fwd": 63, "return_6m_fwd": 126}
COLUMNS = ["trade_date"] + FEATURES + ["regime_name", "regime_weight"] + list(TARGETS)

SERIES = {"vix_level": "VIXCLS", "fed_funds_rate": "DFF", "yield_curve_10y_2y": "T10Y2Y", "usd_index": "DTWEXBGS",
          "ig_spread": "BAMLC0A0CM", "hy_spread": "BAMLH0A0HYM2", "ted_spread": "TEDRATE",
          "breakeven_inflation_10y": "T10YIE", "financial_conditions_index": "NFCI", "usd_brl": "DEXBZUS",
          "usd_cny": "DEXCHUS", "usd_jpy": "DEXJPUS", "eur_usd": "DEXUSEU", "dollar_index_broad": "DTWEXBGS"}

REGIMES = [("pre_trade_war", "2010-01-01", "2018-02-28", 100), ("trade_war", "2018-03-01", "2019-12-31", 300),
           ("covid_crash", "2020-01-01", "2020-05-31", 200), ("covid_recovery", "2020-06-01", "2020-12-31", 200),
           ("inflation", "2021-01-01", "2022-12-31", 300), ("trump_anticipation", "2023-01-01", "2025-01-19", 400),
           ("trump_term", "2025-01-20", "2029-12-31", 600)]


# ---------------------------------------------------------------- the exchange's calendar

def easter(year):
    """Easter Sunday of the Gregorian calendar (Meeus, Astronomical Algorithms, 1991)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    l = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 19 * l) // 433
    month = (h + l - 7 * m + 90) // 25
    day = (h + l - 7 * m + 33 * month + 19) % 32
    return dt.date(year, month, day)


def nth_weekday(year, month, weekday, n):
    """The n-th given weekday (0 = Monday) of a month; n = -1 is the last."""
    days = [dt.date(year, month, 1) + dt.timedelta(i) for i in range(31)]
    days = [d for d in days if d.month == month and d.weekday() == weekday]
    return days[n - 1 if n > 0 else n]


def observed(day):
    """Saturday is observed on the Friday before, Sunday on the Monday after."""
    return day + dt.timedelta({5: -1, 6: 1}.get(day.weekday(), 0))


def grain_holidays():
    """The full closures of the grains and oilseeds."""
    closed = set()
    for year in range(CALENDAR[0].year, CALENDAR[1].year + 1):
        new_year = dt.date(year, 1, 1)
        if new_year.weekday() != 5:
            closed.add(observed(new_year))
        closed.add(nth_weekday(year, 1, 0, 3))
        closed.add(nth_weekday(year, 2, 0, 3))
        closed.add(easter(year) - dt.timedelta(2))
        closed.add(nth_weekday(year, 5, 0, -1))
        if year >= 2022:
            closed.add(observed(dt.date(year, 6, 19)))
        closed.add(observed(dt.date(year, 7, 4)))
        closed.add(nth_weekday(year, 9, 0, 1))
        closed.add(nth_weekday(year, 11, 3, 4))
        closed.add(observed(dt.date(year, 12, 25)))
    return closed


def business_days():
    """All business days of the calendar in order, as datetime64[D]."""
    closed = grain_holidays()
    days = [CALENDAR[0] + dt.timedelta(i) for i in range((CALENDAR[1] - CALENDAR[0]).days + 1)]
    return np.array([d for d in days if d.weekday() < 5 and d not in closed], dtype="datetime64[D]")


def first_notice_days(business):
    """ZL's first notice days: the last business day of the month before F H K N Q U V Z."""
    months = business.astype("datetime64[M]")
    out = []
    for month in np.unique(months):
        contract_month = int((month + 1).astype(int)) % 12 + 1
        if contract_month in (1, 3, 5, 7, 8, 9, 10, 12):
            out.append(business[months == month][-1])
    return np.array(out)


# ---------------------------------------------------------------- reading

def read_dbn_bars(path):
    import databento

    store = databento.DBNStore.from_file(path)
    bars = pd.DataFrame(store.to_ndarray())[
        ["ts_event", "instrument_id", "open", "high", "low", "close", "volume"]]
    day = bars["ts_event"].to_numpy().astype("datetime64[ns]").astype("datetime64[D]")
    symbol = np.full(len(bars), None, dtype=object)
    for name, intervals in store.metadata.mappings.items():
        if name not in SYMBOLS:
            continue
        for interval in intervals:
            if not interval["symbol"]:
                continue
            inside = ((bars["instrument_id"].to_numpy() == int(interval["symbol"]))
                      & (day >= np.datetime64(interval["start_date"], "D"))
                      & (day < np.datetime64(interval["end_date"], "D")))
            symbol[inside] = name
    bars["symbol"] = symbol
    bars = bars[bars["symbol"].notna()].copy()
    for column in ("open", "high", "low", "close"):
        bars[column] = bars[column].to_numpy() / 1e9
    bars["ts_event"] = bars["ts_event"].to_numpy().astype("int64")
    return bars


def read_csv_bars(path):
    bars = pd.read_csv(path)
    bars = bars[bars["symbol"].isin(list(SYMBOLS))].copy()
    bars["ts_event"] = pd.to_datetime(bars["ts_event"]).dt.tz_localize(None).astype("datetime64[ns]").astype("int64")
    return bars[["ts_event", "instrument_id", "open", "high", "low", "close", "volume", "symbol"]]


def read_bars(pattern):
    """Hourly bars of the five symbols, one row per (symbol, ts_event), in that order."""
    paths = sorted(glob.glob(pattern))
    if not paths:
        sys.exit("no file matches " + pattern)
    parts = [read_csv_bars(p) if p.endswith(".csv") else read_dbn_bars(p) for p in paths]
    bars = pd.concat(parts, ignore_index=True)
    bars = bars.drop_duplicates(["symbol", "ts_event"]).sort_values(["symbol", "ts_event"], ignore_index=True)
    bars["volume"] = bars["volume"].astype("int64")
    return bars


def read_fred(folder):
    """{series: (observation days, values)}, missing values left out; a date seen twice must agree."""
    seen = {}
    for root, _, names in os.walk(folder):
        for name in sorted(n for n in names if n.endswith(".csv")):
            table = pd.read_csv(os.path.join(root, name), na_values=["."])
            date, value = table.columns[:2]
            series = os.path.splitext(name)[0] if value == "value" else value
            for day, number in zip(table[date], table[value]):
                key = (series, day)
                if key in seen and not (seen[key] == number or (np.isnan(seen[key]) and np.isnan(number))):
                    sys.exit("%s on %s is %s in one file and %s in another" % (series, day, seen[key], number))
                seen[key] = number
    out = {}
    for (series, day), number in sorted(seen.items()):
        if not np.isnan(number):
            out.setdefault(series, ([], []))
            out[series][0].append(day)
            out[series][1].append(number)
    return {s: (np.array(d, dtype="datetime64[D]"), np.array(v)) for s, (d, v) in out.items()}


# ---------------------------------------------------------------- windows

def window(x, n, statistic):
    """statistic over the last n rows; NaN until there are n rows without NaN."""
    out = np.full(len(x), np.nan)
    if len(x) >= n:
        out[n - 1:] = statistic(sliding_window_view(np.asarray(x, dtype=float), n))
    return out


def mean(x, n):
    return window(x, n, lambda w: w.mean(axis=1))


def deviation(x, n, ddof=1):
    return window(x, n, lambda w: w.std(axis=1, ddof=ddof))


def zscore(x, n):
    return window(x, n, lambda w: (w[:, -1] - w.mean(axis=1)) / w.std(axis=1, ddof=1))


def percentile(x, n):
    """Rank of the last value in its window, ties averaged, over n."""
    def rank(w):
        last = w[:, -1:]
        less, equal = (w < last).sum(axis=1), (w == last).sum(axis=1)
        result = (less + (equal + 1) / 2) / n
        result[np.isnan(w).any(axis=1)] = np.nan
        return result
    return window(x, n, rank)


def paired(y, x, n, statistic):
    out = np.full(len(y), np.nan)
    a, b = sliding_window_view(y, n), sliding_window_view(x, n)
    a, b = a - a.mean(axis=1, keepdims=True), b - b.mean(axis=1, keepdims=True)
    out[n - 1:] = statistic((a * b).sum(axis=1), (a * a).sum(axis=1), (b * b).sum(axis=1))
    return out


def correlation(y, x, n):
    return paired(y, x, n, lambda ab, aa, bb: ab / (np.sqrt(aa) * np.sqrt(bb)))


def beta(y, x, n):
    return paired(y, x, n, lambda ab, aa, bb: ab / bb)


def lag(x, n):
    return np.concatenate([np.full(n, np.nan), x[:-n]])


def simple_return(x, n):
    return x / lag(x, n) - 1


# ---------------------------------------------------------------- features

def trade_days(bars, business):
    """ZL's bars merged into trade dates, with the time of the last hourly bar of each."""
    zl = bars[bars["symbol"] == "ZL.v.0"].copy()
    day = zl["ts_event"].to_numpy().astype("datetime64[ns]").astype("datetime64[D]")
    zl["trade_date"] = business[np.searchsorted(business, day)]
    merged = zl.groupby("trade_date").agg(open=("open", "first"), high=("high", "max"), low=("low", "min"),
                                          close=("close", "last"), volume=("volume", "sum"),
                                          last_ts=("ts_event", "last"))
    return merged.reset_index()


def context_close(bars, symbol, last_ts):
    """The close of the symbol's last hourly bar at or before each time."""
    series = bars[bars["symbol"] == symbol]
    at = np.searchsorted(series["ts_event"].to_numpy(), last_ts, side="right") - 1
    close = np.append(series["close"].to_numpy(), np.nan)
    return close[np.where(at < 0, len(series), at)]


def known_values(series, observed_on, values, dates):
    """The latest published value at each date, NaN when it is older than the series' greatest age."""
    weekday = (observed_on.astype("int64") + 3) % 7
    if series.startswith("DEX") or series == "DTWEXBGS":
        published = observed_on + (7 - weekday)
    elif series == "NFCI":
        published = observed_on + 7
    else:
        published = observed_on + np.select([weekday == 4, weekday == 5], [3, 2], 1)
    at = np.searchsorted(published, dates, side="right") - 1
    age = np.where(at < 0, 10 ** 6, (dates - observed_on[at]).astype("int64"))
    return np.where(age > (21 if series == "NFCI" else 14), np.nan, values[at])


def training_matrix(bars, fred):
    business = business_days()
    days = trade_days(bars, business)
    dates = days["trade_date"].to_numpy().astype("datetime64[D]")
    high, low, close = (days[c].to_numpy() for c in ("high", "low", "close"))
    out = {"trade_date": dates, "close": close}

    for n in (1, 5, 21):
        out["return_%dd" % n] = simple_return(close, n)
    for n in (5, 21, 63):
        out["ma_%d" % n] = mean(close, n)
    out["volatility_21d"] = deviation(out["return_1d"], 21) * np.sqrt(252)
    change = close - lag(close, 1)
    gain, loss = mean(np.where(change < 0, 0, change), 14), mean(np.where(change > 0, 0, -change), 14)
    with np.errstate(divide="ignore", invalid="ignore"):
        out["rsi_14"] = 100 - 100 / (1 + gain / loss)

    middle, width = mean(close, 20), 2 * deviation(close, 20, ddof=0)
    out["bb_upper"], out["bb_lower"] = middle + width, middle - width
    out["bb_percent_b"] = (close - out["bb_lower"]) / (out["bb_upper"] - out["bb_lower"])
    out["macd_line"] = talib.MACD(close, 12, 26, 1)[0]
    _, out["macd_signal"], out["macd_histogram"] = talib.MACD(close, 12, 26, 9)
    out["atr_14"] = talib.ATR(high, low, close, 14)
    lowest, highest = window(low, 14, lambda w: w.min(axis=1)), window(high, 14, lambda w: w.max(axis=1))
    out["stoch_k"] = 100 * (close - lowest) / (highest - lowest)
    out["stoch_d"] = mean(out["stoch_k"], 3)
    out["volume_zscore"] = zscore(days["volume"].to_numpy(), 63)
    out["roc_10"] = simple_return(close, 10)
    out["momentum_10"] = close - lag(close, 10)

    context = {s: context_close(bars, s.upper() + ".v.0", days["last_ts"].to_numpy()) for s in CONTEXT}
    crush = context["zm"] * 0.022 + close * 0.11 - context["zs"] / 100
    out["crush_margin_gross"] = crush
    out["crush_margin_21d_ma"] = mean(crush, 21)
    out["crush_margin_percentile_90d"] = percentile(crush, 90)
    out["crush_margin_zscore_63d"] = zscore(crush, 63)
    out["crush_margin_momentum_7d"] = crush - lag(crush, 7)
    out["crush_margin_momentum_30d"] = crush - lag(crush, 30)

    for s in CONTEXT:
        daily = simple_return(context[s], 1)
        out[s + "_return_1d"], out[s + "_return_21d"] = daily, simple_return(context[s], 21)
        out[s + "_volatility_21d"] = deviation(daily, 21) * np.sqrt(252)
        for n in (30, 63, 90):
            out["zl_%s_corr_%dd" % (s, n)] = correlation(out["return_1d"], daily, n)
        out["zl_%s_beta_63d" % s] = beta(out["return_1d"], daily, 63)

    for name, series in SERIES.items():
        out[name] = known_values(series, *fred[series], dates) if series in fred else np.full(len(dates), np.nan)
    out["vix_21d_ma"] = mean(out["vix_level"], 21)
    out["vix_zscore"] = zscore(out["vix_level"], 63)
    out["vix_percentile"] = percentile(out["vix_level"], 252)
    out["usd_return_21d"] = simple_return(out["usd_index"], 21)

    at = np.searchsorted(business, dates)
    stamp, following = pd.DatetimeIndex(dates), pd.DatetimeIndex(business[at + 1])
    out["day_of_week"], out["month"], out["quarter"] = stamp.day_of_week, stamp.month, stamp.quarter
    out["is_month_end"] = stamp.month != following.month
    out["is_quarter_end"] = stamp.quarter != following.quarter
    notice = first_notice_days(business)
    out["days_to_first_notice"] = np.searchsorted(business, notice[np.searchsorted(notice, dates)]) - at

    out["regime_name"] = np.full(len(dates), None, dtype=object)
    out["regime_weight"] = np.full(len(dates), np.nan)
    for name, first, last, weight in REGIMES:
        inside = (dates >= np.datetime64(first)) & (dates <= np.datetime64(last))
        out["regime_name"][inside], out["regime_weight"][inside] = name, weight
    for name, n in TARGETS.items():
        out[name] = np.concatenate([close[n:], np.full(n, np.nan)]) / close - 1
    return pd.DataFrame(out)[COLUMNS]


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    options.add_argument("--bars", required=True, help="glob of ohlcv-1h files")
    options.add_argument("--fred", required=True, help="folder of FRED CSV files")
    options.add_argument("--out", required=True, help="CSV to write")
    arguments = options.parse_args()
    matrix = training_matrix(read_bars(arguments.bars), read_fred(arguments.fred))
    matrix.to_csv(arguments.out, index=False)
    print("%d trade dates, %d features, %s to %s" % (len(matrix), len(FEATURES), matrix["trade_date"].iloc[0].date(),
                                                     matrix["trade_date"].iloc[-1].date()))


if __name__ == "__main__":
    main()
