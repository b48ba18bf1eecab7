-- ZL beside soybeans, meal, crude and heating oil: their returns and volatility, and correlation and slope of ZL's daily
-- return on theirs.
CREATE OR REPLACE VIEW features.zl_cross_asset_daily AS
WITH returns AS (
  SELECT
    trade_date,
    zl / lag(zl, 1) OVER w - 1   AS zl_return_1d,
    zs / lag(zs, 1) OVER w - 1   AS zs_return_1d,
    zs / lag(zs, 21) OVER w - 1  AS zs_return_21d,
    zm / lag(zm, 1) OVER w - 1   AS zm_return_1d,
    zm / lag(zm, 21) OVER w - 1  AS zm_return_21d,
    cl / lag(cl, 1) OVER w - 1   AS cl_return_1d,
    cl / lag(cl, 21) OVER w - 1  AS cl_return_21d,
    ho / lag(ho, 1) OVER w - 1   AS ho_return_1d,
    ho / lag(ho, 21) OVER w - 1  AS ho_return_21d
  FROM market_data.zl_context_closes
  WINDOW w AS (ORDER BY trade_date)
)
SELECT
  trade_date,
  zs_return_1d,
  zs_return_21d,
  rolling_stddev(zs_return_1d, 21) OVER w * sqrt(252)    AS zs_volatility_21d,
  rolling_corr(zl_return_1d, zs_return_1d, 30) OVER w    AS zl_zs_corr_30d,
  rolling_corr(zl_return_1d, zs_return_1d, 63) OVER w    AS zl_zs_corr_63d,
  rolling_corr(zl_return_1d, zs_return_1d, 90) OVER w    AS zl_zs_corr_90d,
  rolling_beta(zl_return_1d, zs_return_1d, 63) OVER w    AS zl_zs_beta_63d,
  zm_return_1d,
  zm_return_21d,
  rolling_stddev(zm_return_1d, 21) OVER w * sqrt(252)    AS zm_volatility_21d,
  rolling_corr(zl_return_1d, zm_return_1d, 30) OVER w    AS zl_zm_corr_30d,
  rolling_corr(zl_return_1d, zm_return_1d, 63) OVER w    AS zl_zm_corr_63d,
  rolling_corr(zl_return_1d, zm_return_1d, 90) OVER w    AS zl_zm_corr_90d,
  rolling_beta(zl_return_1d, zm_return_1d, 63) OVER w    AS zl_zm_beta_63d,
  cl_return_1d,
  cl_return_21d,
  rolling_stddev(cl_return_1d, 21) OVER w * sqrt(252)    AS cl_volatility_21d,
  rolling_corr(zl_return_1d, cl_return_1d, 30) OVER w    AS zl_cl_corr_30d,
  rolling_corr(zl_return_1d, cl_return_1d, 63) OVER w    AS zl_cl_corr_63d,
  rolling_corr(zl_return_1d, cl_return_1d, 90) OVER w    AS zl_cl_corr_90d,
  rolling_beta(zl_return_1d, cl_return_1d, 63) OVER w    AS zl_cl_beta_63d,
  ho_return_1d,
  ho_return_21d,
  rolling_stddev(ho_return_1d, 21) OVER w * sqrt(252)    AS ho_volatility_21d,
  rolling_corr(zl_return_1d, ho_return_1d, 30) OVER w    AS zl_ho_corr_30d,
  rolling_corr(zl_return_1d, ho_return_1d, 63) OVER w    AS zl_ho_corr_63d,
  rolling_corr(zl_return_1d, ho_return_1d, 90) OVER w    AS zl_ho_corr_90d,
  rolling_beta(zl_return_1d, ho_return_1d, 63) OVER w    AS zl_ho_beta_63d
FROM returns
WINDOW w AS (ORDER BY trade_date);
