-- Adds the observations that are not there yet. Two files, or a file and the table, may hold the same series, day and
-- vintage, but must then agree.

INSERT INTO raw.fred_observations
WITH seen AS (
  SELECT series_id, observation_date, value, realtime_start, FALSE AS stored FROM read_fred(getvariable('fred'))
  UNION ALL
  SELECT series_id, observation_date, value, realtime_start, TRUE AS stored FROM raw.fred_observations
),
agreed AS (
  SELECT
    series_id,
    observation_date,
    CASE
      WHEN min(value) = max(value) AND count(value) = count(*) OR count(value) = 0 THEN min(value)
      ELSE error('FRED series ' || series_id || ' has different values for ' || CAST(observation_date AS VARCHAR))
    END AS value,
    realtime_start,
    bool_or(stored) AS stored
  FROM seen
  GROUP BY series_id, observation_date, realtime_start
)
SELECT series_id, observation_date, value, realtime_start
FROM agreed
WHERE NOT stored
ORDER BY series_id, observation_date, realtime_start;
