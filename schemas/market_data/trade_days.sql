-- ZL's bars by trade date: bars of a Sunday or a holiday belong to the next business day of the exchange.
CREATE OR REPLACE VIEW market_data.zl_trade_days AS
SELECT
  c.trade_date,
  arg_min(b.open, b.ts_event)  AS open,
  max(b.high)                  AS high,
  min(b.low)                   AS low,
  arg_max(b.close, b.ts_event) AS close,
  sum(b.volume)                AS volume,
  max(b.last_ts)               AS last_ts
FROM market_data.zl_ohlcv_1d AS b
JOIN reference.trading_days AS c ON c.exchange_group = 'grains' AND c.date = CAST(b.ts_event AS DATE)
WHERE b.symbol = 'ZL.v.0'
GROUP BY c.trade_date;

-- The closes of the context at ZL's close: of each symbol the last hourly bar at or before ZL's last one of the trade
-- date, never a later hour.
CREATE OR REPLACE VIEW market_data.zl_context_closes AS
SELECT d.trade_date, d.close AS zl, zs.close AS zs, zm.close AS zm, cl.close AS cl, ho.close AS ho
FROM market_data.zl_trade_days AS d
ASOF LEFT JOIN (SELECT ts_event, close FROM market_data.zl_context_ohlcv_1h WHERE symbol = 'ZS.v.0') AS zs
  ON d.last_ts >= zs.ts_event
ASOF LEFT JOIN (SELECT ts_event, close FROM market_data.zl_context_ohlcv_1h WHERE symbol = 'ZM.v.0') AS zm
  ON d.last_ts >= zm.ts_event
ASOF LEFT JOIN (SELECT ts_event, close FROM market_data.zl_context_ohlcv_1h WHERE symbol = 'CL.v.0') AS cl
  ON d.last_ts >= cl.ts_event
ASOF LEFT JOIN (SELECT ts_event, close FROM market_data.zl_context_ohlcv_1h WHERE symbol = 'HO.v.0') AS ho
  ON d.last_ts >= ho.ts_event;
