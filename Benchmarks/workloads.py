"""The workloads of bench.py and memory.py: data made by the same SQL in every engine, and queries that end in one row of figures.

A query's text may differ between engines where their dialects do; its figures may not. `rows` is the number of bars.
"""

import re

# Five symbols, each in order of time, prices in cents of a slow wave with noise; k has a tenth as many values as rows, s a
# hundredth. Everything comes from whole numbers, so that each engine makes the same bits. All but `bars` are made when a
# workload names them, and dropped after it.
DATA = {
    "bars": """
       SELECT i, CASE i // ({rows} // 5) WHEN 0 THEN 'CL' WHEN 1 THEN 'HO' WHEN 2 THEN 'ZL' WHEN 3 THEN 'ZM' ELSE 'ZS' END AS symbol,
              TIMESTAMP '2020-01-01' + CAST(i % ({rows} // 5) AS INTEGER) * INTERVAL 1 MINUTE AS ts,
              (6000 + (i // 1000) % 700 + (i * 7919) % 101) / 100 AS x,
              (4000 + (i // 700) % 900 + (i * 104729) % 97) / 100 AS y,
              (i * 31) % 977 AS v, (i * 48271) % ({rows} // 10) AS k, 'k' || CAST((i * 69621) % ({rows} // 100) AS VARCHAR) AS s
       FROM range({rows}) t(i)""",
    "shuffled": "SELECT symbol, ts, x FROM bars ORDER BY (i * 1000003) % {rows}",
    "bars500": """
       SELECT 'S' || CAST(10000 + i // ({rows} // 500) AS VARCHAR) AS symbol,
              TIMESTAMP '2020-01-01' + CAST(i % ({rows} // 500) AS INTEGER) * INTERVAL 1 MINUTE AS ts, x FROM bars""",
    "bars20000": """
       SELECT 'S' || CAST(10000 + i // ({rows} // 20000) AS VARCHAR) AS symbol,
              TIMESTAMP '2020-01-01' + CAST(i % ({rows} // 20000) AS INTEGER) * INTERVAL 1 MINUTE AS ts, x FROM bars""",
    "keys": "SELECT i AS k, i * 3 AS w FROM range({rows} // 10) t(i)",
    "quotes": "SELECT symbol, ts + INTERVAL 20 SECOND AS ts, y AS bid FROM bars WHERE i % 2 = 0",
    "ticks": "SELECT symbol, ts, v FROM bars ORDER BY ts, symbol",
    "spans": "SELECT j AS n, j * ({rows} // 1000) AS low, j * ({rows} // 1000) + {rows} // 2000 AS high FROM range(1000) t(j)",
}


def tables_of(query):
    """The tables that a query names, in the order in which they can be made."""
    words = set(re.findall(r"\w+", query if isinstance(query, str) else " ".join(query.values())))
    return [name for name in DATA if name in words]


def window(expression, order="symbol ORDER BY ts", table="bars"):
    # DuckDB gives NaN where a frame has one row, others NULL.
    return "SELECT count(*), sum(r) FROM (SELECT %s OVER (PARTITION BY %s ROWS %d PRECEDING) AS r FROM %s) WHERE isfinite(r)" % (
        expression[0], order, expression[1] - 1, table)


STDDEV = ("stddev_samp(x)", 63)
EIGHT = """SELECT sum(a), sum(b), sum(c) FILTER (WHERE isfinite(c)), sum(d) FILTER (WHERE isfinite(d)), sum(e), sum(f), sum(g), sum(h) FROM (SELECT
  avg(x) OVER w21 AS a, stddev_samp(x) OVER w63 AS b, corr(x, y) OVER w63 AS c, regr_slope(x, y) OVER w63 AS d,
  min(x) OVER w14 AS e, max(x) OVER w14 AS f, median(x) OVER w90 AS g, lag(x) OVER w AS h FROM bars
  WINDOW w AS (PARTITION BY symbol ORDER BY ts), w14 AS (PARTITION BY symbol ORDER BY ts ROWS 13 PRECEDING),
  w21 AS (PARTITION BY symbol ORDER BY ts ROWS 20 PRECEDING), w63 AS (PARTITION BY symbol ORDER BY ts ROWS 62 PRECEDING),
  w90 AS (PARTITION BY symbol ORDER BY ts ROWS 89 PRECEDING))"""


