-- The soybean crush margin in US dollars per bushel: a bushel of beans gives 44 lb of meal (0.022 short tons, in dollars)
-- and 11 lb of oil (in cents, so 0.11 dollars a cent); beans are quoted in cents. The order of the operations is part of
-- the definition, since equal margins are ties of the percentile.
CREATE OR REPLACE VIEW features.zl_crush_daily AS
WITH margins AS (
  SELECT trade_date, zm * 0.022 + zl * 0.11 - zs / 100 AS crush_margin_gross
  FROM market_data.zl_context_closes
)
SELECT
  trade_date,
  crush_margin_gross,
  rolling_avg(crush_margin_gross, 21) OVER w               AS crush_margin_21d_ma,
  rolling_percentile(crush_margin_gross, 90) OVER w        AS crush_margin_percentile_90d,
  rolling_zscore(crush_margin_gross, 63) OVER w            AS crush_margin_zscore_63d,
  crush_margin_gross - lag(crush_margin_gross, 7) OVER w   AS crush_margin_momentum_7d,
  crush_margin_gross - lag(crush_margin_gross, 30) OVER w  AS crush_margin_momentum_30d
FROM margins
WINDOW w AS (ORDER BY trade_date);
