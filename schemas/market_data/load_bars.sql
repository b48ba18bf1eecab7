-- Adds the hourly bars (rtype 34) that are not there yet, and remembers the files by their content.

INSERT INTO market_data.databento_futures_ohlcv_1h
SELECT ts_event, rtype, publisher_id, instrument_id, open, high, low, close, volume, symbol
FROM read_databento(getvariable('bars'))
WHERE rtype = 34 AND symbol IS NOT NULL
ON CONFLICT DO NOTHING;

INSERT INTO raw.loaded_files
SELECT hash, name, schema, rows, first, last, CAST(now() AS TIMESTAMP) AS loaded_at
FROM databento_files(getvariable('bars'))
ON CONFLICT DO NOTHING;
