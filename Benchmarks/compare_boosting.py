"""Times boosting in zlsql beside LightGBM (and XGBoost, where it is installed) on generated data, interleaved, answers checked.

    python Benchmarks/compare_boosting.py [--full] [--rounds 3] [--only TEXT] [--program PATH]

Each engine holds the same rows in memory: zlsql in a table, LightGBM in a matrix of doubles. Training is timed from those rows to
the model, with binning; prediction from those rows to a column. zlsql works on two threads; LightGBM on one and on two,
and over the folds of a validation also on two folds at once with one thread each. The ratio is the fastest peer's median over
ours. Once beforehand both train with columns summed in one order, and the trees must be the same to the bit; of every run the
predictions must be.  Memory is the peak of each process, for Python with its interpreter.
"""

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

import lightgbm
import numpy
import pyarrow
from pyarrow import csv

try:
    import xgboost
except ImportError:
    xgboost = None

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FEATURES = 60
NAMES = ["f%d" % number for number in range(FEATURES)]
SETTINGS = {
    "objective": "regression", "metric": "l2", "seed": 42, "learning_rate": 0.05, "feature_fraction": 0.9,
    "bagging_fraction": 0.8, "bagging_freq": 5,
}
# Name, rows, boosting rounds, leaves, folds; small enough for every day, and in full.
TRAINING = {
    False: [("train 4,000 x 60", 4000, 300, 31, 0), ("train 100,000 x 60", 100_000, 20, 255, 0), ("5 folds 4,000 x 60", 4000, 200, 31, 5)],
    True: [("train 4,000 x 60", 4000, 3000, 31, 0), ("train 1,000,000 x 60", 1_000_000, 40, 255, 0), ("5 folds 4,000 x 60", 4000, 3000, 31, 5)],
}
PREDICTION = {False: (100_000, 200), True: (1_000_000, 200)}


