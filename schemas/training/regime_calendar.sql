-- Market regimes and the weight of their rows in training. Both dates are inclusive.

CREATE TABLE IF NOT EXISTS training.regime_calendar (
  regime_name   VARCHAR PRIMARY KEY,
  start_date    DATE NOT NULL,
  end_date      DATE NOT NULL,
  regime_weight DOUBLE NOT NULL
);

INSERT INTO training.regime_calendar VALUES
  ('pre_trade_war',      '2010-01-01', '2018-02-28', 100),
  ('trade_war',          '2018-03-01', '2019-12-31', 300),
  ('covid_crash',        '2020-01-01', '2020-05-31', 200),
  ('covid_recovery',     '2020-06-01', '2020-12-31', 200),
  ('inflation',          '2021-01-01', '2022-12-31', 300),
  ('trump_anticipation', '2023-01-01', '2025-01-19', 400),
  ('trump_term',         '2025-01-20', '2029-12-31', 600)
ON CONFLICT DO NOTHING;
