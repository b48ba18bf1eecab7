"""The engines that the benchmarks time beside each other, and what the benchmarks share: clocks, comparison of answers, means."""

import decimal
import json
import math
import os
import statistics
import subprocess
import sys
import time

# Polars reads it when it is imported.
os.environ["POLARS_MAX_THREADS"] = "2"

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PROGRAM = os.path.join(ROOT, ".build", "release", "zlsql")


class Zlsql:
    """One running zlsql that reads statements from a pipe and answers each with a line of JSON."""

    def __init__(self, program=PROGRAM, threads=2, database=None):
        command = [program, "--jsonl", "--threads", str(threads)] + ([database] if database else [])
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def rows(self, sql):
        self.process.stdin.write(" ".join(sql.split()).rstrip(";") + ";\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            sys.exit("zlsql ended at: %s" % sql)
        answer = json.loads(line)
        if not answer.get("ok"):
            sys.exit("zlsql: %s\n%s" % (answer, sql))
        return answer.get("rows", [])

    def run(self, sql):
        return next(iter(self.rows(sql)), [])

    @property
    def peak(self):
        return peak_of(self.process.pid)

    def cpu(self):
        """Seconds of processor time so far, of all threads."""
        # Linux numbers the clock of a process this way (clock_getcpuclockid(3)).
        return time.clock_gettime(~self.process.pid << 3 | 2)

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class DuckDB:
    def __init__(self, threads=2, database=":memory:"):
        # Not every benchmark has it installed.
        import duckdb

        self.connection = duckdb.connect(database, config={"threads": threads})

    cpu = staticmethod(time.process_time)

    def rows(self, sql):
        return [list(row) for row in self.connection.execute(sql).fetchall()]

    def run(self, sql):
        return next(iter(self.rows(sql)), [])

    def close(self):
        self.connection.close()


def peak_of(process):
    """Peak resident memory of a process in megabytes."""
    with open("/proc/%s/status" % process) as status:
        return next(int(line.split()[1]) // 1024 for line in status if line.startswith("VmHWM"))


def value_differs(a, b, tolerance=1e-6, floor=1e-6):
    if a is None or b is None:
        return a is not b
    numbers = (bool, int, float, decimal.Decimal)
    if isinstance(a, numbers) and isinstance(b, numbers):
        return not math.isclose(float(a), float(b), rel_tol=tolerance, abs_tol=floor)
    return str(a) != str(b)


def differs(ours, theirs, tolerance=1e-6, floor=1e-6):
    """Whether two rows differ: numbers by more than `tolerance` relative and `floor` absolute, the rest as text."""
    return len(ours) != len(theirs) or any(value_differs(a, b, tolerance, floor) for a, b in zip(ours, theirs))


def rows_differ(ours, theirs, tolerance=1e-6, floor=1e-6):
    """What differs first between two tables, or None."""
    if len(ours) != len(theirs):
        return "%d rows, expected %d" % (len(ours), len(theirs))
    for number, (a, b) in enumerate(zip(ours, theirs), 1):
        if differs(a, b, tolerance, floor):
            return "row %d is %s, expected %s" % (number, a, b)
    return None


def geometric_mean(values):
    values = list(values)
    return math.exp(sum(math.log(value) for value in values) / len(values)) if values else float("nan")


def interleaved(runs, rounds, check, clocks=None):
    """Runs each engine's function once a round; `check(name, answer)` sees every answer. Median milliseconds by engine, on the
    engine's clock or the wall's."""
    times = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            clock = (clocks or {}).get(name, time.perf_counter)
            started = clock()
            answer = run()
            times[name].append((clock() - started) * 1000)
            check(name, answer)
    return {name: statistics.median(values) for name, values in times.items()}


def processor_clocks(engines):
    """Clocks that stand still while others use the machine. Polars and pandas run in this process, as DuckDB does."""
    return {"Polars": time.process_time, "pandas": time.process_time, **{name: engine.cpu for name, engine in engines.items()}}