# Ties are broken, so that ranks and averaged ranks are the same; DuckDB counts the rows for the percentile itself.
RANK = {
    "zlsql": window(("percentile(x + i * 1e-9)", 90)),
    "DuckDB": """SELECT count(*), sum(r) FROM (SELECT rank(ORDER BY x + i * 1e-9) OVER w / count(*) OVER w AS r FROM bars
       WINDOW w AS (PARTITION BY symbol ORDER BY ts ROWS 89 PRECEDING))""",
}
ZSCORE = {
    "zlsql": window(("zscore(x)", 63)),
    "DuckDB": """SELECT count(*), sum(r) FROM (SELECT (x - avg(x) OVER w) / stddev_samp(x) OVER w AS r FROM bars
       WINDOW w AS (PARTITION BY symbol ORDER BY ts ROWS 62 PRECEDING)) WHERE isfinite(r)""",
}
# DuckDB has no such function. Ours starts with a mean, Polars with the first value: nothing is left of that after two days.
EMA = {
    "zlsql": """SELECT count(*), sum(a), sum(b) FROM (SELECT ts, ema(x, 12) OVER w AS a, ema(x, 26) OVER w AS b FROM bars
       WINDOW w AS (PARTITION BY symbol ORDER BY ts)) WHERE ts >= TIMESTAMP '2020-01-03'""",
}


def polars_rolling(function, table="bars"):
    """The same figures from a Polars frame: count and sum of a rolling expression by symbol."""
    def run(pl, frames):
        result = frames[table].select(function(pl).over("symbol").alias("r"))["r"]
        return [result.count(), result.sum()]
    return run


def finite(pl, expression):
    return pl.when(expression.is_finite()).then(expression)


def polars_beta(pl):
    return pl.rolling_cov("x", "y", window_size=63, min_samples=2) / pl.col("y").rolling_var(63, min_samples=2)


def polars_unsorted(pl, frames):
    result = frames["shuffled"].lazy().sort("symbol", "ts").select(pl.col("x").rolling_std(63, min_samples=2).over("symbol").alias("r"))
    return list(result.select(pl.col("r").count(), pl.col("r").sum().alias("s")).collect().row(0))


def polars_ema(pl, frames):
    spans = [pl.col("x").ewm_mean(span=span, adjust=False).over("symbol").alias(name) for span, name in ((12, "a"), (26, "b"))]
    return list(frames["bars"].lazy().select("ts", *spans).filter(pl.col("ts") >= pl.datetime(2020, 1, 3))
                .select(pl.len(), pl.col("a").sum(), pl.col("b").sum()).collect().row(0))


def polars_asof(table):
    """The same figures as of an inner ASOF join of a table with `quotes`."""
    def run(pl, frames):
        joined = frames[table].lazy().join_asof(frames["quotes"].lazy(), on="ts", by="symbol", check_sortedness=False)
        return list(joined.filter(pl.col("bid").is_not_null()).select(pl.len(), pl.col("bid").sum()).collect().row(0))
    return run


def polars_numbered(*keys):
    """Rows in order of some keys, their numbers told apart by 7."""
    return lambda pl, frames: list(frames["bars"].lazy().sort(*keys).select(n="v", r=pl.int_range(1, pl.len() + 1)).select(
        pl.len(), (pl.col("n") * (pl.col("r") % 7)).sum()).collect().row(0))


