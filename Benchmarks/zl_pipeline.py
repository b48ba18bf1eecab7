"""The job of schemas/pipeline.sql as a quant writes it in Python: databento, pandas, PyArrow, LightGBM.

    python zl_pipeline.py --bars 'FOLDER/*.dbn.zst' --fred FOLDER --export FOLDER

All bars are read and kept (Parquet in place of the database), daily bars are built for all symbols, then the features of
ZL, versions 1 and 2 of the model over five purged folds and on all labelled rows, the criteria and the exported matrix.
Rolling statistics are pandas' own. The calendar and the names come from the oracle (Tests/Oracle).
"""

import argparse
import glob
import os
import sys
import time
import warnings

import databento
import lightgbm
import numpy as np
import pandas as pd
import talib
from sklearn.model_selection import TimeSeriesSplit

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Tests", "Oracle"))
from lightgbm_walk_forward import FOLDS, PATIENCE, PURGE, ROUNDS, TARGET, VERSIONS  # noqa: E402
from zl_features import (COLUMNS, CONTEXT, REGIMES, SERIES, TARGETS, business_days, first_notice_days,  # noqa: E402
                         read_csv_bars, read_fred)

warnings.filterwarnings("ignore", category=Warning, module="databento|zl_pipeline")


def load(pattern, export):
    parts = []
    for path in sorted(glob.glob(pattern)):
        if path.endswith(".csv"):
            part = read_csv_bars(path)
            part["ts_event"] = pd.to_datetime(part["ts_event"], utc=True)
        else:
            part = databento.DBNStore.from_file(path).to_df().reset_index()
        parts.append(part)
    bars = pd.concat(parts, ignore_index=True).drop_duplicates(["symbol", "ts_event"])
    bars = bars.sort_values(["symbol", "ts_event"], ignore_index=True)
    bars.to_parquet(os.path.join(export, "ohlcv_1h.parquet"), index=False)
    days = bars.groupby(["symbol", bars["ts_event"].dt.floor("D")]).agg(
        instrument_id=("instrument_id", "last"), open=("open", "first"), high=("high", "max"), low=("low", "min"),
        close=("close", "last"), volume=("volume", "sum"), last_ts=("ts_event", "last")).reset_index()
    days["is_roll"] = days["instrument_id"] != days.groupby("symbol")["instrument_id"].shift().fillna(days["instrument_id"])
    days.to_parquet(os.path.join(export, "ohlcv_1d.parquet"), index=False)
    return bars, days


def features(bars, days, fred):
    business = business_days()
    zl = days[days["symbol"] == "ZL.v.0"]
    dates = zl["ts_event"].dt.tz_localize(None).to_numpy().astype("datetime64[D]")
    f = zl.assign(trade_date=business[np.searchsorted(business, dates)]).groupby("trade_date").agg(
        high=("high", "max"), low=("low", "min"), close=("close", "last"), volume=("volume", "sum"),
        last_ts=("last_ts", "last")).reset_index()
    close, high, low = f["close"], f["high"], f["low"]
    for s in CONTEXT:
        one = bars[bars["symbol"] == s.upper() + ".v.0"][["ts_event", "close"]].rename(columns={"close": s})
        f = pd.merge_asof(f, one, left_on="last_ts", right_on="ts_event").drop(columns="ts_event")

    f["return_1d"], f["return_5d"], f["return_21d"] = close.pct_change(1), close.pct_change(5), close.pct_change(21)
    for n in (5, 21, 63):
        f["ma_%d" % n] = close.rolling(n).mean()
    f["volatility_21d"] = f["return_1d"].rolling(21).std() * np.sqrt(252)
    change = close.diff()
    f["rsi_14"] = 100 - 100 / (1 + change.clip(lower=0).rolling(14).mean() / (-change.clip(upper=0)).rolling(14).mean())
    f["bb_upper"], middle, f["bb_lower"] = talib.BBANDS(close, 20, 2, 2)
    f["bb_percent_b"] = (close - f["bb_lower"]) / (f["bb_upper"] - f["bb_lower"])
    f["macd_line"] = talib.MACD(close, 12, 26, 1)[0]
    _, f["macd_signal"], f["macd_histogram"] = talib.MACD(close, 12, 26, 9)
    f["atr_14"] = talib.ATR(high, low, close, 14)
    lowest = low.rolling(14).min()
    f["stoch_k"] = 100 * (close - lowest) / (high.rolling(14).max() - lowest)
    f["stoch_d"] = f["stoch_k"].rolling(3).mean()
    volume = f["volume"].rolling(63)
    f["volume_zscore"] = (f["volume"] - volume.mean()) / volume.std()
    f["roc_10"], f["momentum_10"] = close.pct_change(10), close.diff(10)

    crush = f["crush_margin_gross"] = f["zm"] * 0.022 + close * 0.11 - f["zs"] / 100
    f["crush_margin_21d_ma"] = crush.rolling(21).mean()
    f["crush_margin_percentile_90d"] = crush.rolling(90).rank(pct=True)
    f["crush_margin_zscore_63d"] = (crush - crush.rolling(63).mean()) / crush.rolling(63).std()
    f["crush_margin_momentum_7d"], f["crush_margin_momentum_30d"] = crush.diff(7), crush.diff(30)
    for s in CONTEXT:
        r = f[s + "_return_1d"] = f[s].pct_change(1)
        f[s + "_return_21d"], f[s + "_volatility_21d"] = f[s].pct_change(21), r.rolling(21).std() * np.sqrt(252)
        for n in (30, 63, 90):
            f["zl_%s_corr_%dd" % (s, n)] = f["return_1d"].rolling(n).corr(r)
        f["zl_%s_beta_63d" % s] = f["return_1d"].rolling(63).cov(r) / r.rolling(63).var()

    f["trade_date"] = f["trade_date"].astype("datetime64[s]")
    for name, series in SERIES.items():
        day, value = fred[series]
        weekday = (day.astype("int64") + 3) % 7
        if series.startswith("DEX") or series == "DTWEXBGS":
            published = day + (7 - weekday)
        elif series == "NFCI":
            published = day + 7
        else:
            published = day + np.select([weekday == 4, weekday == 5], [3, 2], 1)
        known = pd.DataFrame({"published": published, "observed": day, name: value})
        f = pd.merge_asof(f, known, left_on="trade_date", right_on="published")
        old = (f["trade_date"] - f["observed"]).dt.days > (21 if series == "NFCI" else 14)
        f[name] = f[name].mask(old)
        f = f.drop(columns=["published", "observed"])
    vix = f["vix_level"]
    f["vix_21d_ma"] = vix.rolling(21).mean()
    f["vix_zscore"] = (vix - vix.rolling(63).mean()) / vix.rolling(63).std()
    f["vix_percentile"] = vix.rolling(252).rank(pct=True)
    f["usd_return_21d"] = f["usd_index"].pct_change(21, fill_method=None)

    date = f["trade_date"].to_numpy().astype("datetime64[D]")
    at = np.searchsorted(business, date)
    stamp, following = pd.DatetimeIndex(date), pd.DatetimeIndex(business[at + 1])
    f["day_of_week"], f["month"], f["quarter"] = stamp.day_of_week, stamp.month, stamp.quarter
    f["is_month_end"], f["is_quarter_end"] = stamp.month != following.month, stamp.quarter != following.quarter
    notice = first_notice_days(business)
    f["days_to_first_notice"] = np.searchsorted(business, notice[np.searchsorted(notice, date)]) - at
    for name, first, last, weight in REGIMES:
        f.loc[f["trade_date"].between(first, last), ["regime_name", "regime_weight"]] = [name, weight]
    for name, n in TARGETS.items():
        f[name] = close.shift(-n) / close - 1
    return f[COLUMNS].copy()


