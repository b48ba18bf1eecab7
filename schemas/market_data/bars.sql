-- Bars. Names, order and types of the columns are those of Databento's ohlcv schemas, symbol last. ts_event is the
-- start of the bar, UTC; volume is in contracts. The files load into databento_futures_ohlcv_1h.

CREATE TABLE IF NOT EXISTS market_data.databento_futures_ohlcv_1h (
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
  PRIMARY KEY (symbol, ts_event)
) ORDER BY (symbol, ts_event);

CREATE TABLE IF NOT EXISTS market_data.zl_ohlcv_1s (
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
  PRIMARY KEY (symbol, ts_event)
) ORDER BY (symbol, ts_event);

CREATE TABLE IF NOT EXISTS market_data.zl_ohlcv_1m (
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
  PRIMARY KEY (symbol, ts_event)
) ORDER BY (symbol, ts_event);

CREATE TABLE IF NOT EXISTS market_data.zl_ohlcv_1h (
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
  PRIMARY KEY (symbol, ts_event)
) ORDER BY (symbol, ts_event);

CREATE TABLE IF NOT EXISTS market_data.zl_context_ohlcv_1h (
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
  PRIMARY KEY (symbol, ts_event)
) ORDER BY (symbol, ts_event);
