-- Versions 1 and 2 against the criteria, beside the forecast of no change and that of the training rows' mean on the same
-- rows: the five folds' reported rows together. MAE and direction are percent.
WITH whole AS (
  SELECT 'zl_v1' AS model, * FROM model_metrics('zl_v1') WHERE fold IS NULL
  UNION ALL
  SELECT 'zl_v2' AS model, * FROM model_metrics('zl_v2') WHERE fold IS NULL
),
v1 AS (SELECT * FROM whole WHERE model = 'zl_v1'),
v2 AS (SELECT * FROM whole WHERE model = 'zl_v2')
SELECT 'features' AS criterion, '50 to 100' AS aim, 9.0 AS zl_v1, 79.0 AS zl_v2, NULL AS zero_forecast,
       NULL AS mean_forecast, 'met' AS zl_v2_verdict
UNION ALL
SELECT 'MAE, percent', 'below 5.0', round(100 * v1.mae, 3), round(100 * v2.mae, 3), round(100 * v2.zero_mae, 3),
       round(100 * v2.mean_mae, 3), CASE WHEN v2.mae < 0.05 THEN 'met' ELSE 'not met' END
FROM v1 CROSS JOIN v2
UNION ALL
SELECT 'direction, percent', 'above 54', round(100 * v1.direction_accuracy, 2), round(100 * v2.direction_accuracy, 2),
       NULL, round(100 * v2.mean_direction_accuracy, 2),
       CASE WHEN v2.direction_accuracy > 0.54 THEN 'met' ELSE 'not met' END
FROM v1 CROSS JOIN v2
UNION ALL
SELECT 'best iteration', 'above 500', v1.best_iteration, v2.best_iteration, NULL, NULL,
       CASE WHEN v2.best_iteration > 500 THEN 'met' ELSE 'not met' END
FROM v1 CROSS JOIN v2
UNION ALL
SELECT 'MAE against the better plain forecast', 'below 100',
       round(100 * v1.mae / least(v1.zero_mae, v1.mean_mae), 2), round(100 * v2.mae / least(v2.zero_mae, v2.mean_mae), 2),
       NULL, NULL, CASE WHEN v2.mae < least(v2.zero_mae, v2.mean_mae) THEN 'met' ELSE 'not met' END
FROM v1 CROSS JOIN v2;
