-- The ZL engine from files to verdict: load, daily bars, features, models, export.
--
--   zlsql zl.db -v bars='FOLDER/*.dbn.zst' -v fred=FOLDER -v export=FOLDER -f schemas/pipeline.sql
--
-- bars    glob of Databento ohlcv-1h files, DBN or CSV, plain or compressed
-- fred    folder of FRED's CSV files; its sub-folders are read too
-- export  existing folder that receives zl_training_v1.csv
--
-- Every step may be run again: what is loaded is not loaded twice, what is derived is derived anew.

CREATE SCHEMA IF NOT EXISTS raw;
CREATE SCHEMA IF NOT EXISTS reference;
CREATE SCHEMA IF NOT EXISTS market_data;
CREATE SCHEMA IF NOT EXISTS features;
CREATE SCHEMA IF NOT EXISTS training;

-- What is known before any file is read.
.read reference/holidays.sql
.read reference/trading_days.sql
.read reference/contract_calendar.sql
.read reference/fred_series.sql
.read training/regime_calendar.sql

-- Tables, then the files.
.read raw/tables.sql
.read market_data/bars.sql
.read market_data/quotes_and_trades.sql
.read market_data/statistics.sql
.read market_data/load_bars.sql
.read raw/load_fred.sql

-- From hourly to daily, from generic to ZL and its context.
.read market_data/daily_bars.sql
.read market_data/migrate.sql
.read market_data/trade_days.sql
.read market_data/report.sql

-- One view a family of features, and the master view.
.read features/zl_ta_daily.sql
.read features/zl_crush_daily.sql
.read features/zl_cross_asset_daily.sql
.read raw/fred_published.sql
.read features/zl_macro_daily.sql
.read features/zl_calendar_daily.sql
.read features/zl_training_v1.sql
.read features/report.sql

COPY (SELECT * FROM features.zl_training_v1 ORDER BY trade_date)
  TO (getvariable('export') || '/zl_training_v1.csv') (HEADER);

-- Models and the verdict on them.
.read training/train.sql
.read training/criteria.sql
