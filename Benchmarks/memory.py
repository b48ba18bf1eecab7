"""Peak memory of zlsql, DuckDB and Polars while each answers one query, every engine and query in a process of its own.

    python Benchmarks/memory.py [--rows 1000000] [--only TEXT] [--program PATH]

Printed in megabytes: resident memory with the tables before the query, and its peak during the query, tables included.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile

from engines import PROGRAM, ROOT, DuckDB, Zlsql, differs, peak_of
from workloads import DATA, WORKLOADS, tables_of

CHOSEN = ["rolling stddev 63", "eight windows", "group by integers", "group by texts", "join", "ASOF join, sorted", "order by two keys"]


def resident(process):
    """Resident memory now, and the peak counted anew from here."""
    with open("/proc/%s/clear_refs" % process, "w") as file:
        file.write("5")
    return peak_of(process)


def made(engine, query, rows):
    names = tables_of(query)
    for name in names if "bars" in names else ["bars"] + names:
        engine.run("CREATE TABLE %s AS %s" % (name, DATA[name].format(rows=rows)))
    if "bars" not in names:
        engine.run("DROP TABLE bars")


def child(engine, name, rows, program, folder):
    """What the process of one engine does and prints; the engine `files` writes the tables for Polars."""
    _, query, with_polars = next(workload for workload in WORKLOADS if workload[0] == name)
    text = query if isinstance(query, str) else query.get(engine, "")
    if engine == "Polars":
        import polars

        frames = {table: polars.read_parquet(os.path.join(folder, table + ".parquet")) for table in tables_of(query)}
        before = resident("self")
        answer, after = with_polars(polars, frames), peak_of("self")
    else:
        running = Zlsql(program) if engine == "zlsql" else DuckDB()
        process = running.process.pid if engine == "zlsql" else "self"
        made(running, query, rows)
        if engine == "files":
            for table in tables_of(query):
                running.run("COPY %s TO '%s'" % (table, os.path.join(folder, table + ".parquet")))
            return
        before = resident(process)
        answer, after = running.run(text), peak_of(process)
    print(json.dumps([before, after, [float(value) for value in answer]]))


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    options.add_argument("--rows", type=int, default=1_000_000)
    options.add_argument("--only", default="")
    options.add_argument("--program", default=PROGRAM)
    options.add_argument("--child", nargs=3, help=argparse.SUPPRESS)
    arguments = options.parse_args()
    if arguments.child:
        engine, name, folder = arguments.child
        return child(engine, name, arguments.rows, arguments.program, folder)
    print("%s rows, megabytes: tables, peak during the query" % format(arguments.rows, ","))
    print("%-24s %16s %16s %16s" % ("workload", "zlsql", "DuckDB", "Polars"))
    for name, query, with_polars in WORKLOADS:
        if name not in CHOSEN or arguments.only not in name:
            continue
        figures, answers = [], []
        with tempfile.TemporaryDirectory(dir=os.path.join(ROOT, ".build")) as folder:
            for engine in ("DuckDB", "zlsql", "files", "Polars"):
                if engine in ("files", "Polars") and not with_polars:
                    continue
                command = [sys.executable, __file__, "--rows", str(arguments.rows), "--program", arguments.program, "--child", engine, name, folder]
                run = subprocess.run(command, stdout=subprocess.PIPE, text=True)
                if run.returncode:
                    sys.exit("%s: %s ended with %d" % (name, engine, run.returncode))
                if engine == "files":
                    continue
                before, after, answer = json.loads(run.stdout)
                answers.append(answer)
                if differs(answer, answers[0]):
                    sys.exit("%s: %s answers %s, DuckDB %s" % (name, engine, answer, answers[0]))
                figures.append("%d, %d" % (before, after))
        print("%-24s %16s %16s %16s" % (name, figures[1], figures[0], figures[2] if with_polars else "-"), flush=True)


if __name__ == "__main__":
    main()
