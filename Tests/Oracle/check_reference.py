"""Checks the pipeline's tables against what is known from elsewhere: exit status 0 if all holds.

    python check_reference.py PROGRAM DATABASE

Tables and columns as the job states them; the grains' closures against the rules of zl_features.py; first notice and last
trade dates against published tables (ZL 2022/23, HO 2010, CL May 2020 around a Saturday 25th).
"""

import io
import subprocess
import sys

import pandas as pd

from zl_features import grain_holidays

BARS = "ts_event rtype publisher_id instrument_id open high low close volume symbol"
BOOK = "bid_px_%02d ask_px_%02d bid_sz_%02d ask_sz_%02d bid_ct_%02d ask_ct_%02d"
HEAD = "ts_recv ts_event rtype publisher_id instrument_id "
BBO = HEAD + "side price size flags sequence " + BOOK % ((0,) * 6) + " symbol"
TRADE = HEAD + "action side depth price size flags ts_in_delta sequence "
STATISTICS = (HEAD + "ts_ref price quantity sequence ts_in_delta stat_type channel_id update_action stat_flags symbol")
TABLES = {
    "market_data.databento_futures_ohlcv_1h": BARS,
    "market_data.databento_futures_ohlcv_1d": BARS + " last_ts is_roll",
    "market_data.zl_ohlcv_1s": BARS,
    "market_data.zl_ohlcv_1m": BARS,
    "market_data.zl_ohlcv_1h": BARS,
    "market_data.zl_ohlcv_1d": BARS + " last_ts is_roll",
    "market_data.zl_bbo_1s": BBO,
    "market_data.zl_bbo_1m": BBO,
    "market_data.zl_tbbo": TRADE + BOOK % ((0,) * 6) + " symbol",
    "market_data.zl_mbp_1": TRADE + BOOK % ((0,) * 6) + " symbol",
    "market_data.zl_mbp_10": TRADE + " ".join(BOOK % ((n,) * 6) for n in range(10)) + " symbol",
    "market_data.zl_mbo": HEAD + "action side price size channel_id order_id flags ts_in_delta sequence symbol",
    "market_data.zl_statistics": STATISTICS,
    "market_data.zl_context_ohlcv_1h": BARS,
    "market_data.zl_context_ohlcv_1d": BARS + " last_ts is_roll",
    "market_data.zl_context_bbo_1m": BBO,
    "market_data.zl_context_statistics": STATISTICS,
    "raw.fred_observations": "series_id observation_date value realtime_start",
    "raw.loaded_files": "hash name schema rows first last loaded_at",
    "reference.fred_series": "series_id name rule max_age",
    "reference.holidays": "date exchange_group kind",
    "reference.contract_calendar": "root contract first_notice_date last_trade_date",
}
CONTRACTS = {
    "ZLZ2022": ("2022-11-30", "2022-12-14"), "ZLF2023": ("2022-12-30", "2023-01-13"),
    "ZLH2023": ("2023-02-28", "2023-03-14"), "ZLK2023": ("2023-04-28", "2023-05-12"),
    "ZLN2023": ("2023-06-30", "2023-07-14"), "ZLQ2023": ("2023-07-31", "2023-08-14"),
    "ZLU2023": ("2023-08-31", "2023-09-14"), "ZLV2023": ("2023-09-29", "2023-10-13"),
    "HOG2010": ("", "2010-01-29"), "HOH2010": ("", "2010-02-26"), "HOJ2010": ("", "2010-03-31"),
    "CLK2020": ("", "2020-04-21"),
}


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    program, database = sys.argv[1:]
    complaints = []

    def query(sql):
        text = subprocess.run([program, "--csv", "--readonly", database, "-c", sql], check=True, capture_output=True,
                              text=True).stdout
        return pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False)

    for table, columns in TABLES.items():
        found = list(query("SELECT * FROM %s LIMIT 0" % table).columns)
        if found != columns.split():
            complaints.append("%s has columns %s, expected %s" % (table, found, columns.split()))
    closed = set(query("SELECT date FROM reference.holidays WHERE exchange_group = 'grains'")["date"])
    expected = {str(day) for day in grain_holidays()}
    if closed != expected:
        complaints.append("grain holidays: missing %s, extra %s" % (sorted(expected - closed), sorted(closed - expected)))
    calendar = query("SELECT * FROM reference.contract_calendar").set_index("contract")
    for contract, dates in CONTRACTS.items():
        found = tuple(calendar.loc[contract, ["first_notice_date", "last_trade_date"]])
        if found != dates:
            complaints.append("%s: first notice and last trade %s, expected %s" % (contract, found, dates))
    for line in complaints:
        print(line)
    sys.exit(1 if complaints else 0)


if __name__ == "__main__":
    main()
