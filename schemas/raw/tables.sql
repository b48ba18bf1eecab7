-- What came in: the macro observations as they were read, and the market data files by content.

CREATE TABLE IF NOT EXISTS raw.fred_observations (
  series_id        VARCHAR NOT NULL,
  observation_date DATE NOT NULL,
  value            DOUBLE,          -- NULL: FRED has no value for the day
  realtime_start   DATE             -- first day of the vintage (ALFRED); NULL: not known, the series' rule applies
);

CREATE TABLE IF NOT EXISTS raw.loaded_files (
  hash      VARCHAR PRIMARY KEY,
  name      VARCHAR NOT NULL,
  schema    VARCHAR,
  rows      BIGINT NOT NULL,
  first     TIMESTAMP_NS,
  last      TIMESTAMP_NS,
  loaded_at TIMESTAMP NOT NULL      -- of the first load; loading the same content again leaves the row alone
);
