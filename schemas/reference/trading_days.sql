-- Every day of 2009 to 2031 for both exchange groups: the business day that a bar of that UTC date belongs to
-- (trade_date, the first on or after the date), the one before or on it, the one after it, and how many business days
-- there have been up to it, so that a number of business days between two dates is a difference.

CREATE OR REPLACE TABLE reference.trading_days (
  exchange_group        VARCHAR,
  date                  DATE,
  is_business_day       BOOLEAN NOT NULL,
  trade_date            DATE,
  previous_business_day DATE,
  next_business_day     DATE,
  business_day_number   BIGINT NOT NULL,
  PRIMARY KEY (exchange_group, date)
);

INSERT INTO reference.trading_days
WITH calendar AS (
  SELECT g.exchange_group, DATE '2009-01-01' + CAST(r.day AS INTEGER) AS date
  FROM (VALUES ('grains'), ('energy')) AS g(exchange_group)
  CROSS JOIN range(0, 8400) AS r(day)
),
days AS (
  SELECT c.exchange_group, c.date, isodow(c.date) <= 5 AND h.date IS NULL AS is_business_day
  FROM calendar AS c
  LEFT JOIN reference.holidays AS h
    ON h.exchange_group = c.exchange_group AND h.date = c.date AND h.kind = 'closed'
)
SELECT
  exchange_group,
  date,
  is_business_day,
  min(CASE WHEN is_business_day THEN date END) OVER on_or_after  AS trade_date,
  max(CASE WHEN is_business_day THEN date END) OVER on_or_before AS previous_business_day,
  min(CASE WHEN is_business_day THEN date END) OVER strictly_after AS next_business_day,
  count(CASE WHEN is_business_day THEN 1 END)  OVER on_or_before AS business_day_number
FROM days
WINDOW
  on_or_before   AS (PARTITION BY exchange_group ORDER BY date ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW),
  on_or_after    AS (PARTITION BY exchange_group ORDER BY date ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING),
  strictly_after AS (PARTITION BY exchange_group ORDER BY date ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING)
ORDER BY exchange_group, date;
