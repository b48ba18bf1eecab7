"""Times zlsql beside DuckDB and Polars on generated data, all on two threads, interleaved, every answer checked.

    python Benchmarks/bench.py [--rows 10000000] [--rounds 5] [--only TEXT] [--program PATH]

Each engine keeps the tables in memory. A round runs a workload once in each engine; figures are medians in milliseconds, the
ratio is the better peer's over ours. An answer that differs from DuckDB's by more than 1e-6 relative ends the run.
"""

import argparse
import os
import platform
import statistics
import sys

from engines import PROGRAM, DuckDB, Zlsql, differs, timed
from workloads import DATA, WORKLOADS

import polars


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    options.add_argument("--rows", type=int, default=10_000_000)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--only", default="")
    options.add_argument("--program", default=PROGRAM)
    arguments = options.parse_args()
    ours, duck = Zlsql(arguments.program), DuckDB()
    for statement in DATA:
        statement = statement.format(rows=arguments.rows)
        ours.run(statement)
        duck.run(statement)
    frames = {name: polars.from_arrow(duck.connection.sql("SELECT * FROM " + name).to_arrow_table()) for name in ("bars", "keys")}
    print("%s rows, %s, %d cores, median of %d, milliseconds" % (
        format(arguments.rows, ","), platform.machine(), os.cpu_count(), arguments.rounds))
    print("%-30s %9s %9s %9s %8s %9s" % ("workload", "zlsql", "DuckDB", "Polars", "ratio", "ns/row"))
    for name, sql, with_polars in WORKLOADS:
        if arguments.only not in name:
            continue
        times = {"zlsql": [], "duckdb": [], "polars": []}
        for _ in range(arguments.rounds):
            spent, mine = timed(ours.run, sql)
            times["zlsql"].append(spent)
            spent, theirs = timed(duck.run, sql)
            times["duckdb"].append(spent)
            if differs(mine, theirs):
                sys.exit("%s: zlsql answers %s, DuckDB %s" % (name, mine, theirs))
            if with_polars:
                spent, others = timed(with_polars, polars, frames)
                times["polars"].append(spent)
                if differs(others, theirs):
                    sys.exit("%s: Polars answers %s, DuckDB %s" % (name, others, theirs))
        medians = {engine: statistics.median(values) for engine, values in times.items() if values}
        best = min(value for engine, value in medians.items() if engine != "zlsql")
        print("%-30s %9.1f %9.1f %9s %7.1fx %9.1f" % (
            name, medians["zlsql"], medians["duckdb"], "%.1f" % medians["polars"] if "polars" in medians else "-",
            best / medians["zlsql"], medians["zlsql"] * 1e6 / arguments.rows), flush=True)
    print("peak memory of zlsql with its tables: %d MB" % ours.peak)


if __name__ == "__main__":
    main()
