-- The matrix that the models see.
SELECT
  count(*)                                         AS trade_dates,
  min(trade_date)                                  AS first,
  max(trade_date)                                  AS last,
  count(return_1m_fwd)                             AS with_target,
  avg(return_1m_fwd)                               AS mean_return_1m,
  avg(abs(return_1m_fwd))                          AS mean_absolute_return_1m
FROM features.zl_training_v1;
