"""Times zlsql beside DuckDB and Polars on generated data, all on two threads, interleaved, every answer checked.

    python Benchmarks/bench.py [--rows 10000000] [--rounds 5] [--only TEXT] [--program PATH]

Each engine keeps the tables in memory. A round runs a workload once in each engine; figures are medians in milliseconds, the
ratio is the better peer's over ours. An answer that differs from DuckDB's by more than 1e-6 relative ends the run.
"""

import argparse
import json
import math
import os
import platform
import statistics
import subprocess
import sys
import time

os.environ["POLARS_MAX_THREADS"] = "2"
import duckdb
import polars

from workloads import DATA, WORKLOADS

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


class Zlsql:
    def __init__(self, program):
        self.process = subprocess.Popen([program, "--jsonl", "--threads", "2"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def run(self, sql):
        self.process.stdin.write(" ".join(sql.split()) + ";\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        if not answer.get("ok"):
            sys.exit("zlsql: %s\n%s" % (answer, sql))
        return answer["rows"][0] if answer.get("rows") else []

    @property
    def peak(self):
        with open("/proc/%d/status" % self.process.pid) as status:
            return next(int(line.split()[1]) // 1024 for line in status if line.startswith("VmHWM"))


class DuckDB:
    def __init__(self):
        self.connection = duckdb.connect(config={"threads": 2})

    def run(self, sql):
        row = self.connection.execute(sql).fetchone()
        return list(row) if row else []


def differs(ours, theirs):
    if len(ours) != len(theirs):
        return True
    for a, b in zip(ours, theirs):
        if (a is None) != (b is None):
            return True
        if a is not None and not math.isclose(float(a), float(b), rel_tol=1e-6, abs_tol=1e-6):
            return True
    return False


def timed(function, *arguments):
    started = time.perf_counter()
    answer = function(*arguments)
    return (time.perf_counter() - started) * 1000, answer


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    options.add_argument("--rows", type=int, default=10_000_000)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--only", default="")
    options.add_argument("--program", default=os.path.join(ROOT, ".build", "release", "zlsql"))
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
