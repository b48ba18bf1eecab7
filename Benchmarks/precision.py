"""Measures the worst error of rolling statistics on ill-conditioned series: zlsql beside DuckDB, Polars and pandas.

    python Benchmarks/precision.py [--rows 20000] [--width 63] [--program PATH]

The reference is the corrected two-pass formula in numpy's long double. Errors are relative: of deviations to the exact value, of z-scores,
correlations and slopes to the exact value or 1, of means to the window's largest value. The deviation of a constant window is exactly 0.
zlsql must stay under 1e-12; where it does not, the run fails.
"""

import argparse
import os
import sys
import tempfile

import numpy
import pandas
import polars

from engines import PROGRAM, DuckDB, Zlsql

MOST = 1e-12
STATISTICS = ("mean", "deviation", "z-score", "corr", "beta")


def series(rows, seed):
    """The series by name."""
    random = numpy.random.default_rng(seed)
    noise, place = random.standard_normal(rows), numpy.arange(rows)
    return {
        "level 1e9, unit noise": 1e9 + noise,
        "1e9 outliers in N(0, 1)": numpy.where(random.random(rows) < 0.002, 1e9, noise),
        "level shifts": noise + 1e6 * (place // 500 % 7) ** 3,
        "scale from 1e6 to 1e-6": noise * 10.0 ** (6 - 12 * place / rows),
        "constant windows": numpy.where(place // 150 % 2 == 0, noise, 1234.56789 + seed),
    }


def exact(x, y, width):
    """The statistics of whole windows."""
    a, b = [numpy.lib.stride_tricks.sliding_window_view(values.astype(numpy.longdouble), width) for values in (x, y)]
    da, db = [window - window.mean(axis=1, keepdims=True) for window in (a, b)]
    da, db = [d - d.mean(axis=1, keepdims=True) for d in (da, db)]
    spread, other, both = (da * da).sum(axis=1), (db * db).sum(axis=1), (da * db).sum(axis=1)
    constant = [(window == window[:, :1]).all(axis=1) for window in (a, b)]
    spread[constant[0]], other[constant[1]] = 0, 0
    with numpy.errstate(all="ignore"):
        deviation = numpy.sqrt(spread / (width - 1))
        return {"mean": a[:, 0] + (a - a[:, :1]).mean(axis=1), "deviation": deviation, "z-score": da[:, -1] / deviation,
                "corr": both / numpy.sqrt(spread) / numpy.sqrt(other), "beta": both / other}


def worst_error(found, wanted, statistic, x, width):
    """Of the rows that have an exact value; a missing one is an infinite error."""
    found = numpy.array([numpy.nan if value is None else value for value in found], dtype=numpy.longdouble)[width - 1:]
    largest = numpy.abs(numpy.lib.stride_tricks.sliding_window_view(x, width)).max(axis=1)
    scale = {"mean": largest, "deviation": numpy.abs(wanted)}.get(statistic, numpy.maximum(numpy.abs(wanted), 1))
    with numpy.errstate(all="ignore"):
        error = numpy.where(found == wanted, 0, numpy.abs(found - wanted) / scale)[numpy.isfinite(wanted)]
    return float(numpy.where(numpy.isnan(error), numpy.inf, error).max())


def from_sql(engine, zscore, width):
    columns = "avg(x) OVER w, stddev_samp(x) OVER w, %s, corr(x, y) OVER w, regr_slope(x, y) OVER w" % zscore
    rows = engine.rows("SELECT %s FROM t WINDOW w AS (ORDER BY i ROWS %d PRECEDING) ORDER BY i" % (columns, width - 1))
    return dict(zip(STATISTICS, zip(*[[None if value in ("NaN", "nan") else value for value in row] for row in rows])))


def from_polars(x, y, width):
    a, b = polars.col("x"), polars.col("y")
    columns = [a.rolling_mean(width), a.rolling_std(width), (a - a.rolling_mean(width)) / a.rolling_std(width),
               polars.rolling_corr(a, b, window_size=width), polars.rolling_cov(a, b, window_size=width) / b.rolling_var(width)]
    frame = polars.DataFrame({"x": x, "y": y}).select(column.alias(name) for column, name in zip(columns, STATISTICS))
    return {name: frame[name].to_list() for name in STATISTICS}


def from_pandas(x, y, width):
    x, y = pandas.Series(x), pandas.Series(y)
    a, b = x.rolling(width), y.rolling(width)
    return {"mean": a.mean(), "deviation": a.std(), "z-score": (x - a.mean()) / a.std(), "corr": a.corr(y), "beta": a.cov(y) / b.var()}


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    options.add_argument("--rows", type=int, default=20000)
    options.add_argument("--width", type=int, default=63)
    options.add_argument("--program", default=PROGRAM)
    arguments = options.parse_args()
    width, is_missed = arguments.width, False
    engines = {"zlsql": Zlsql(arguments.program), "DuckDB": DuckDB()}
    zscores = {"zlsql": "zscore(x) OVER w", "DuckDB": "(x - avg(x) OVER w) / stddev_samp(x) OVER w"}
    print("worst relative error, %d rows, windows of %d" % (arguments.rows, width))
    print("%-26s %-10s %9s %9s %9s %9s" % ("series", "statistic", "zlsql", "DuckDB", "Polars", "pandas"))
    left, right = series(arguments.rows, 1), series(arguments.rows, 2)
    for name in left:
        x, y = left[name], right[name]
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "series.csv")
            pandas.DataFrame({"i": range(len(x)), "x": x, "y": y}).to_csv(path, index=False, float_format="%.17g")
            for engine in engines.values():
                engine.rows("CREATE OR REPLACE TABLE t AS SELECT i, CAST(x AS DOUBLE) AS x, CAST(y AS DOUBLE) AS y FROM read_csv('%s')" % path)
        found = {engine: from_sql(engines[engine], zscores[engine], width) for engine in engines}
        found["Polars"], found["pandas"] = from_polars(x, y, width), from_pandas(x, y, width)
        wanted = exact(x, y, width)
        for statistic in STATISTICS:
            errors = [worst_error(found[engine][statistic], wanted[statistic], statistic, x, width) for engine in found]
            print("%-26s %-10s %9.1e %9.1e %9.1e %9.1e" % (name, statistic, *errors), flush=True)
            is_missed |= not errors[0] < MOST
    for engine in engines.values():
        engine.close()
    if is_missed:
        sys.exit("zlsql errs by more than %g" % MOST)


if __name__ == "__main__":
    main()
