-- Official statistics: settlements, open interest, cleared volume and others by stat_type. Columns as in Databento's
-- schema, version 3. ts_ref is NULL for the types that refer to no date, and NULLs are never equal to a UNIQUE key, so a
-- load leaves out by anti join what it has (ts_ref IS NOT DISTINCT FROM ts_ref).

CREATE TABLE IF NOT EXISTS market_data.zl_statistics (
  ts_recv       TIMESTAMP_NS,
  ts_event      TIMESTAMP_NS,
  rtype         UTINYINT,
  publisher_id  USMALLINT,
  instrument_id UINTEGER,
  ts_ref        TIMESTAMP_NS,
  price         DOUBLE,
  quantity      BIGINT,
  sequence      UINTEGER,
  ts_in_delta   INTEGER,
  stat_type     USMALLINT,
  channel_id    USMALLINT,
  update_action UTINYINT,
  stat_flags    UTINYINT,
  symbol        VARCHAR,
  UNIQUE (symbol, ts_recv, stat_type, ts_ref, sequence)
) ORDER BY (symbol, ts_recv);

CREATE TABLE IF NOT EXISTS market_data.zl_context_statistics (
  ts_recv       TIMESTAMP_NS,
  ts_event      TIMESTAMP_NS,
  rtype         UTINYINT,
  publisher_id  USMALLINT,
  instrument_id UINTEGER,
  ts_ref        TIMESTAMP_NS,
  price         DOUBLE,
  quantity      BIGINT,
  sequence      UINTEGER,
  ts_in_delta   INTEGER,
  stat_type     USMALLINT,
  channel_id    USMALLINT,
  update_action UTINYINT,
  stat_flags    UTINYINT,
  symbol        VARCHAR,
  UNIQUE (symbol, ts_recv, stat_type, ts_ref, sequence)
) ORDER BY (symbol, ts_recv);
