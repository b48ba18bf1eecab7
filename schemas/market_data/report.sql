-- What has been loaded and built.
SELECT 'hourly bars, all symbols' AS loaded, count(*) AS rows, CAST(min(ts_event) AS DATE) AS first,
       CAST(max(ts_event) AS DATE) AS last
FROM market_data.databento_futures_ohlcv_1h
UNION ALL
SELECT 'hourly bars, ZL', count(*), CAST(min(ts_event) AS DATE), CAST(max(ts_event) AS DATE)
FROM market_data.zl_ohlcv_1h
UNION ALL
SELECT 'hourly bars, ZS ZM CL HO', count(*), CAST(min(ts_event) AS DATE), CAST(max(ts_event) AS DATE)
FROM market_data.zl_context_ohlcv_1h
UNION ALL
SELECT 'daily bars, ZL', count(*), CAST(min(ts_event) AS DATE), CAST(max(ts_event) AS DATE)
FROM market_data.zl_ohlcv_1d
UNION ALL
SELECT 'trade dates, ZL', count(*), min(trade_date), max(trade_date)
FROM market_data.zl_trade_days
UNION ALL
SELECT 'macro observations', count(*), min(observation_date), max(observation_date)
FROM raw.fred_observations;
