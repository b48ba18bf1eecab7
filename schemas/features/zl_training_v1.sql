-- The training matrix: one row for every ZL trade date, 79 features, the regime and its weight, four targets. Only the
-- targets look ahead.
CREATE OR REPLACE VIEW features.zl_training_v1 AS
SELECT
  ta.trade_date,
  ta.close,
  ta.return_1d,
  ta.return_5d,
  ta.return_21d,
  ta.ma_5,
  ta.ma_21,
  ta.ma_63,
  ta.volatility_21d,
  ta.rsi_14,
  crush.* EXCLUDE (trade_date),
  cross_asset.* EXCLUDE (trade_date),
  macro.* EXCLUDE (trade_date),
  ta.bb_upper,
  ta.bb_lower,
  ta.bb_percent_b,
  ta.macd_line,
  ta.macd_signal,
  ta.macd_histogram,
  ta.atr_14,
  ta.stoch_k,
  ta.stoch_d,
  ta.volume_zscore,
  ta.roc_10,
  ta.momentum_10,
  calendar.* EXCLUDE (trade_date),
  regime.regime_name,
  regime.regime_weight,
  lead(ta.close, 5) OVER w / ta.close - 1    AS return_1w_fwd,
  lead(ta.close, 21) OVER w / ta.close - 1   AS return_1m_fwd,
  lead(ta.close, 63) OVER w / ta.close - 1   AS return_3m_fwd,
  lead(ta.close, 126) OVER w / ta.close - 1  AS return_6m_fwd
FROM features.zl_ta_daily AS ta
LEFT JOIN features.zl_crush_daily AS crush ON crush.trade_date = ta.trade_date
LEFT JOIN features.zl_cross_asset_daily AS cross_asset ON cross_asset.trade_date = ta.trade_date
LEFT JOIN features.zl_macro_daily AS macro ON macro.trade_date = ta.trade_date
LEFT JOIN features.zl_calendar_daily AS calendar ON calendar.trade_date = ta.trade_date
LEFT JOIN training.regime_calendar AS regime ON ta.trade_date BETWEEN regime.start_date AND regime.end_date
WINDOW w AS (ORDER BY ta.trade_date);
