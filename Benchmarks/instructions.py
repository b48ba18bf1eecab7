"""Counts the instructions of queries over small data on one thread, and fails where one needs over 5 % more than is checked in.

    python Benchmarks/instructions.py [--update] [--only TEXT] [--program PATH]

Counts repeat where times do not, on any machine with the same instruction set. Figures are in instructions.json; --update
writes them anew. A query's count is that of a process that opens a database file and runs it, less that of one that runs
SELECT 1 instead. Valgrind's profile of each is kept in .build/instructions for callgrind_annotate.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

from engines import PROGRAM, ROOT, Zlsql
from workloads import DATA, WORKLOADS

ROWS = 100_000
LIMIT = 1.05
FIGURES = os.path.join(ROOT, "Benchmarks", "instructions.json")
PROFILES = os.path.join(ROOT, ".build", "instructions")
CHOSEN = ["rolling mean 21", "rolling stddev 63", "rolling corr 63", "rolling median 90", "rolling percent rank 90", "EMA 12 and 26", "rolling min 14",
          "lag", "eight windows", "stddev 63, 500 symbols", "stddev 63, unsorted input", "sum", "filter, sum, count", "group by 5 symbols",
          "group by integers", "group by texts", "count distinct integers", "5-minute bars", "join", "ASOF join, sorted", "order by two keys", "top 10",
          "one day", "text equality"]
OWN = {
    "create table": "CREATE TABLE made AS SELECT i, i % 977 AS v, (i * 7919) % 101 / 100 AS x, 'k' || CAST(i % 100 AS VARCHAR) AS s FROM range(50000) t(i)",
    "CSV in": "SELECT count(*), sum(x), max(s) FROM '{place}/bars.csv'",
    "CSV out": "COPY (SELECT symbol, ts, x, v, s FROM bars LIMIT 20000) TO '{place}/out.csv'",
    "train": """TRAIN BOOSTED m ON (SELECT i, x, y, v, k, x - y + v % 7 AS target FROM bars WHERE i % 25 = 0) TARGET target FEATURES (x, y, v, k)
                ORDER BY i VALIDATE WALK FORWARD (FOLDS 2, PURGE 2, INNER NONE) WITH (num_iterations = 10)""",
}


def count(program, database, query, name):
    profile = os.path.join(PROFILES, re.sub(r"\W+", "-", name) + ".out")
    # Swift seeds its hash tables at random otherwise.
    environment = dict(os.environ, SWIFT_DETERMINISTIC_HASHING="1")
    run = subprocess.run(
        ["valgrind", "--tool=callgrind", "--callgrind-out-file=" + profile, program, "--threads", "1", database, "-c", query],
        env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    found = re.search(r"Collected : (\d+)", run.stderr)
    if run.returncode or not found:
        sys.exit("%s: valgrind ended with %d\n%s" % (name, run.returncode, run.stderr[-2000:]))
    return int(found.group(1))


def measured(program, only):
    os.makedirs(PROFILES, exist_ok=True)
    figures = {}
    with tempfile.TemporaryDirectory(dir=os.path.join(ROOT, ".build")) as place:
        # Valgrind 3.19 gives up on the debug information that lld writes.
        plain = os.path.join(place, "zlsql")
        subprocess.run(["strip", "--strip-debug", "-o", plain, program], check=True)
        database = os.path.join(place, "data.db")
        engine = Zlsql(program, threads=1, database=database)
        for name, query in DATA.items():
            engine.run("CREATE TABLE %s AS %s" % (name, query.format(rows=ROWS)))
        engine.run("COPY (SELECT symbol, ts, x, v, s FROM bars LIMIT 20000) TO '%s/bars.csv'" % place)
        engine.run("CHECKPOINT")
        engine.close()
        queries = {"open, SELECT 1": "SELECT 1"}
        for name, query, _ in WORKLOADS:
            if name in CHOSEN:
                queries[name] = query if isinstance(query, str) else query["zlsql"]
        queries.update((name, query.format(place=place)) for name, query in OWN.items())
        start = None
        for name, query in queries.items():
            if start is None or only in name:
                fresh = shutil.copy(database, os.path.join(place, "copy.db"))
                total = count(plain, fresh, " ".join(query.split()), name)
                figures[name] = total if start is None else total - start
                start = start or total
    return figures


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    options.add_argument("--update", action="store_true")
    options.add_argument("--only", default="")
    options.add_argument("--program", default=PROGRAM)
    arguments = options.parse_args()
    known = {}
    if os.path.exists(FIGURES):
        with open(FIGURES) as file:
            known = json.load(file)
    figures = measured(arguments.program, arguments.only)
    print("%-28s %14s %14s %8s" % ("query", "instructions", "checked in", "change"))
    risen = []
    for name, figure in figures.items():
        before = known.get(name)
        print("%-28s %14s %14s %8s" % (name, format(figure, ","), format(before, ",") if before else "-",
                                       "%+.1f %%" % (100 * (figure / before - 1)) if before else "new"))
        if before is None or figure > before * LIMIT:
            risen.append(name)
    if arguments.update:
        with open(FIGURES, "w") as file:
            json.dump({**(known if arguments.only else {}), **figures}, file, indent=2)
            file.write("\n")
    elif risen:
        sys.exit("more than 5 %% over instructions.json, or not in it: %s" % ", ".join(risen))


if __name__ == "__main__":
    main()
