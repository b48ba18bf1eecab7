-- First notice and last trade dates of the five roots' contracts, 2010 to 2031, from the exchange's rules.
--
-- Soy complex: first notice is the last business day of the month before the contract month, last trade the business
-- day before the 15th of the contract month. CL: last trade is the third business day before the 25th of the month
-- before; if the 25th is no business day, before the business day that precedes it. HO: the last business day of the
-- month before. Delivery of CL and HO follows the last trade, so they have no first notice date here.

CREATE OR REPLACE TABLE reference.contract_calendar (
  root              VARCHAR,
  contract          VARCHAR,
  first_notice_date DATE,
  last_trade_date   DATE NOT NULL,
  PRIMARY KEY (root, contract)
);

INSERT INTO reference.contract_calendar
WITH contracts AS (
  SELECT
    p.root,
    p.exchange_group,
    p.root || substr('FGHJKMNQUVXZ', m.month % 12 + 1, 1) || CAST(2009 + m.month // 12 AS VARCHAR) AS contract,
    make_date(2009 + m.month // 12, m.month % 12 + 1, 1)               AS month_start,
    make_date(2009 + (m.month - 1) // 12, (m.month - 1) % 12 + 1, 25)  AS day_25_before
  FROM (VALUES
    ('ZL', 'grains', 'FHKNQUVZ'),
    ('ZM', 'grains', 'FHKNQUVZ'),
    ('ZS', 'grains', 'FHKNQUX'),
    ('CL', 'energy', 'FGHJKMNQUVXZ'),
    ('HO', 'energy', 'FGHJKMNQUVXZ')
  ) AS p(root, exchange_group, months)
  CROSS JOIN range(12, 276) AS m(month)
  WHERE contains(p.months, substr('FGHJKMNQUVXZ', m.month % 12 + 1, 1))
)
SELECT
  c.root,
  c.contract,
  CASE WHEN c.exchange_group = 'grains' THEN month_before.previous_business_day END AS first_notice_date,
  CASE c.root
    WHEN 'CL' THEN crude.date
    WHEN 'HO' THEN month_before.previous_business_day
    ELSE mid_month.previous_business_day
  END AS last_trade_date
FROM contracts AS c
JOIN reference.trading_days AS month_before
  ON month_before.exchange_group = c.exchange_group AND month_before.date = c.month_start - 1
JOIN reference.trading_days AS mid_month
  ON mid_month.exchange_group = c.exchange_group AND mid_month.date = c.month_start + 13
JOIN reference.trading_days AS day_25
  ON day_25.exchange_group = c.exchange_group AND day_25.date = c.day_25_before
JOIN (SELECT * FROM reference.trading_days WHERE is_business_day) AS crude
  ON crude.exchange_group = c.exchange_group AND crude.business_day_number = day_25.business_day_number - 3
ORDER BY c.root, c.month_start;

-- For every calendar day the root's earliest first notice date on or after it, and the business days until then.
CREATE OR REPLACE TABLE reference.notice_days (
  root                 VARCHAR,
  date                 DATE,
  first_notice_date    DATE NOT NULL,
  days_to_first_notice BIGINT NOT NULL,
  PRIMARY KEY (root, date)
);

INSERT INTO reference.notice_days
WITH coming AS (
  SELECT
    r.root,
    d.date,
    d.business_day_number,
    min(n.first_notice_date) OVER (
      PARTITION BY r.root ORDER BY d.date ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS first_notice_date
  FROM reference.trading_days AS d
  CROSS JOIN (VALUES ('ZL'), ('ZM'), ('ZS')) AS r(root)
  LEFT JOIN reference.contract_calendar AS n ON n.root = r.root AND n.first_notice_date = d.date
  WHERE d.exchange_group = 'grains'
)
SELECT c.root, c.date, c.first_notice_date, f.business_day_number - c.business_day_number AS days_to_first_notice
FROM coming AS c
JOIN reference.trading_days AS f ON f.exchange_group = 'grains' AND f.date = c.first_notice_date
ORDER BY c.root, c.date;