def polars_eight(pl, frames):
    def mean(name, size):
        return pl.col(name).rolling_mean(size, min_samples=1)

    xy = (pl.col("x") * pl.col("y")).rolling_mean(63, min_samples=1) - mean("x", 63) * mean("y", 63)
    square = [(pl.col(name) ** 2).rolling_mean(63, min_samples=1) - mean(name, 63) ** 2 for name in "xy"]
    columns = {"a": mean("x", 21), "b": pl.col("x").rolling_std(63, min_samples=2), "c": xy / (square[0] * square[1]).sqrt(), "d": xy / square[1],
               "e": pl.col("x").rolling_min(14, min_samples=1), "f": pl.col("x").rolling_max(14, min_samples=1),
               "g": pl.col("x").rolling_median(90, min_samples=1), "h": pl.col("x").shift(1)}
    frame = frames["bars"].lazy().select(*[column.over("symbol").alias(name) for name, column in columns.items()])
    finite = [pl.when(pl.col(name).is_finite()).then(pl.col(name)).sum().alias(name) for name in columns]
    return list(frame.select(finite).collect().row(0))


# name, query (all engines) or {engine: query}, function for Polars or None. min_samples is what SQL frames do.
WORKLOADS = [
    ("rolling mean 21", window(("avg(x)", 21)), polars_rolling(lambda pl: pl.col("x").rolling_mean(21, min_samples=1))),
    ("rolling stddev 63", window(STDDEV), polars_rolling(lambda pl: pl.col("x").rolling_std(63, min_samples=2))),
    ("rolling corr 63", window(("corr(x, y)", 63)),
     polars_rolling(lambda pl: finite(pl, pl.rolling_corr("x", "y", window_size=63, min_samples=2)))),
    ("rolling beta 63", window(("regr_slope(x, y)", 63)), polars_rolling(lambda pl: finite(pl, polars_beta(pl)))),
    ("rolling median 90", window(("median(x)", 90)), polars_rolling(lambda pl: pl.col("x").rolling_median(90, min_samples=1))),
    ("rolling quantile 90", window(("quantile_cont(x, 0.9)", 90)),
     polars_rolling(lambda pl: pl.col("x").rolling_quantile(0.9, "linear", 90, min_samples=1))),
    ("rolling percent rank 90", RANK,
     polars_rolling(lambda pl: (pl.col("x") + pl.col("i") * 1e-9).rolling_rank(90, min_samples=1) / pl.col("x").cum_count().clip(upper_bound=90))),
    ("rolling z-score 63", ZSCORE, polars_rolling(lambda pl: (lambda r: pl.when(r.is_finite()).then(r))(
        (pl.col("x") - pl.col("x").rolling_mean(63, min_samples=1)) / pl.col("x").rolling_std(63, min_samples=2)))),
    ("EMA 12 and 26", EMA, polars_ema),
    ("rolling min 14", window(("min(x)", 14)), polars_rolling(lambda pl: pl.col("x").rolling_min(14, min_samples=1))),
    ("lag", "SELECT count(r), sum(r) FROM (SELECT lag(x) OVER (PARTITION BY symbol ORDER BY ts) AS r FROM bars)",
     polars_rolling(lambda pl: pl.col("x").shift(1))),
    ("eight windows", EIGHT, polars_eight),
    ("mean 21, 500 symbols", window(("avg(x)", 21), table="bars500"),
     polars_rolling(lambda pl: pl.col("x").rolling_mean(21, min_samples=1), "bars500")),
    ("stddev 63, 500 symbols", window(STDDEV, table="bars500"),
     polars_rolling(lambda pl: pl.col("x").rolling_std(63, min_samples=2), "bars500")),
    ("mean 21, 20,000 symbols", window(("avg(x)", 21), table="bars20000"),
     polars_rolling(lambda pl: pl.col("x").rolling_mean(21, min_samples=1), "bars20000")),
    ("stddev 63, 20,000 symbols", window(STDDEV, table="bars20000"),
     polars_rolling(lambda pl: pl.col("x").rolling_std(63, min_samples=2), "bars20000")),
    ("stddev 63, unsorted input", window(STDDEV, table="shuffled"), polars_unsorted),
    ("sum", "SELECT sum(x) FROM bars", lambda pl, frames: [frames["bars"]["x"].sum()]),
    ("filter, sum, count", "SELECT sum(x), count(*) FROM bars WHERE x > 62.5 AND v < 400",
     lambda pl, frames: list(frames["bars"].lazy().filter((pl.col("x") > 62.5) & (pl.col("v") < 400))
                             .select(pl.col("x").sum(), pl.len()).collect().row(0))),
    ("group by 5 symbols", """SELECT count(*), sum(a), sum(b), sum(c), sum(d), sum(e) FROM (SELECT symbol, sum(x) AS a, avg(y) AS b,
       min(x) AS c, max(y) AS d, count(*) AS e FROM bars GROUP BY symbol)""",
     lambda pl, frames: list(frames["bars"].lazy().group_by("symbol").agg(
         pl.col("x").sum().alias("a"), pl.col("y").mean().alias("b"), pl.col("x").min().alias("c"), pl.col("y").max().alias("d"),
         pl.len().alias("e")).select(pl.len(), *[pl.col(c).sum() for c in "abcde"]).collect().row(0))),
    ("group by integers", "SELECT count(*), sum(a), max(b) FROM (SELECT k, sum(v) AS a, count(*) AS b FROM bars GROUP BY k)",
     lambda pl, frames: list(frames["bars"].lazy().group_by("k").agg(pl.col("v").sum().alias("a"), pl.len().alias("b"))
                             .select(pl.len(), pl.col("a").sum(), pl.col("b").max()).collect().row(0))),
    ("group by texts", "SELECT count(*), sum(a), max(b) FROM (SELECT s, sum(v) AS a, count(*) AS b FROM bars GROUP BY s)",
     lambda pl, frames: list(frames["bars"].lazy().group_by("s").agg(pl.col("v").sum().alias("a"), pl.len().alias("b"))
                             .select(pl.len(), pl.col("a").sum(), pl.col("b").max()).collect().row(0))),
    ("count distinct integers", "SELECT count(DISTINCT k) FROM bars", lambda pl, frames: [frames["bars"]["k"].n_unique()]),
    ("5-minute bars", """SELECT count(*), sum(o), sum(h), sum(l), sum(c), sum(w) FROM (SELECT symbol, time_bucket(INTERVAL '5 minutes', ts) AS b,
       first(x) AS o, max(x) AS h, min(x) AS l, last(x) AS c, sum(v) AS w FROM bars GROUP BY ALL)""", None),
    ("join", "SELECT count(*), sum(w) FROM bars JOIN keys USING (k)",
     lambda pl, frames: list(frames["bars"].lazy().join(frames["keys"].lazy(), on="k").select(pl.len(), pl.col("w").sum()).collect().row(0))),
    ("ASOF join, sorted", "SELECT count(*), sum(bid) FROM bars t ASOF JOIN quotes q ON t.symbol = q.symbol AND t.ts >= q.ts",
     polars_asof("bars")),
    ("ASOF join, by time", "SELECT count(*), sum(bid) FROM ticks t ASOF JOIN quotes q ON t.symbol = q.symbol AND t.ts >= q.ts",
     polars_asof("ticks")),
    ("range join", "SELECT count(*), sum(n) FROM (SELECT i FROM bars WHERE i % 100 = 7) b JOIN spans ON i >= low AND i < high", None),
    ("order by two keys", "SELECT count(*), sum(n * (r % 7)) FROM (SELECT v AS n, row_number() OVER (ORDER BY x, ts, symbol) AS r FROM bars)",
     polars_numbered("x", "ts", "symbol")),
    ("order by the sort key", "SELECT count(*), sum(n * (r % 7)) FROM (SELECT v AS n, row_number() OVER (ORDER BY symbol, ts) AS r FROM bars)",
     polars_numbered("symbol", "ts")),
    ("order by the sort key, limit", "SELECT sum(v) FROM (SELECT v FROM bars ORDER BY symbol, ts LIMIT 1000)", None),
    ("top 10", "SELECT sum(x), sum(i) FROM (SELECT x, i FROM bars ORDER BY x DESC, i LIMIT 10)", None),
    ("one day", "SELECT count(*), sum(x) FROM bars WHERE ts >= TIMESTAMP '2020-03-01' AND ts < TIMESTAMP '2020-03-02'",
     None),
    ("text equality", "SELECT count(*), sum(v) FROM bars WHERE symbol = 'ZL'",
     lambda pl, frames: list(frames["bars"].lazy().filter(pl.col("symbol") == "ZL").select(pl.len(), pl.col("v").sum()).collect().row(0))),
]


