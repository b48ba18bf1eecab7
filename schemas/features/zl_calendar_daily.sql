-- Calendar features, from the exchange's calendar alone: the next business day is never read off the next row of data.
CREATE OR REPLACE VIEW features.zl_calendar_daily AS
SELECT
  t.trade_date,
  isodow(t.trade_date) - 1                                  AS day_of_week,
  month(t.trade_date)                                       AS month,
  quarter(t.trade_date)                                     AS quarter,
  month(c.next_business_day) <> month(t.trade_date)         AS is_month_end,
  quarter(c.next_business_day) <> quarter(t.trade_date)     AS is_quarter_end,
  n.days_to_first_notice
FROM market_data.zl_trade_days AS t
LEFT JOIN reference.trading_days AS c ON c.exchange_group = 'grains' AND c.date = t.trade_date
LEFT JOIN reference.notice_days AS n ON n.root = 'ZL' AND n.date = t.trade_date;
