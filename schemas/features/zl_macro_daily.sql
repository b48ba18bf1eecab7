-- Macro features as they were known on the trade date: the latest published value of each series, until it is older than
-- the series' greatest age.
CREATE OR REPLACE VIEW features.zl_macro_daily AS
WITH known AS (
  SELECT
    d.trade_date,
    d.series_id,
    CASE WHEN d.trade_date - p.observation_date <= d.max_age THEN p.value END AS value
  FROM (
    SELECT t.trade_date, s.series_id, s.max_age
    FROM market_data.zl_trade_days AS t
    CROSS JOIN reference.fred_series AS s
  ) AS d
  ASOF LEFT JOIN raw.fred_published AS p ON p.series_id = d.series_id AND d.trade_date >= p.published_on
),
levels AS (
  SELECT
    trade_date,
    max(value) FILTER (WHERE series_id = 'VIXCLS')       AS vix_level,
    max(value) FILTER (WHERE series_id = 'DFF')          AS fed_funds_rate,
    max(value) FILTER (WHERE series_id = 'T10Y2Y')       AS yield_curve_10y_2y,
    max(value) FILTER (WHERE series_id = 'DTWEXBGS')     AS usd_index,
    max(value) FILTER (WHERE series_id = 'BAMLC0A0CM')   AS ig_spread,
    max(value) FILTER (WHERE series_id = 'BAMLH0A0HYM2') AS hy_spread,
    max(value) FILTER (WHERE series_id = 'TEDRATE')      AS ted_spread,
    max(value) FILTER (WHERE series_id = 'T10YIE')       AS breakeven_inflation_10y,
    max(value) FILTER (WHERE series_id = 'NFCI')         AS financial_conditions_index,
    max(value) FILTER (WHERE series_id = 'DEXBZUS')      AS usd_brl,
    max(value) FILTER (WHERE series_id = 'DEXCHUS')      AS usd_cny,
    max(value) FILTER (WHERE series_id = 'DEXJPUS')      AS usd_jpy,
    max(value) FILTER (WHERE series_id = 'DEXUSEU')      AS eur_usd
  FROM known
  GROUP BY trade_date
)
SELECT
  trade_date,
  vix_level,
  rolling_avg(vix_level, 21) OVER w          AS vix_21d_ma,
  rolling_zscore(vix_level, 63) OVER w       AS vix_zscore,
  rolling_percentile(vix_level, 252) OVER w  AS vix_percentile,
  fed_funds_rate,
  yield_curve_10y_2y,
  usd_index,
  usd_index / lag(usd_index, 21) OVER w - 1  AS usd_return_21d,
  ig_spread,
  hy_spread,
  ted_spread,
  breakeven_inflation_10y,
  financial_conditions_index,
  usd_brl,
  usd_cny,
  usd_jpy,
  eur_usd,
  usd_index                                  AS dollar_index_broad
FROM levels
WINDOW w AS (ORDER BY trade_date);
