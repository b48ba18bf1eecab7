"""Runs schemas/pipeline.sql and the same job in Python (zl_pipeline.py) in turn, and reports wall time and peak memory.

    python Benchmarks/compare_pipeline.py [--rounds 3] [--bars GLOB --fred FOLDER]

Market data is taken from ZLSQL_MARKET_DATA, ../shared/data if that is not set. Every run starts from an empty folder, and
its matrix is held against the other's; a benchmark whose answers differ reports nothing. CPU seconds are user and system
time of the process and its threads.
"""

import argparse
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np
import pandas as pd

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
# pandas' rolling statistics carry some error of their running sums.
RELATIVE, ABSOLUTE = 1e-7, 1e-9


def measure(command, log):
    """(wall s, CPU s, peak resident MB) of one process."""
    started = time.monotonic()
    process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        log.seek(0)
        sys.exit("%s ended with status %d\n%s" % (command[0], process.returncode, log.read()[-2000:]))
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def check(ours, theirs):
    a, b = (pd.read_csv(os.path.join(folder, "zl_training_v1.csv")) for folder in (ours, theirs))
    if list(a.columns) != list(b.columns) or len(a) != len(b):
        sys.exit("the two matrices have other columns or rows: %s against %s" % (a.shape, b.shape))
    for column in a.select_dtypes("number").columns:
        if not np.allclose(a[column], b[column].astype(float), rtol=RELATIVE, atol=ABSOLUTE, equal_nan=True):
            sys.exit("the two matrices differ in column " + column)


def main():
    data = os.environ.get("ZLSQL_MARKET_DATA", os.path.join(ROOT, "..", "shared", "data"))
    options = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--bars", default=os.path.join(data, "databento", "ohlcv-1h", "*.dbn.zst"))
    options.add_argument("--fred", default=os.path.join(data, "fred"))
    options.add_argument("--program", default=os.path.join(ROOT, ".build", "release", "zlsql"))
    arguments = options.parse_args()
    if not os.path.isdir(arguments.fred):
        print("SKIPPED: no market data in %s (ZLSQL_MARKET_DATA)" % data)
        return
    results = {"zlsql": [], "python": []}
    for number in range(arguments.rounds):
        work = tempfile.mkdtemp(prefix="zl-bench-")
        folders = {name: os.path.join(work, name) for name in results}
        for folder in folders.values():
            os.mkdir(folder)
        commands = {
            "zlsql": [arguments.program, os.path.join(folders["zlsql"], "zl.db"), "-v", "bars=" + arguments.bars,
                      "-v", "fred=" + arguments.fred, "-v", "export=" + folders["zlsql"], "-f", "schemas/pipeline.sql"],
            "python": [sys.executable, os.path.join(HERE, "zl_pipeline.py"), "--bars", arguments.bars,
                       "--fred", arguments.fred, "--export", folders["python"]],
        }
        for name in sorted(results, reverse=number % 2 == 0):
            with open(os.path.join(work, name + ".log"), "w+") as log:
                results[name].append(measure(commands[name], log))
            print("round %d  %-6s  wall %7.2f s  CPU %7.2f s  peak %7.0f MB" % (number + 1, name, *results[name][-1]),
                  flush=True)
        check(folders["zlsql"], folders["python"])
        shutil.rmtree(work)
    print("\n%s, %d cores, median of %d (least, greatest); the matrices agree within %g relative"
          % (platform.machine(), os.cpu_count(), arguments.rounds, RELATIVE))
    for name, runs in results.items():
        for label, unit, values in zip(("wall", "CPU", "peak"), ("s", "s", "MB"), zip(*runs)):
            print("%-6s %-4s %9.2f %s (%.2f, %.2f)" % (name, label, statistics.median(values), unit, min(values), max(values)))


if __name__ == "__main__":
    main()
