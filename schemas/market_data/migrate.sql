-- From the generic tables to ZL's own and to those of its context: soybeans, meal, crude and heating oil.

INSERT INTO market_data.zl_ohlcv_1h
SELECT * FROM market_data.databento_futures_ohlcv_1h WHERE symbol LIKE 'ZL.%'
ON CONFLICT DO NOTHING;

INSERT INTO market_data.zl_context_ohlcv_1h
SELECT * FROM market_data.databento_futures_ohlcv_1h
WHERE symbol LIKE 'ZS.%' OR symbol LIKE 'ZM.%' OR symbol LIKE 'CL.%' OR symbol LIKE 'HO.%'
ON CONFLICT DO NOTHING;

INSERT INTO market_data.zl_ohlcv_1d
SELECT * FROM market_data.databento_futures_ohlcv_1d WHERE symbol LIKE 'ZL.%';

INSERT INTO market_data.zl_context_ohlcv_1d
SELECT * FROM market_data.databento_futures_ohlcv_1d
WHERE symbol LIKE 'ZS.%' OR symbol LIKE 'ZM.%' OR symbol LIKE 'CL.%' OR symbol LIKE 'HO.%';
