"""The group-by and join questions of db-benchmark (h2oai, duckdblabs) beside DuckDB and Polars, two threads each, interleaved.

    python Benchmarks/db_benchmark.py [--rows 10000000] [--rounds 3] [--part groupby|join] [--only q3] [--cpu] [--program PATH]

The data are made by the benchmark's rules from a seed (100 groups, no NULLs, unsorted). As there, an answer is a table or frame
made in memory within the clock; its checksums are compared outside it. The ratio is the better peer's median over ours;
with --cpu of processor time of all threads.
"""

import argparse
import os
import platform
import sys
import tempfile

import numpy

from engines import PROGRAM, ROOT, DuckDB, Zlsql, differs, geometric_mean, interleaved, processor_clocks

import polars as pl

GROUPS = 100


def coded(column, digits):
    return pl.format("id{}", pl.col(column).cast(pl.String).str.zfill(digits))


def grouping_data(rows):
    random = numpy.random.default_rng(108)
    many = rows // GROUPS
    frame = pl.DataFrame({name: random.integers(1, top + 1, rows) for name, top in
                          (("id1", GROUPS), ("id2", GROUPS), ("id3", many), ("id4", GROUPS), ("id5", GROUPS), ("id6", many), ("v1", 5), ("v2", 15))})
    return {"x": frame.with_columns(coded("id1", 3), coded("id2", 3), coded("id3", 10), v3=pl.Series(random.random(rows) * 100).round(6))}


