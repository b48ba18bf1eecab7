-- The same models as train.sql with early stopping on the reported fold itself, as many scripts do. Their figures are
-- optimistic: they serve for comparison only, and are no part of the pipeline. Run after it:
--
--   zlsql zl.db -f schemas/training/train_inner_none.sql
TRAIN BOOSTED OR REPLACE zl_v1_inner_none
  ON features.zl_training_v1
  TARGET return_1m_fwd
  FEATURES (close, return_1d, return_5d, return_21d, ma_5, ma_21, ma_63, volatility_21d, rsi_14)
  ORDER BY trade_date
  WEIGHT regime_weight
  VALIDATE WALK FORWARD (FOLDS 5, PURGE 21, INNER NONE)
  WITH (
    objective = 'regression', metric = 'l1', seed = 42,
    num_iterations = 3000, early_stopping_round = 100, metric_freq = 50,
    num_leaves = 31, learning_rate = 0.05, feature_fraction = 0.9, bagging_fraction = 0.8, bagging_freq = 5
  );

TRAIN BOOSTED OR REPLACE zl_v2_inner_none
  ON features.zl_training_v1
  TARGET return_1m_fwd
  FEATURES (* EXCLUDE (trade_date, regime_name, regime_weight, return_1w_fwd, return_3m_fwd, return_6m_fwd))
  ORDER BY trade_date
  WEIGHT regime_weight
  VALIDATE WALK FORWARD (FOLDS 5, PURGE 21, INNER NONE)
  WITH (
    objective = 'regression', metric = 'l1', seed = 42,
    num_iterations = 3000, early_stopping_round = 100, metric_freq = 50,
    learning_rate = 0.01, num_leaves = 63, max_depth = 8, min_data_in_leaf = 50,
    feature_fraction = 0.8, bagging_fraction = 0.8, bagging_freq = 5, lambda_l1 = 0.1, lambda_l2 = 0.1
  );
