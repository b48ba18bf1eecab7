"""TPC-H: the queries without correlated subqueries, answers checked at small scales, times beside DuckDB at a larger one.

    python Benchmarks/tpch.py --check                      answers at scale 0.01 and 0.1
    python Benchmarks/tpch.py [--scale 1] [--rounds 5] [--only 6] [--cpu] [--program PATH]

Schema, queries and answers come from the folder tpch in ../shared or in what ZLSQL_SHARED names; without it nothing is run.
tpchgen-cli makes the data, kept in .build/tpch. Each engine loads it into a database file of its own and has two threads.
The ratio is DuckDB's median over ours; with --cpu
of processor time of all threads.
"""

import argparse
import csv
import os
import platform
import subprocess
import sys
import tempfile

from engines import PROGRAM, ROOT, DuckDB, Zlsql, geometric_mean, interleaved, processor_clocks, rows_differ

SHARED = os.path.join(os.environ.get("ZLSQL_SHARED", os.path.join(ROOT, "..", "shared")), "tpch")
QUERIES = [1, 3, 5, 6, 7, 8, 9, 10, 12, 13, 14, 18, 19]
TABLES = ["region", "nation", "supplier", "customer", "part", "partsupp", "orders", "lineitem"]
# Sums of money may be added up as doubles; that is a hundredth at most.
TOLERANCE, FLOOR = 1e-8, 0.01


def generated(scale):
    """The folder with the tables of a scale as CSV; made where it is missing."""
    folder = os.path.join(ROOT, ".build", "tpch", "sf%g" % scale)
    done = os.path.join(folder, "complete")
    if not os.path.exists(done):
        os.makedirs(folder, exist_ok=True)
        generator = os.path.join(os.path.dirname(sys.executable), "tpchgen-cli")
        subprocess.run([generator, "csv", "-s", str(scale), "-o", folder, "--overwrite"], check=True, stdout=subprocess.DEVNULL)
        open(done, "w").close()
    return folder


def query(number):
    with open(os.path.join(SHARED, "queries", "q%02d.sql" % number)) as file:
        return file.read()


def load(engine, folder):
    with open(os.path.join(SHARED, "schema.sql")) as file:
        for statement in filter(str.strip, file.read().split(";")):
            engine.rows(statement)
    for table in TABLES:
        engine.rows("COPY %s FROM '%s' (HEADER)" % (table, os.path.join(folder, table + ".csv")))


def like(text, value):
    """A field of an answer file as the type that zlsql answers with."""
    if text == "NULL":
        return None
    return float(text) if isinstance(value, (int, float)) else text


def check(program, scale):
    ours = Zlsql(program)
    load(ours, generated(scale))
    wrong = 0
    for number in QUERIES:
        with open(os.path.join(SHARED, "answers-sf%g" % scale, "q%02d.csv" % number), newline="") as file:
            expected = list(csv.reader(file, delimiter="|"))[1:]
        answer = ours.rows(query(number))
        typed = [[like(text, value) for text, value in zip(row, mine)] for row, mine in zip(expected, answer)]
        difference = rows_differ(answer, typed + expected[len(typed):], TOLERANCE, FLOOR)
        if difference:
            wrong += 1
            print("q%02d at scale %g: %s" % (number, scale, difference))
    ours.close()
    print("TPC-H at scale %g: %d of %d answers right" % (scale, len(QUERIES) - wrong, len(QUERIES)))
    return wrong


def compare(program, scale, rounds, only, cpu):
    folder = generated(scale)
    with tempfile.TemporaryDirectory(dir=os.path.join(ROOT, ".build")) as place:
        engines = {"zlsql": Zlsql(program, database=os.path.join(place, "zlsql.db")),
                   "DuckDB": DuckDB(database=os.path.join(place, "duckdb.db"))}
        for engine in engines.values():
            load(engine, folder)
            engine.rows("CHECKPOINT")
        clocks = processor_clocks(engines) if cpu else {}
        print("TPC-H at scale %g, %s, two threads, median of %d, milliseconds%s" % (
            scale, platform.machine(), rounds, " of processor time" if cpu else ""))
        print("%-8s %9s %9s %8s" % ("query", "zlsql", "DuckDB", "ratio"))
        ratios = []
        for number in QUERIES:
            if only not in (None, number):
                continue
            sql, answers = query(number), {}

            def keep(name, answer):
                answers[name] = answer
                difference = rows_differ(answer, answers.get("DuckDB", answer), TOLERANCE, FLOOR)
                if difference:
                    sys.exit("q%02d: %s of %s" % (number, difference, name))

            for name, engine in engines.items():
                keep(name, engine.rows(sql))
            times = interleaved({name: lambda engine=engine: engine.rows(sql) for name, engine in engines.items()}, rounds, keep, clocks)
            ratios.append(times["DuckDB"] / times["zlsql"])
            print("q%02d %14.1f %9.1f %7.2fx" % (number, times["zlsql"], times["DuckDB"], ratios[-1]), flush=True)
        print("geometric mean of the ratios: %.2f" % geometric_mean(ratios))
        print("peak memory of zlsql: %d MB" % engines["zlsql"].peak)
        for engine in engines.values():
            engine.close()


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    options.add_argument("--check", action="store_true")
    options.add_argument("--scale", type=float, default=1)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--only", type=int)
    options.add_argument("--cpu", action="store_true")
    options.add_argument("--program", default=PROGRAM)
    arguments = options.parse_args()
    if not os.path.isdir(SHARED):
        print("TPC-H is left out: there is no folder %s" % os.path.normpath(SHARED))
        return
    if arguments.check:
        sys.exit(min(1, sum(check(arguments.program, scale) for scale in (0.01, 0.1))))
    compare(arguments.program, arguments.scale, arguments.rounds, arguments.only, arguments.cpu)


if __name__ == "__main__":
    main()