def train(matrix, version, threads):
    names, own = VERSIONS[version]
    parameters = dict(own, objective="regression", metric="l1", seed=42, num_threads=threads, verbosity=-1)
    matrix = matrix[matrix[TARGET].notna()]
    x, y, w = matrix[names].astype(float), matrix[TARGET].to_numpy(), matrix["regime_weight"].to_numpy(dtype=float)

    def fit(rows):
        watched = int(len(rows) * 0.15)
        kept, watched = rows[:len(rows) - watched - PURGE], rows[len(rows) - watched:]
        data = lightgbm.Dataset(x.iloc[kept], y[kept], weight=w[kept], params=parameters)
        return lightgbm.train(parameters, data, ROUNDS, valid_sets=[data.create_valid(x.iloc[watched], y[watched])],
                              callbacks=[lightgbm.early_stopping(PATIENCE, verbose=False)])

    predicted, actual = [], []
    for before, reported in TimeSeriesSplit(FOLDS).split(x):
        predicted.append(fit(before[:len(before) - PURGE]).predict(x.iloc[reported]))
        actual.append(y[reported])
    predicted, actual = np.concatenate(predicted), np.concatenate(actual)
    model = fit(np.arange(len(x)))
    moved = actual != 0
    return model, {"version": version, "features": len(names), "mae": np.abs(predicted - actual).mean(),
                   "zero_mae": np.abs(actual).mean(), "best_iteration": model.best_iteration,
                   "direction_accuracy": (np.sign(predicted[moved]) == np.sign(actual[moved])).mean()}


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    options.add_argument("--bars", required=True)
    options.add_argument("--fred", required=True)
    options.add_argument("--export", required=True)
    # LightGBM is faster with one thread on a few thousand rows.
    options.add_argument("--threads", type=int, default=1)
    arguments = options.parse_args()
    started = time.monotonic()

    def stage(name):
        print("%-9s done after %6.2f s" % (name, time.monotonic() - started), flush=True)

    bars, days = load(arguments.bars, arguments.export)
    stage("load")
    matrix = features(bars, days, read_fred(arguments.fred))
    matrix.to_csv(os.path.join(arguments.export, "zl_training_v1.csv"), index=False)
    stage("features")
    criteria = []
    for version in (1, 2):
        model, row = train(matrix, version, arguments.threads)
        model.save_model(os.path.join(arguments.export, "zl_v%d.txt" % version))
        criteria.append(row)
    stage("train")
    print(pd.DataFrame(criteria).to_string(index=False))


if __name__ == "__main__":
    main()
