"""Times what is over before one looks up: starting, opening a database, a view of features over 4,000 rows.

    python Benchmarks/small.py [--rounds 51] [--program PATH]

`SELECT 1` and opening are whole processes of zlsql and of sqlite3, interleaved; DuckDB's opening is within this process, without
a start of its own. The view is read in open sessions of zlsql and DuckDB. Medians in milliseconds.
"""

import argparse
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile

from engines import PROGRAM, ROOT, DuckDB, Zlsql, differs, interleaved, peak_of

ROWS = "SELECT i, 1000 + (i * 7919) % 997 AS v, (6000 + (i // 10) % 700 + (i * 7919) % 101) / 100 AS x FROM range(100000) t(i)"
# Four thousand trade days; the view has what a model of daily prices is fed with.
DAYS = """CREATE TABLE days AS SELECT DATE '2010-01-01' + CAST(i AS INTEGER) AS day,
  (6000 + (i // 10) % 700 + (i * 7919) % 101) / 100 AS x, (4000 + (i // 7) % 900 + (i * 104729) % 97) / 100 AS y FROM range(4000) t(i)"""
VIEW = """CREATE VIEW features AS SELECT day, x / lag(x) OVER w - 1 AS r1, x / lag(x, 5) OVER w - 1 AS r5, x / lag(x, 21) OVER w - 1 AS r21,
  avg(x) OVER w5 AS m5, avg(x) OVER w21 AS m21, avg(x) OVER w63 AS m63, stddev_samp(x) OVER w21 AS s21, stddev_samp(x) OVER w63 AS s63,
  min(x) OVER w14 AS l14, max(x) OVER w14 AS h14, corr(x, y) OVER w63 AS c63, regr_slope(x, y) OVER w63 AS b63, median(x) OVER w63 AS q63
  FROM days WINDOW w AS (ORDER BY day), w5 AS (ORDER BY day ROWS 4 PRECEDING), w14 AS (ORDER BY day ROWS 13 PRECEDING),
  w21 AS (ORDER BY day ROWS 20 PRECEDING), w63 AS (ORDER BY day ROWS 62 PRECEDING)"""
READ = """SELECT count(*), sum(r1), sum(r5), sum(r21), sum(m5), sum(m21), sum(m63), sum(l14), sum(h14), sum(q63),
  sum(s63) FILTER (WHERE isfinite(s63)), sum(c63) FILTER (WHERE isfinite(c63)), sum(b63) FILTER (WHERE isfinite(b63)) FROM features"""


def process(*command):
    return lambda: [float(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[-1].strip("│"))]


def peak(*command):
    """Peak resident memory in megabytes of a process that has answered SELECT 1 and waits for more."""
    running = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    running.stdin.write("SELECT 1;\n")
    running.stdin.flush()
    running.stdout.readline()
    figure = peak_of(running.pid)
    running.stdin.close()
    running.wait()
    return figure


def show(name, runs, rounds):
    answers = {}

    def check(engine, answer):
        answers[engine] = answer
        if any(differs(answer, theirs) for theirs in answers.values()):
            sys.exit("%s: %s" % (name, answers))

    times = interleaved(runs, rounds, check)
    print("%-24s %9.2f" % (name, times["zlsql"]) + "".join(
        "   %s %.2f (%.2fx)" % (engine, time, time / times["zlsql"]) for engine, time in times.items() if engine != "zlsql"), flush=True)


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    options.add_argument("--rounds", type=int, default=51)
    options.add_argument("--program", default=PROGRAM)
    arguments = options.parse_args()
    program, rounds = arguments.program, arguments.rounds
    print("medians of %d, milliseconds; in brackets the peer's time over ours" % rounds)
    shell = shutil.which("sqlite3")
    runs = {"zlsql": process(program, "--csv", "-c", "SELECT 1")}
    if shell:
        runs["sqlite3"] = process(shell, ":memory:", "SELECT 1")
    show("SELECT 1", runs, rounds)
    print("%-24s %9d" % ("  peak memory, MB", peak(program, "--csv")) + ("   sqlite3 %d" % peak(shell, ":memory:") if shell else ""))
    with tempfile.TemporaryDirectory(dir=os.path.join(ROOT, ".build")) as place:
        paths = {name: os.path.join(place, name + ".db") for name in ("zlsql", "sqlite3", "DuckDB")}
        ours, duck = Zlsql(program, database=paths["zlsql"]), DuckDB(database=paths["DuckDB"])
        for engine in (ours, duck):
            engine.run("CREATE TABLE t AS " + ROWS)
            engine.run("CHECKPOINT")
        rows = duck.rows("SELECT * FROM t")
        ours.close()
        duck.close()
        lite = sqlite3.connect(paths["sqlite3"])
        lite.execute("CREATE TABLE t (i INTEGER PRIMARY KEY, v INTEGER, x REAL)")
        lite.executemany("INSERT INTO t VALUES (?, ?, ?)", rows)
        lite.commit()
        lite.close()

        def open_duck():
            engine = DuckDB(database=paths["DuckDB"])
            answer = engine.run("SELECT v FROM t WHERE i = 99000")
            engine.close()
            return answer

        query = "SELECT v FROM t WHERE i = 99000"
        runs = {"zlsql": process(program, "--csv", paths["zlsql"], "-c", query), "DuckDB": open_duck}
        if shell:
            runs["sqlite3"] = process(shell, paths["sqlite3"], query)
        show("open, read one row", runs, rounds)
    sessions = {"zlsql": Zlsql(program), "DuckDB": DuckDB()}
    for engine in sessions.values():
        engine.run(DAYS)
        engine.run(VIEW)
    show("feature view, 4,000 rows", {name: lambda engine=engine: engine.run(READ) for name, engine in sessions.items()}, rounds)


if __name__ == "__main__":
    main()
