-- Per series and day of publication the newest observation known from then on. A vintage's first day is its day of
-- publication; without one the rule of reference.fred_series gives it. A late revision of an older observation never
-- takes the place of a newer one. Series without a rule are not published.

CREATE OR REPLACE VIEW raw.fred_published AS
WITH dated AS (
  SELECT
    o.series_id,
    o.observation_date,
    o.value,
    coalesce(o.realtime_start, CASE s.rule
      WHEN 'weekly'     THEN o.observation_date + CAST(8 - isodow(o.observation_date) AS INTEGER)
      WHEN 'seven days' THEN o.observation_date + 7
      ELSE o.observation_date + CASE isodow(o.observation_date) WHEN 5 THEN 3 WHEN 6 THEN 2 ELSE 1 END
    END) AS published_on
  FROM raw.fred_observations AS o
  JOIN reference.fred_series AS s ON s.series_id = o.series_id
  WHERE o.value IS NOT NULL
),
newest_of_day AS (
  SELECT series_id, published_on, max(observation_date) AS observation_date, arg_max(value, observation_date) AS value
  FROM dated
  GROUP BY series_id, published_on
),
running AS (
  SELECT *, max(observation_date) OVER (
    PARTITION BY series_id ORDER BY published_on ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS newest
  FROM newest_of_day
)
SELECT series_id, published_on, observation_date, value
FROM running
WHERE observation_date = newest;