def join_data(rows):
    """Nine in ten keys of each side have a partner; the big table's key is unique in both."""
    random = numpy.random.default_rng(108)
    sizes = [max(10, rows // 1_000_000), max(10, rows // 1000), rows]
    left, right = [], []
    for size in sizes:
        keys = random.permutation(size + size // 10) + 1
        both, only = keys[:size - size // 10], size // 10
        left.append(numpy.concatenate([both, keys[len(both):len(both) + only]]))
        right.append(numpy.concatenate([both, keys[len(both) + only:len(both) + 2 * only]]))

    def table(sides, count, value):
        columns = {}
        for number, keys in enumerate(sides, 1):
            columns["id%d" % number] = random.permutation(numpy.resize(keys, count))
        frame = pl.DataFrame(columns).with_columns(
            [pl.format("id{}", pl.col("id%d" % number)).alias("id%d" % (number + 3)) for number in range(1, len(sides) + 1)])
        return frame.with_columns(pl.Series(random.random(count) * 100).round(6).alias(value))

    tables = {"x": table(left, rows, "v1")}
    for name, count in (("small", 1), ("medium", 2), ("big", 3)):
        tables[name] = table(right[:count], sizes[count - 1], "v2")
    return tables


def grouped(keys, *aggregates):
    return lambda frames: frames["x"].lazy().group_by(keys).agg(*aggregates).collect()


# name, query or {engine: query}, Polars, checksum of the answer
GROUPING = [
    ("q1 sum by 100", "SELECT id1, sum(v1) AS v1 FROM x GROUP BY id1", grouped(["id1"], pl.col("v1").sum()), ["v1"]),
    ("q2 sum by 10k pairs", "SELECT id1, id2, sum(v1) AS v1 FROM x GROUP BY id1, id2", grouped(["id1", "id2"], pl.col("v1").sum()), ["v1"]),
    ("q3 sum, mean by many texts", "SELECT id3, sum(v1) AS v1, avg(v3) AS v3 FROM x GROUP BY id3",
     grouped(["id3"], pl.col("v1").sum(), pl.col("v3").mean()), ["v1", "v3"]),
    ("q4 three means by 100", "SELECT id4, avg(v1) AS v1, avg(v2) AS v2, avg(v3) AS v3 FROM x GROUP BY id4",
     grouped(["id4"], pl.col("v1").mean(), pl.col("v2").mean(), pl.col("v3").mean()), ["v1", "v2", "v3"]),
    ("q5 three sums by many", "SELECT id6, sum(v1) AS v1, sum(v2) AS v2, sum(v3) AS v3 FROM x GROUP BY id6",
     grouped(["id6"], pl.col("v1").sum(), pl.col("v2").sum(), pl.col("v3").sum()), ["v1", "v2", "v3"]),
    ("q6 median, sd by 10k pairs", "SELECT id4, id5, median(v3) AS m, stddev(v3) AS s FROM x GROUP BY id4, id5",
     grouped(["id4", "id5"], pl.col("v3").median().alias("m"), pl.col("v3").std().alias("s")), ["m", "s"]),
    ("q7 range by many texts", "SELECT id3, max(v1) - min(v2) AS r FROM x GROUP BY id3",
     grouped(["id3"], (pl.col("v1").max() - pl.col("v2").min()).alias("r")), ["r"]),
    ("q8 two largest by many",
     {"zlsql": """SELECT id6, v3 FROM (SELECT id6, v3, row_number() OVER (PARTITION BY id6 ORDER BY v3 DESC) AS n FROM x WHERE v3 IS NOT NULL)
                  WHERE n <= 2""",
      "DuckDB": "SELECT id6, unnest(max(v3, 2)) AS v3 FROM x WHERE v3 IS NOT NULL GROUP BY id6"},
     lambda frames: frames["x"].lazy().drop_nulls("v3").group_by("id6").agg(pl.col("v3").top_k(2)).explode("v3").collect(), ["v3"]),
    ("q9 correlation by 10k pairs", "SELECT id2, id4, pow(corr(v1, v2), 2) AS r FROM x GROUP BY id2, id4",
     grouped(["id2", "id4"], (pl.corr("v1", "v2") ** 2).alias("r")), ["r"]),
    ("q10 sum, count by six", "SELECT id1, id2, id3, id4, id5, id6, sum(v3) AS v3, count(*) AS n FROM x GROUP BY id1, id2, id3, id4, id5, id6",
     grouped(["id%d" % number for number in range(1, 7)], pl.col("v3").sum(), pl.len().alias("n")), ["v3", "n"]),
]


def joined(table, key, how="inner"):
    return lambda frames: frames["x"].lazy().join(frames[table].lazy(), on=key, how=how).collect()


JOINS = [
    ("q1 small by number", "SELECT x.*, small.id4 AS other4, v2 FROM x JOIN small USING (id1)", joined("small", "id1"), ["v1", "v2"]),
    ("q2 medium by number", "SELECT x.*, medium.id1 AS other1, medium.id4 AS other4, medium.id5 AS other5, v2 FROM x JOIN medium USING (id2)",
     joined("medium", "id2"), ["v1", "v2"]),
    ("q3 medium, left join", "SELECT x.*, medium.id1 AS other1, medium.id4 AS other4, medium.id5 AS other5, v2 FROM x LEFT JOIN medium USING (id2)",
     joined("medium", "id2", "left"), ["v1", "v2"]),
    ("q4 medium by text", "SELECT x.*, medium.id1 AS other1, medium.id2 AS other2, medium.id4 AS other4, v2 FROM x JOIN medium USING (id5)",
     joined("medium", "id5"), ["v1", "v2"]),
    ("q5 big by number", """SELECT x.*, big.id1 AS other1, big.id2 AS other2, big.id4 AS other4, big.id5 AS other5, big.id6 AS other6, v2
                            FROM x JOIN big USING (id3)""", joined("big", "id3"), ["v1", "v2"]),
]
PARTS = {"groupby": (grouping_data, GROUPING), "join": (join_data, JOINS)}
NUMBERS = {"Int64": "BIGINT", "Float64": "DOUBLE", "String": "VARCHAR"}


def loaded(program, frames):
    ours, duck = Zlsql(program), DuckDB()
    with tempfile.TemporaryDirectory(dir=os.path.join(ROOT, ".build")) as place:
        for name, frame in frames.items():
            path = os.path.join(place, name + ".csv")
            frame.write_csv(path)
            columns = ", ".join("%s %s" % (column, NUMBERS[str(kind)]) for column, kind in frame.schema.items())
            for engine in (ours, duck):
                engine.rows("CREATE TABLE %s (%s)" % (name, columns))
                engine.rows("COPY %s FROM '%s' (HEADER)" % (name, path))
            os.remove(path)
    return {"zlsql": ours, "DuckDB": duck}


def measure(part, arguments):
    make, questions = PARTS[part]
    frames = make(arguments.rows)
    engines = loaded(arguments.program, frames)
    print("%s, %s rows, %s, two threads, median of %d, milliseconds%s" % (
        part, format(arguments.rows, ","), platform.machine(), arguments.rounds, " of processor time" if arguments.cpu else ""))
    print("%-28s %9s %9s %9s %8s" % ("question", "zlsql", "DuckDB", "Polars", "ratio"))
    ratios = []
    for name, query, with_polars, sums in questions:
        if arguments.only and arguments.only not in name.split():
            continue
        checks = {}

        def in_engine(engine):
            text = query if isinstance(query, str) else query[engine]
            return lambda: engines[engine].rows("CREATE TABLE answer AS " + text)

        def check(engine, answer):
            if engine == "Polars":
                checks[engine] = [answer.height] + [answer[column].sum() for column in sums]
            else:
                checks[engine] = engines[engine].run("SELECT count(*), %s FROM answer" % ", ".join("sum(%s)" % column for column in sums))
                engines[engine].rows("DROP TABLE answer")
            if differs(checks[engine], checks["DuckDB"] if "DuckDB" in checks else checks[engine]):
                sys.exit("%s: %s answers %s, DuckDB %s" % (name, engine, checks[engine], checks["DuckDB"]))

        runs = {"DuckDB": in_engine("DuckDB"), "zlsql": in_engine("zlsql"), "Polars": lambda: with_polars(frames)}
        times = interleaved(runs, arguments.rounds, check, processor_clocks(engines) if arguments.cpu else {})
        ratios.append(min(times["DuckDB"], times["Polars"]) / times["zlsql"])
        print("%-28s %9.1f %9.1f %9.1f %7.2fx" % (name, times["zlsql"], times["DuckDB"], times["Polars"], ratios[-1]), flush=True)
    print("geometric mean of %s: %.2f; peak memory of zlsql: %d MB" % (part, geometric_mean(ratios), engines["zlsql"].peak))
    for engine in engines.values():
        engine.close()
    return ratios


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    options.add_argument("--rows", type=int, default=10_000_000)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--part", choices=sorted(PARTS))
    options.add_argument("--only", default="")
    options.add_argument("--cpu", action="store_true")
    options.add_argument("--program", default=PROGRAM)
    arguments = options.parse_args()
    ratios = []
    for part in [arguments.part] if arguments.part else PARTS:
        ratios += measure(part, arguments)
    print("geometric mean of all: %.2f" % geometric_mean(ratios))


if __name__ == "__main__":
    main()
