-- Price features of ZL, one row a trade date: the nine of version 1, then the enhanced ones. Returns are simple,
-- windows count trade dates, every value is NULL until its window is full.
CREATE OR REPLACE VIEW features.zl_ta_daily AS
WITH changes AS (
  SELECT
    trade_date,
    high,
    low,
    close,
    CAST(volume AS DOUBLE)             AS volume,
    close / lag(close, 1) OVER w - 1   AS return_1d,
    close - lag(close, 1) OVER w       AS change
  FROM market_data.zl_trade_days
  WINDOW w AS (ORDER BY trade_date)
),
averages AS (
  SELECT
    *,
    rolling_avg(CASE WHEN change < 0 THEN 0.0 ELSE change END, 14) OVER w  AS gain,
    rolling_avg(CASE WHEN change > 0 THEN 0.0 ELSE -change END, 14) OVER w AS loss,
    100 * (close - rolling_min(low, 14) OVER w)
      / (rolling_max(high, 14) OVER w - rolling_min(low, 14) OVER w)       AS stoch_k
  FROM changes
  WINDOW w AS (ORDER BY trade_date)
)
SELECT
  trade_date,
  close,
  return_1d,
  close / lag(close, 5) OVER w - 1                   AS return_5d,
  close / lag(close, 21) OVER w - 1                  AS return_21d,
  rolling_avg(close, 5) OVER w                       AS ma_5,
  rolling_avg(close, 21) OVER w                      AS ma_21,
  rolling_avg(close, 63) OVER w                      AS ma_63,
  rolling_stddev(return_1d, 21) OVER w * sqrt(252)   AS volatility_21d,
  -- Plain means, not Wilder's. Without a loss in the window it is 100, without any change it is undefined.
  CASE WHEN loss > 0 THEN 100 - 100 / (1 + gain / loss) WHEN gain > 0 THEN 100.0 END AS rsi_14,
  bollinger_upper(close, 20, 2) OVER w               AS bb_upper,
  bollinger_lower(close, 20, 2) OVER w               AS bb_lower,
  bollinger_percent_b(close, 20, 2) OVER w           AS bb_percent_b,
  macd_line(close, 12, 26, 9) OVER w                 AS macd_line,
  macd_signal(close, 12, 26, 9) OVER w               AS macd_signal,
  macd_histogram(close, 12, 26, 9) OVER w            AS macd_histogram,
  atr(high, low, close, 14) OVER w                   AS atr_14,
  stoch_k,
  rolling_avg(stoch_k, 3) OVER w                     AS stoch_d,
  rolling_zscore(volume, 63) OVER w                  AS volume_zscore,
  close / lag(close, 10) OVER w - 1                  AS roc_10,
  close - lag(close, 10) OVER w                      AS momentum_10
FROM averages
WINDOW w AS (ORDER BY trade_date);
