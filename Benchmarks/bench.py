"""Times zlsql beside DuckDB and Polars on generated data, all on two threads, interleaved, every answer checked.

    python Benchmarks/bench.py [--rows 1000000,10000000] [--rounds 5] [--only TEXT] [--pandas] [--cpu] [--program PATH]

Each engine keeps the tables in memory. A round runs a workload once in each engine; figures are medians in milliseconds, the
ratio is the better peer's over ours. An answer that differs from a peer's by more than 1e-6 relative ends the run. With --cpu
figures are processor time of all threads, which others on the machine disturb less. With --pandas workloads that pandas has
functions for are timed there too, on its one thread; the ratio leaves it out. With more than one size, our cost per row
at each follows.
"""

import argparse
import os
import platform
import sys

from engines import PROGRAM, DuckDB, Zlsql, differs, geometric_mean, interleaved, processor_clocks
from workloads import DATA, PANDAS, WORKLOADS, tables_of

import polars


class Tables:
    """The tables of a size in all engines: made when a workload needs them, dropped when one does not."""

    def __init__(self, program, rows):
        self.rows, self.engines = rows, {"zlsql": Zlsql(program), "DuckDB": DuckDB()}
        # Frames of Polars and of pandas by table.
        self.frames, self.pandas, self.made = {}, {}, []

    def provide(self, query, with_frames, with_pandas):
        wanted = tables_of(query)
        for name in [name for name in self.made if name not in wanted and name != "bars"]:
            self.statement("DROP TABLE " + name)
            self.made.remove(name)
            self.frames.pop(name, None)
            self.pandas.pop(name, None)
        for name in ["bars"] + wanted:
            if name not in self.made:
                self.statement("CREATE TABLE %s AS %s" % (name, DATA[name].format(rows=self.rows)))
                self.made.append(name)
        for name in wanted if with_frames else []:
            if name not in self.frames:
                self.frames[name] = polars.from_arrow(self.engines["DuckDB"].connection.sql("SELECT * FROM " + name).to_arrow_table())
        for name in wanted if with_pandas else []:
            if name not in self.pandas:
                self.pandas[name] = self.engines["DuckDB"].connection.sql("SELECT * FROM " + name).df()

    def statement(self, sql):
        for engine in self.engines.values():
            engine.run(sql)


def measure(tables, name, query, with_polars, with_pandas, rounds, clocks):
    """Median milliseconds by engine."""
    tables.provide(query, with_polars, with_pandas)
    texts = query if isinstance(query, dict) else {engine: query for engine in tables.engines}
    runs = {engine: lambda engine=engine: tables.engines[engine].run(texts[engine]) for engine in texts}
    if with_polars:
        runs["Polars"] = lambda: with_polars(polars, tables.frames)
    if with_pandas:
        import pandas

        runs["pandas"] = lambda: with_pandas(pandas, tables.pandas)
    answers = {}

    def check(engine, answer):
        answers[engine] = answer
        for other, theirs in answers.items():
            if differs(answer, theirs):
                sys.exit("%s: %s answers %s, %s %s" % (name, engine, answer, other, theirs))

    return interleaved(runs, rounds, check, clocks)


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    options.add_argument("--rows", default="10000000")
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--only", default="")
    options.add_argument("--pandas", action="store_true")
    options.add_argument("--cpu", action="store_true")
    options.add_argument("--program", default=PROGRAM)
    arguments = options.parse_args()
    sizes = [int(size) for size in arguments.rows.split(",")]
    costs = {}
    for rows in sizes:
        tables = Tables(arguments.program, rows)
        clocks = processor_clocks(tables.engines) if arguments.cpu else {}
        print("%s rows, %s, %d cores, median of %d, milliseconds%s" % (
            format(rows, ","), platform.machine(), os.cpu_count(), arguments.rounds, " of processor time" if arguments.cpu else ""))
        print("%-30s %9s %9s %9s %9s %8s %9s" % ("workload", "zlsql", "DuckDB", "Polars", "pandas", "ratio", "ns/row"))
        ratios = []
        for name, query, with_polars in WORKLOADS:
            if arguments.only not in name:
                continue
            times = measure(tables, name, query, with_polars, PANDAS.get(name) if arguments.pandas else None, arguments.rounds, clocks)
            ours = times["zlsql"]
            ratios.append(min(times[engine] for engine in ("DuckDB", "Polars") if engine in times) / ours)
            costs.setdefault(name, []).append(ours * 1e6 / rows)
            peers = ["%.1f" % times[engine] if engine in times else "-" for engine in ("DuckDB", "Polars", "pandas")]
            print("%-30s %9.1f %9s %9s %9s %7.1fx %9.1f" % (name, ours, *peers, ratios[-1], costs[name][-1]), flush=True)
        print("geometric mean of the ratios: %.1f" % geometric_mean(ratios))
        for engine in tables.engines.values():
            engine.close()
    if len(sizes) > 1:
        print("%-30s" % "zlsql, nanoseconds a row at" + "".join("%13s" % format(size, ",") for size in sizes))
        for name, figures in costs.items():
            print("%-30s" % name + "".join("%13.1f" % figure for figure in figures))


if __name__ == "__main__":
    main()
