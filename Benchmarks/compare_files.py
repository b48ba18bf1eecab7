"""Reads CSV and DBN files into tables and writes CSV, beside DuckDB, Polars and databento, in turn.

    python Benchmarks/compare_files.py [--rounds 3] [--rows 8600000] [--dbn GLOB]

The CSV file holds one-minute bars in Databento's pretty form (nanoseconds, nine decimals), the table that is written twelve columns,
three of them doubles of 17 digits. CPU seconds are user and system time over all threads, of the whole process for zlsql and of the
work alone for its peers. Answers are compared first: sums of what was read, and every byte of what was written.
"""

import argparse
import filecmp
import glob
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
THREADS = 2
CHECK = "SELECT count(*), sum(volume), min(ts_event), max(symbol) FROM bars"

PEERS = {
    "csv in: DuckDB": "connection.execute(\"CREATE TABLE bars AS FROM read_csv('{bars}')\")",
    "csv in: Polars": "polars.read_csv('{bars}', try_parse_dates=True)",
    "csv out: DuckDB": "connection.execute(\"COPY wide TO '{folder}/duckdb.csv' (HEADER)\")",
    "csv out: Polars": "wide.write_csv('{folder}/polars.csv')",
    "dbn in: databento": "[databento.DBNStore.from_file(path).to_df() for path in sorted(glob.glob('{dbn}'))]",
}
SETUP = {
    "DuckDB": "import duckdb; connection = duckdb.connect('{folder}/duckdb.db'); connection.execute('SET threads = %d; DROP TABLE IF EXISTS bars')" % THREADS,
    "Polars": "import os; os.environ['POLARS_MAX_THREADS'] = '%d'; import polars" % THREADS,
    "databento": "import glob, warnings; warnings.simplefilter('ignore'); import databento",
}
OURS = {
    "csv in": [":memory:", "CREATE TABLE bars AS FROM read_csv('{bars}')"],
    "csv out": ["{folder}/wide.db", "COPY wide TO '{folder}/zlsql.csv' (HEADER)"],
    "dbn in": [":memory:", "CREATE TABLE bars AS FROM read_dbn('{dbn}')"],
}
MINUTE = "make_timestamp(1704205800000000 + (i // 5) * 60000000)"
PRICE = "{offset} + ((i * 7919) % 40000) / 100.0"


def make_data(folder, rows):
    import duckdb

    connection = duckdb.connect(os.path.join(folder, "duckdb.db"))
    prices = {"open": 400, "high": 400.5, "low": 399.75, "close": 400.25}
    symbol = "['ESH4', 'NQH4', 'CLG4', 'GCG4', 'ZNH4'][1 + i % 5] AS symbol"
    pretty = ", ".join("printf('%%.9f', %s) AS %s" % (PRICE.format(offset=prices[name]), name) for name in prices)
    connection.execute(
        "COPY (SELECT strftime(%s, '%%Y-%%m-%%dT%%H:%%M:%%S') || '.000000000Z' AS ts_event, 33 AS rtype, 1 AS publisher_id, "
        "5482 + i %% 5 AS instrument_id, %s, (i * 104729) %% 20000 AS volume, %s FROM range(%d) t(i)) TO '%s/bars.csv' (HEADER)"
        % (MINUTE, pretty, symbol, rows, folder))
    plain = ", ".join("%s AS %s" % (PRICE.format(offset=prices[name]), name) for name in prices)
    connection.execute(
        "CREATE TABLE wide AS SELECT %s AS ts, %s, %s, (i * 104729) %% 20000 AS volume, sin(i) AS f1, cos(i) * 0.01 AS f2, "
        "ln(i + 2) AS f3, i %% 1000 AS n, ((i * 31) %% 200 - 100) / 4.0 AS d FROM range(%d) t(i)" % (MINUTE, symbol, plain, rows))
    connection.execute("COPY wide TO '%s/wide.csv' (HEADER)" % folder)


def ours(program, name, places):
    database, statement = (part.format(**places) for part in OURS[name])
    arguments = [program] + ([] if database == ":memory:" else [database]) + ["--threads", str(THREADS), "-c", statement]
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run(arguments, check=True, stdout=subprocess.DEVNULL)
    after, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic() - started
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall


def theirs(name, places):
    peer = name.split(": ")[1]
    load = "wide = polars.read_csv('%s/wide.csv', try_parse_dates=True)" % places["folder"] if name == "csv out: Polars" else "pass"
    text = "\n".join([
        SETUP[peer].format(**places), load, "import resource, time",
        "def used():", "    usage = resource.getrusage(resource.RUSAGE_SELF)", "    return usage.ru_utime + usage.ru_stime",
        "cpu, wall = used(), time.monotonic()", "result = " + PEERS[name].format(**places),
        "print(used() - cpu, time.monotonic() - wall)"])
    output = subprocess.run([sys.executable, "-c", text], check=True, stdout=subprocess.PIPE, text=True).stdout
    return tuple(float(part) for part in output.split()[-2:])


def check(program, places):
    import duckdb

    expected = duckdb.execute(CHECK.replace("FROM bars", "FROM read_csv('%s')" % places["bars"])).fetchone()
    found = subprocess.run(
        [program, "--csv", "-c", CHECK.replace("FROM bars", "FROM read_csv('%s')" % places["bars"])], check=True,
        stdout=subprocess.PIPE, text=True).stdout.split("\n")[1].split(",")
    if (int(found[0]), int(found[1]), found[3]) != (expected[0], int(expected[1]), expected[3]):
        sys.exit("the rows read differ: %s against %s" % (found, expected))
    ours(program, "csv out", places)
    if not filecmp.cmp(places["folder"] + "/zlsql.csv", places["folder"] + "/wide.csv", shallow=False):
        sys.exit("the file written differs from DuckDB's")


def main():
    data = os.environ.get("ZLSQL_MARKET_DATA", os.path.join(ROOT, "..", "shared", "data"))
    options = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--rows", type=int, default=8_600_000)
    options.add_argument("--dbn", default=os.path.join(data, "databento", "ohlcv-1h", "*.dbn.zst"))
    options.add_argument("--program", default=os.path.join(ROOT, ".build", "release", "zlsql"))
    arguments = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        places = {"folder": folder, "bars": folder + "/bars.csv", "dbn": arguments.dbn}
        make_data(folder, arguments.rows)
        subprocess.run(
            [arguments.program, folder + "/wide.db", "-c", "CREATE TABLE wide AS FROM read_csv('%s/wide.csv')" % folder], check=True)
        check(arguments.program, places)
        names = [name for name in PEERS if glob.glob(arguments.dbn) or not name.startswith("dbn")]
        times = {}
        for _ in range(arguments.rounds):
            for name in OURS:
                peers = [peer for peer in names if peer.startswith(name + ":")]
                if peers:
                    times.setdefault(name, []).append(ours(arguments.program, name, places))
                for peer in peers:
                    times.setdefault(peer, []).append(theirs(peer, places))
        for name, found in times.items():
            cpu, wall = (statistics.median(part) for part in zip(*found))
            own_cpu, own_wall = (statistics.median(part) for part in zip(*times[name.split(":")[0]]))
            print("%-20s CPU %6.2f s (%4.1fx)  wall %6.2f s (%4.1fx)" % (name, cpu, cpu / own_cpu, wall, wall / own_wall))


if __name__ == "__main__":
    main()