class Zlsql:
    def __init__(self, program):
        self.process = subprocess.Popen(
            [program, "--jsonl", "--threads", "2"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)

    def run(self, sql):
        self.process.stdin.write(" ".join(sql.split()) + ";\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        if not answer.get("ok"):
            sys.exit("zlsql: %s\n%s" % (answer, sql))
        return answer.get("rows") or []

    def load(self, table, matrix, labels, folder):
        path = os.path.join(folder, table + ".csv")
        columns = [pyarrow.array(numpy.arange(len(labels)))] + [
            pyarrow.array(matrix[:, number], from_pandas=True) for number in range(FEATURES)] + [pyarrow.array(labels)]
        csv.write_csv(pyarrow.table(columns, names=["i"] + NAMES + ["y"]), path)
        self.run("CREATE OR REPLACE TABLE %s AS SELECT * FROM read_csv('%s')" % (table, path))
        os.remove(path)

    def train(self, table, rounds, leaves, folds=0):
        settings = dict(SETTINGS, num_iterations=rounds, num_leaves=leaves, metric_freq=rounds)
        self.run("TRAIN BOOSTED OR REPLACE m ON %s TARGET y FEATURES (%s) ORDER BY i %s WITH (%s)" % (
            table, ", ".join(NAMES), "VALIDATE WALK FORWARD (FOLDS %d, PURGE 21, INNER NONE)" % folds if folds else "",
            ", ".join("%s = %s" % (key, repr(value)) for key, value in settings.items())))

    def export(self, folder):
        path = os.path.join(folder, "model.txt")
        self.run("EXPORT MODEL m TO '%s'" % path)
        with open(path) as file:
            text = file.read()
        os.remove(path)
        return text

    def predict(self, table):
        return self.run("SELECT sum(p), sum(abs(p)) FROM (SELECT predict(m) AS p FROM %s)" % table)[0]

    @property
    def peak(self):
        with open("/proc/%d/status" % self.process.pid) as status:
            return next(int(line.split()[1]) // 1024 for line in status if line.startswith("VmHWM"))


def generated(rows):
    """Normal features in ten thousandths, some of them partly missing; a target of a few of them and noise."""
    random = numpy.random.default_rng(7)
    matrix = numpy.round(random.standard_normal((rows, FEATURES)), 4)
    labels = matrix[:, 0] * matrix[:, 1] + numpy.sin(2 * matrix[:, 2]) + 0.5 * numpy.abs(matrix[:, 3]) + 0.2 * matrix[:, 4]
    labels = numpy.round(labels + random.standard_normal(rows), 4)
    for column in range(5, 15):
        matrix[random.random(rows) < 0.05, column] = numpy.nan
    return matrix, labels


def lightgbm_settings(leaves, threads):
    return dict(SETTINGS, num_leaves=leaves, num_threads=threads, verbose=-1)


def lightgbm_train(matrix, labels, rounds, leaves, threads, **more):
    settings = dict(lightgbm_settings(leaves, threads), **more)
    return lightgbm.train(settings, lightgbm.Dataset(matrix, labels, feature_name=NAMES, params=settings), rounds)


def lightgbm_fold(matrix, labels, rounds, leaves, threads, last, end):
    """Trains on rows before `last` and measures on those up to `end` after each round; the whole without a measure if there are none."""
    settings = lightgbm_settings(leaves, threads)
    training = lightgbm.Dataset(matrix[:last], labels[:last], feature_name=NAMES, params=settings)
    watched = [training.create_valid(matrix[last + 21:end], labels[last + 21:end])] if end > last else None
    return lightgbm.train(settings, training, rounds, valid_sets=watched)


def lightgbm_folds(matrix, labels, rounds, leaves, folds, threads, at_once):
    rows = len(labels)
    size = rows // (folds + 1)
    # Purged rows come off the end of the training part.
    jobs = [(begin - 21, begin + size) for begin in (rows - (folds - fold) * size for fold in range(folds))] + [(rows, rows)]
    with ThreadPoolExecutor(at_once) as pool:
        runs = [pool.submit(lightgbm_fold, matrix, labels, rounds, leaves, threads, *job) for job in reversed(jobs)]
        return [run.result() for run in runs][0]


def xgboost_settings(leaves, threads):
    return {
        "objective": "reg:squarederror", "eta": 0.05, "max_leaves": leaves, "grow_policy": "lossguide", "max_depth": 0,
        "tree_method": "hist", "max_bin": 255, "nthread": threads}


def trees(text):
    """The part of a model's text that training decides."""
    lines = text.split("\n")
    return lines[next(number for number, line in enumerate(lines) if line.startswith("feature_infos=")):lines.index("end of trees")]


def without_sizes(lines):
    return [line for line in lines if not line.startswith("tree_sizes=")]


def check_trees(ours, folder):
    matrix, labels = generated(4000)
    ours.load("data", matrix, labels, folder)
    ours.train("data", 60, 31)
    theirs = lightgbm_train(matrix, labels, 60, 31, 1, force_col_wise=True, deterministic=True).model_to_string()
    mine, others = without_sizes(trees(ours.export(folder))), without_sizes(trees(theirs))
    if mine != others:
        sys.exit("zlsql grows other trees than LightGBM:\n%s\n%s" % next(pair for pair in zip(mine, others) if pair[0] != pair[1]))
    print("60 trees of 4,000 rows are LightGBM's to the bit", flush=True)


def timed(function):
    started = time.perf_counter()
    answer = function()
    return time.perf_counter() - started, answer


def interleaved(count, ours, peers, check):
    """Medians in seconds: (ours, {peer: median})."""
    mine, theirs = [], {name: [] for name in peers}
    for _ in range(count):
        spent, answer = timed(ours)
        mine.append(spent)
        for name, function in peers.items():
            spent, other = timed(function)
            theirs[name].append(spent)
            check(name, answer, other)
    return statistics.median(mine), {name: statistics.median(values) for name, values in theirs.items()}


def report(name, mine, peers, program):
    best = min(peers, key=peers.get)
    print("%-24s %9.3f %9.3f %7.2fx  %6d MB %6d MB  %s" % (
        name, mine, peers[best], peers[best] / mine, program.peak, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        ", ".join("%s %.3f" % (peer, seconds) for peer, seconds in peers.items())), flush=True)


def compare_training(program, folder, name, rows, rounds, leaves, folds, count):
    matrix, labels = generated(rows)
    ours = Zlsql(program)
    ours.load("data", matrix, labels, folder)
    error = []

    def check(peer, _, booster):
        # Sums in another order may move a split; the models must be equally good.
        if peer.startswith("XGBoost"):
            return
        if not error:
            mine = lightgbm.Booster(model_str=ours.export(folder))
            error.append(numpy.mean((mine.predict(matrix[:100_000]) - labels[:100_000]) ** 2))
        theirs = numpy.mean((booster.predict(matrix[:100_000]) - labels[:100_000]) ** 2)
        if abs(error[0] / theirs - 1) > 0.01:
            sys.exit("%s: squared error %g, %s has %g" % (name, error[0], peer, theirs))

    if folds:
        peers = {
            "1 thread": lambda: lightgbm_folds(matrix, labels, rounds, leaves, folds, 1, 1),
            "2 threads": lambda: lightgbm_folds(matrix, labels, rounds, leaves, folds, 2, 1),
            "2 folds at once": lambda: lightgbm_folds(matrix, labels, rounds, leaves, folds, 1, 2),
        }
    else:
        peers = {
            "1 thread": lambda: lightgbm_train(matrix, labels, rounds, leaves, 1),
            "2 threads": lambda: lightgbm_train(matrix, labels, rounds, leaves, 2),
        }
    mine, theirs = interleaved(count, lambda: ours.train("data", rounds, leaves, folds), peers, check)
    report(name, mine, theirs, ours)
    ours.process.kill()


def compare_prediction(program, folder, rows, rounds, count):
    matrix, labels = generated(rows)
    some = min(rows, 100_000)
    ours = Zlsql(program)
    ours.load("part", matrix[:some], labels[:some], folder)
    ours.load("data", matrix, labels, folder)
    ours.train("part", rounds, 31)
    booster = lightgbm.Booster(model_str=ours.export(folder))
    peers = {"%d thread%s" % (threads, "s" * (threads > 1)): lambda threads=threads: booster.predict(matrix, num_threads=threads) for threads in (1, 2)}
    if xgboost:
        data = xgboost.DMatrix(matrix[:some], labels[:some])
        others = {threads: xgboost.train(xgboost_settings(31, threads), data, rounds) for threads in (1, 2)}
        for threads, other in others.items():
            peers["XGBoost %d" % threads] = lambda other=other: other.inplace_predict(matrix)

    def check(peer, sums, values):
        if not peer.startswith("XGBoost") and not numpy.allclose(sums, [values.sum(), numpy.abs(values).sum()], rtol=1e-9):
            sys.exit("predictions add up to %s, LightGBM's to %s" % (sums, [values.sum(), numpy.abs(values).sum()]))

    mine, theirs = interleaved(count, lambda: ours.predict("data"), peers, check)
    report("predict %s x %d" % (format(rows, ","), rounds), mine, theirs, ours)
    for engine in ("LightGBM", "XGBoost"):
        ratios = [seconds / mine for peer, seconds in theirs.items() if peer.startswith("XGBoost") == (engine == "XGBoost")]
        print("  beside %s: %s" % (engine, "%.2fx" % min(ratios) if ratios else "not installed"), flush=True)
    ours.process.kill()


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    options.add_argument("--full", action="store_true")
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--only", default="")
    options.add_argument("--program", default=os.path.join(ROOT, ".build", "release", "zlsql"))
    arguments = options.parse_args()
    print("%s, %d cores, LightGBM %s%s, median of %d, seconds" % (
        platform.machine(), os.cpu_count(), lightgbm.__version__, ", XGBoost " + xgboost.__version__ if xgboost else "", arguments.rounds))
    with tempfile.TemporaryDirectory() as folder:
        program = Zlsql(arguments.program)
        check_trees(program, folder)
        program.process.kill()
        print("%-24s %9s %9s %8s  %9s %9s" % ("workload", "zlsql", "peer", "ratio", "zlsql", "Python"))
        for workload in TRAINING[arguments.full]:
            if arguments.only in workload[0]:
                compare_training(arguments.program, folder, *workload, arguments.rounds)
        if arguments.only in "predict":
            compare_prediction(arguments.program, folder, *PREDICTION[arguments.full], arguments.rounds)


if __name__ == "__main__":
    main()
