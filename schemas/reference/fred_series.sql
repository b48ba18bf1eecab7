-- When a FRED value becomes known, and for how long it holds.
--
-- rule     'next weekday': on the first Monday to Friday after the observation
--          'weekly':       on the Monday after the observation's week
--          'seven days':   seven days after the observation
-- max_age  calendar days from the observation after which the value is no longer used

CREATE TABLE IF NOT EXISTS reference.fred_series (
  series_id VARCHAR PRIMARY KEY,
  name      VARCHAR NOT NULL,
  rule      VARCHAR NOT NULL DEFAULT 'next weekday' CHECK (rule IN ('next weekday', 'weekly', 'seven days')),
  max_age   INTEGER NOT NULL DEFAULT 14
);

INSERT INTO reference.fred_series VALUES
  ('BAMLC0A0CM',   'Investment grade corporate spread, percent',            'next weekday', 14),
  ('BAMLH0A0HYM2', 'High yield corporate spread, percent',                  'next weekday', 14),
  ('DCOILWTICO',   'WTI spot price, US dollars per barrel',                 'next weekday', 14),
  ('DEXBZUS',      'Brazilian reals per US dollar',                         'weekly',       14),
  ('DEXCHUS',      'Chinese yuan per US dollar',                            'weekly',       14),
  ('DEXJPUS',      'Japanese yen per US dollar',                            'weekly',       14),
  ('DEXUSEU',      'US dollars per euro',                                   'weekly',       14),
  ('DFF',          'Effective federal funds rate, percent',                 'next weekday', 14),
  ('DGS10',        'Treasury yield, ten years, percent',                    'next weekday', 14),
  ('DGS2',         'Treasury yield, two years, percent',                    'next weekday', 14),
  ('DTWEXBGS',     'Broad US dollar index, January 2006 = 100',             'weekly',       14),
  ('NFCI',         'Chicago Fed national financial conditions index',       'seven days',   21),
  ('T10Y2Y',       'Ten-year minus two-year Treasury yield, percent',       'next weekday', 14),
  ('T10YIE',       'Ten-year breakeven inflation, percent',                 'next weekday', 14),
  ('TEDRATE',      'TED spread, percent',                                   'next weekday', 14),
  ('VIXCLS',       'VIX, close',                                            'next weekday', 14)
ON CONFLICT DO NOTHING;
