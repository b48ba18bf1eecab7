"""Reads CSV and DBN files, into sums and into tables, and writes CSV, beside DuckDB, Polars and databento, in turn.

    python Benchmarks/compare_files.py [--rounds 3] [--rows 8600000] [--dbn GLOB] [--only TEXT] [--folder PATH] [--program PATH]

The CSV file holds one-minute bars in Databento's pretty form (nanoseconds, nine decimals), 107 bytes a row; the table that is written
has twelve columns, three of them doubles of 17 digits. Every run is a process of its own on two threads: wall and CPU seconds are
those of the whole process for zlsql and of the work alone for its peers, peak memory is the process's. Figures are medians, a ratio is
the peer's over ours. Answers are compared first: sums of what was read, and every byte of what was written.
"""

import argparse
import filecmp
import glob
import json
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import time
import warnings

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
THREADS = 2
SUMS = "count(*), sum(volume), sum(open), sum(high), sum(low), sum(close), max(symbol)"
TIMES = ", epoch_ns(min(ts_event)), epoch_ns(max(ts_event))"

OURS = {
    "csv sums": [":memory:", "SELECT " + SUMS + " FROM read_csv('{bars}')"],
    "csv in": [":memory:", "CREATE TABLE bars AS FROM read_csv('{bars}')"],
    "csv out": ["{folder}/wide.db", "COPY wide TO '{folder}/zlsql.csv' (HEADER)"],
    "dbn in": [":memory:", "CREATE TABLE bars AS FROM read_dbn('{dbn}')"],
}
PEERS = {
    "csv sums": {
        "DuckDB": "connection.execute(\"SELECT " + SUMS + " FROM read_csv('{bars}')\").fetchall()",
        "Polars": "polars.scan_csv('{bars}').select(polars.len(), polars.sum('volume', 'open', 'high', 'low', 'close'), "
                  "polars.max('symbol')).collect()",
    },
    "csv in": {
        "DuckDB": "connection.execute(\"CREATE TABLE bars AS FROM read_csv('{bars}')\")",
        "Polars": "polars.read_csv('{bars}', try_parse_dates=True)",
    },
    "csv out": {
        "DuckDB": "connection.execute(\"COPY wide TO '{folder}/duckdb.csv' (HEADER)\")",
        "Polars": "wide.write_csv('{folder}/polars.csv')",
    },
    "dbn in": {"databento": "[databento.DBNStore.from_file(path).to_df() for path in sorted(glob.glob('{dbn}'))]"},
}
SETUP = {
    "DuckDB": "import duckdb; connection = duckdb.connect(); "
              "connection.execute('SET threads = %d; SET enable_progress_bar = false')" % THREADS,
    "Polars": "import os; os.environ['POLARS_MAX_THREADS'] = '%d'; import polars" % THREADS,
    "databento": "import glob, warnings; import databento; warnings.simplefilter('ignore')",
}
LOAD = {
    ("csv out", "DuckDB"): "connection.execute(\"CREATE TABLE wide AS FROM read_csv('{folder}/wide.csv')\")",
    ("csv out", "Polars"): "wide = polars.read_csv('{folder}/wide.csv', try_parse_dates=True)",
}
MINUTE = "make_timestamp(1704205800000000 + (i // 5) * 60000000)"
PRICE = "{offset} + ((i * 7919) % 40000) / 100.0"


def make_data(folder, rows):
    import duckdb

    connection = duckdb.connect()
    connection.execute("SET enable_progress_bar = false")
    prices = {"open": 400, "high": 400.5, "low": 399.75, "close": 400.25}
    symbol = "['ESH4', 'NQH4', 'CLG4', 'GCG4', 'ZNH4'][1 + i % 5] AS symbol"
    pretty = ", ".join("printf('%%.9f', %s) AS %s" % (PRICE.format(offset=prices[name]), name) for name in prices)
    connection.execute(
        "COPY (SELECT strftime(%s, '%%Y-%%m-%%dT%%H:%%M:%%S') || '.000000000Z' AS ts_event, 33 AS rtype, 1 AS publisher_id, "
        "5482 + i %% 5 AS instrument_id, %s, (i * 104729) %% 20000 AS volume, %s FROM range(%d) t(i)) TO '%s/bars.csv' (HEADER)"
        % (MINUTE, pretty, symbol, rows, folder))
    plain = ", ".join("%s AS %s" % (PRICE.format(offset=prices[name]), name) for name in prices)
    connection.execute(
        "COPY (SELECT %s AS ts, %s, %s, (i * 104729) %% 20000 AS volume, sin(i) AS f1, cos(i) * 0.01 AS f2, ln(i + 2) AS f3, "
        "i %% 1000 AS n, ((i * 31) %% 200 - 100) / 4.0 AS d FROM range(%d) t(i)) TO '%s/wide.csv' (HEADER)"
        % (MINUTE, symbol, plain, rows, folder))