def pandas_rolling(function, table="bars"):
    def run(pd, frames):
        result = function(frames[table].groupby("symbol", sort=False, observed=True)["x"])
        return [int(result.count()), result.sum()]
    return run


def pandas_ema(pd, frames):
    frame = frames["bars"]
    sums = [frame.groupby("symbol", sort=False, observed=True)["x"].ewm(span=span, adjust=False).mean().to_numpy() for span in (12, 26)]
    late = (frame["ts"] >= pd.Timestamp(2020, 1, 3)).to_numpy()
    return [int(late.sum()), sums[0][late].sum(), sums[1][late].sum()]


def pandas_grouped(key):
    def run(pd, frames):
        groups = frames["bars"].groupby(key, sort=False, observed=True)["v"].agg(["sum", "count"])
        return [len(groups), int(groups["sum"].sum()), int(groups["count"].max())]
    return run


def pandas_symbols(pd, frames):
    groups = frames["bars"].groupby("symbol", sort=False, observed=True).agg(
        a=("x", "sum"), b=("y", "mean"), c=("x", "min"), d=("y", "max"), e=("x", "size"))
    return [len(groups)] + [groups[name].sum() for name in "abcde"]


def pandas_filter(pd, frames):
    frame = frames["bars"]
    kept = frame["x"][(frame["x"] > 62.5) & (frame["v"] < 400)]
    return [kept.sum(), len(kept)]


