-- Daily bars from hourly ones by Databento's own rule: one row a symbol and UTC day. Two columns are added: last_ts, the
-- ts_event of the day's last hourly bar, and is_roll, whether the instrument differs from the day before. The tables
-- are derived, so they are built anew.

CREATE OR REPLACE TABLE market_data.databento_futures_ohlcv_1d (
  ts_event      TIMESTAMP_NS,
  rtype         UTINYINT,
  publisher_id  USMALLINT,
  instrument_id UINTEGER,
  open          DOUBLE,
  high          DOUBLE,
  low           DOUBLE,
  close         DOUBLE,
  volume        UBIGINT,
  symbol        VARCHAR,
  last_ts       TIMESTAMP_NS NOT NULL,
  is_roll       BOOLEAN NOT NULL,
  PRIMARY KEY (symbol, ts_event)
) ORDER BY (symbol, ts_event);

INSERT INTO market_data.databento_futures_ohlcv_1d
WITH days AS (
  SELECT
    symbol,
    CAST(ts_event AS DATE)           AS day,
    arg_max(publisher_id, ts_event)  AS publisher_id,
    arg_max(instrument_id, ts_event) AS instrument_id,
    arg_min(open, ts_event)          AS open,
    max(high)                        AS high,
    min(low)                         AS low,
    arg_max(close, ts_event)         AS close,
    sum(volume)                      AS volume,
    max(ts_event)                    AS last_ts
  FROM market_data.databento_futures_ohlcv_1h
  GROUP BY symbol, CAST(ts_event AS DATE)
)
SELECT
  CAST(day AS TIMESTAMP_NS) AS ts_event,
  35 AS rtype,
  publisher_id,
  instrument_id,
  open,
  high,
  low,
  close,
  CAST(volume AS UBIGINT) AS volume,
  symbol,
  last_ts,
  coalesce(instrument_id <> lag(instrument_id) OVER (PARTITION BY symbol ORDER BY day), FALSE) AS is_roll
FROM days
ORDER BY symbol, day;

CREATE OR REPLACE TABLE market_data.zl_ohlcv_1d (
  ts_event      TIMESTAMP_NS,
  rtype         UTINYINT,
  publisher_id  USMALLINT,
  instrument_id UINTEGER,
  open          DOUBLE,
  high          DOUBLE,
  low           DOUBLE,
  close         DOUBLE,
  volume        UBIGINT,
  symbol        VARCHAR,
  last_ts       TIMESTAMP_NS NOT NULL,
  is_roll       BOOLEAN NOT NULL,
  PRIMARY KEY (symbol, ts_event)
) ORDER BY (symbol, ts_event);

CREATE OR REPLACE TABLE market_data.zl_context_ohlcv_1d (
  ts_event      TIMESTAMP_NS,
  rtype         UTINYINT,
  publisher_id  USMALLINT,
  instrument_id UINTEGER,
  open          DOUBLE,
  high          DOUBLE,
  low           DOUBLE,
  close         DOUBLE,
  volume        UBIGINT,
  symbol        VARCHAR,
  last_ts       TIMESTAMP_NS NOT NULL,
  is_roll       BOOLEAN NOT NULL,
  PRIMARY KEY (symbol, ts_event)
) ORDER BY (symbol, ts_event);