def ours(program, name, places):
    """Wall seconds, CPU seconds, peak MiB."""
    database, statement = (part.format(**places) for part in OURS[name])
    arguments = [program] + ([] if database == ":memory:" else [database]) + ["--threads", str(THREADS), "-c", statement]
    started = time.monotonic()
    process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit("zlsql failed: %s" % statement)
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def theirs(name, peer, places):
    """Wall seconds, CPU seconds, peak MiB."""
    text = "\n".join([
        SETUP[peer], LOAD.get((name, peer), "pass").format(**places), "import json, resource, time",
        "def usage(): return resource.getrusage(resource.RUSAGE_SELF)",
        "before, started = usage(), time.monotonic()", "result = " + PEERS[name][peer].format(**places),
        "wall, after = time.monotonic() - started, usage()",
        "print(json.dumps([wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, after.ru_maxrss / 1024]))"])
    output = subprocess.run([sys.executable, "-c", text], check=True, stdout=subprocess.PIPE, text=True).stdout
    return json.loads(output.splitlines()[-1])


def answer(program, source, aggregates):
    statement = "SELECT %s FROM %s;\n" % (aggregates, source)
    output = subprocess.run([program, "--jsonl"], input=statement, check=True, stdout=subprocess.PIPE, text=True).stdout
    return json.loads(output)["rows"][0]


def require_same(what, found, expected):
    for own, peers in zip(found, expected, strict=True):
        same = own == peers if isinstance(peers, str) else abs(float(own) - float(peers)) <= 1e-12 * abs(float(peers))
        if not same:
            sys.exit("%s differ: %s against %s" % (what, found, expected))


def check_csv(program, places):
    import duckdb

    source = "read_csv('%s')" % places["bars"]
    connection = duckdb.connect()
    connection.execute("SET enable_progress_bar = false")
    expected = connection.execute("SELECT %s FROM %s" % (SUMS + TIMES, source)).fetchone()
    require_same("the rows read", answer(program, source, SUMS + TIMES), expected)
    ours(program, "csv out", places)
    if not filecmp.cmp(places["folder"] + "/zlsql.csv", places["folder"] + "/wide.csv", shallow=False):
        sys.exit("the file written differs from DuckDB's")


def check_dbn(program, places):
    import databento

    warnings.simplefilter("ignore")
    frames = [databento.DBNStore.from_file(path).to_df() for path in sorted(glob.glob(places["dbn"]))]
    expected = [sum(len(frame) for frame in frames), sum(int(frame.volume.sum()) for frame in frames),
                max(frame.symbol.max() for frame in frames), sum(frame.close.sum() for frame in frames)]
    found = answer(program, "read_dbn('%s')" % places["dbn"], "count(*), sum(volume), max(symbol), sum(close)")
    require_same("the records read", found, expected)


def apart(function, *arguments):
    """Runs a function in a process of its own: what this one holds would count as the peak of every process that it starts."""
    process = multiprocessing.get_context("fork").Process(target=function, args=arguments)
    process.start()
    process.join()
    if process.exitcode != 0:
        sys.exit("%s failed" % function.__name__)


def main():
    data = os.environ.get("ZLSQL_MARKET_DATA", os.path.join(ROOT, "..", "shared", "data"))
    options = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--rows", type=int, default=8_600_000)
    options.add_argument("--dbn", default=os.path.join(data, "databento", "ohlcv-1h", "*.dbn.zst"))
    options.add_argument("--only", default="")
    options.add_argument("--folder", help="where the generated files are, and stay", default="")
    options.add_argument("--program", default=os.path.join(ROOT, ".build", "release", "zlsql"))
    arguments = options.parse_args()
    if not glob.glob(arguments.dbn):
        print("no DBN files at %s" % arguments.dbn)
        del OURS["dbn in"]
    names = [name for name in OURS if arguments.only in name]
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.folder or temporary
        places = {"folder": folder, "bars": folder + "/bars.csv", "dbn": arguments.dbn}
        if any(name.startswith("csv") for name in names):
            if not os.path.exists(places["bars"]):
                apart(make_data, folder, arguments.rows)
            if not os.path.exists(folder + "/wide.db"):
                load = "CREATE TABLE wide AS FROM read_csv('%s/wide.csv')" % folder
                subprocess.run([arguments.program, folder + "/wide.db", "-c", load], check=True)
            apart(check_csv, arguments.program, places)
        if "dbn in" in names:
            apart(check_dbn, arguments.program, places)
        runs = {}
        for _ in range(arguments.rounds):
            for name in names:
                runs.setdefault((name, "zlsql"), []).append(ours(arguments.program, name, places))
                for peer in PEERS[name]:
                    runs.setdefault((name, peer), []).append(theirs(name, peer, places))
    print("%-10s %-10s %10s %8s %10s %8s %10s" % ("workload", "engine", "wall s", "ratio", "CPU s", "ratio", "peak MiB"))
    medians = {key: [statistics.median(column) for column in zip(*found)] for key, found in runs.items()}
    for (name, engine), (wall, cpu, peak) in medians.items():
        own = medians[name, "zlsql"]
        print("%-10s %-10s %10.3f %7.1fx %10.3f %7.1fx %10.0f" % (name, engine, wall, wall / own[0], cpu, cpu / own[1], peak))


if __name__ == "__main__":
    main()