def pandas_join(pd, frames):
    joined = frames["bars"][["k"]].merge(frames["keys"], on="k")
    return [len(joined), int(joined["w"].sum())]


def pandas_asof(pd, frames):
    joined = pd.merge_asof(frames["ticks"][["symbol", "ts"]], frames["quotes"].sort_values("ts"), on="ts", by="symbol")["bid"]
    return [int(joined.count()), joined.sum()]


# Of the workloads by name, those that pandas has a function for, on one thread.
PANDAS = {
    "rolling mean 21": pandas_rolling(lambda x: x.rolling(21, min_periods=1).mean()),
    "rolling stddev 63": pandas_rolling(lambda x: x.rolling(63, min_periods=2).std()),
    "rolling median 90": pandas_rolling(lambda x: x.rolling(90, min_periods=1).median()),
    "rolling min 14": pandas_rolling(lambda x: x.rolling(14, min_periods=1).min()),
    "EMA 12 and 26": pandas_ema,
    "lag": pandas_rolling(lambda x: x.shift(1)),
    "mean 21, 500 symbols": pandas_rolling(lambda x: x.rolling(21, min_periods=1).mean(), "bars500"),
    "filter, sum, count": pandas_filter,
    "group by 5 symbols": pandas_symbols,
    "group by integers": pandas_grouped("k"),
    "group by texts": pandas_grouped("s"),
    "join": pandas_join,
    "ASOF join, by time": pandas_asof,
}
