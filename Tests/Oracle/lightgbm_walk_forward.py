"""Trains the ZL models with LightGBM on an exported matrix, as TRAIN BOOSTED states the job, and reports fold by fold.

    python lightgbm_walk_forward.py zl_training_v1.csv [--inner 15 | --inner none] [--version 1 | 2] [--models FOLDER]
                                    [--metrics FOLDER]

Folds are scikit-learn's TimeSeriesSplit over the rows with a target; the last 21 training rows of a fold are purged.
--inner 15: early stopping watches the last floor(15 percent) of the rest, 21 rows before those are purged again.
--inner none: it watches the reported fold itself. Weights are for training rows only. --models writes LightGBM's text of
every fold's model and, with --inner 15, of the model on all labelled rows, which compare_models.py holds against
EXPORT MODEL's. --metrics writes the reports as CSV files, which compare_metrics.py holds against model_metrics().
"""

import argparse
import os

import lightgbm
import numpy as np
import pandas as pd
from sklearn.model_selection import TimeSeriesSplit

from zl_features import FEATURES, VERSION_1

TARGET, PURGE, FOLDS, ROUNDS, PATIENCE, SEED = "return_1m_fwd", 21, 5, 3000, 100, 42
COMMON = dict(objective="regression", metric="l1", seed=SEED, num_threads=1, deterministic=True, force_col_wise=True,
              enable_bundle=False, verbosity=-1)
VERSIONS = {
    1: (VERSION_1, dict(num_leaves=31, learning_rate=0.05, feature_fraction=0.9, bagging_fraction=0.8, bagging_freq=5)),
    2: (FEATURES, dict(learning_rate=0.01, num_leaves=63, max_depth=8, min_data_in_leaf=50, feature_fraction=0.8,
                       bagging_fraction=0.8, bagging_freq=5, lambda_l1=0.1, lambda_l2=0.1)),
}


def read_matrix(path):
    """The labelled rows in the order of their dates."""
    matrix = pd.read_csv(path)
    for column in ("is_month_end", "is_quarter_end"):
        if not pd.api.types.is_bool_dtype(matrix[column]):
            matrix[column] = matrix[column].astype(str).str.lower().isin(["true", "t", "1"])
    return matrix[matrix[TARGET].notna()].sort_values("trade_date", ignore_index=True)


def split_inner(rows, inner):
    """Training rows, and the rows that early stopping watches (None: the reported ones)."""
    if inner is None:
        return rows, None
    watched = int(len(rows) * inner / 100)
    return rows[:len(rows) - watched - PURGE], rows[len(rows) - watched:]


def train(matrix, features, parameters, rows, watched):
    x, y = matrix[features].astype(float), matrix[TARGET].to_numpy()
    data = lightgbm.Dataset(x.iloc[rows], y[rows], weight=matrix["regime_weight"].to_numpy()[rows],
                            params=parameters, free_raw_data=False)
    valid = lightgbm.Dataset(x.iloc[watched], y[watched], reference=data)
    return lightgbm.train(parameters, data, ROUNDS, valid_sets=[valid],
                          callbacks=[lightgbm.early_stopping(PATIENCE, verbose=False)])


def scores(predicted, actual):
    moved = actual != 0
    direction = np.nan
    if np.any(predicted != 0):
        direction = float(np.mean(np.sign(predicted[moved]) == np.sign(actual[moved])))
    return {"mae": np.abs(predicted - actual).mean(), "rmse": np.sqrt(np.square(predicted - actual).mean()),
            "direction": direction}


def walk_forward(matrix, version, inner, models, metrics):
    features, own = VERSIONS[version]
    parameters = dict(COMMON, **own)
    y = matrix[TARGET].to_numpy()
    name = "zl_v%d_inner_%s" % (version, "none" if inner is None else inner)
    report, everything = [], []
    for fold, (before, reported) in enumerate(TimeSeriesSplit(FOLDS).split(matrix)):
        before = before[:len(before) - PURGE]
        rows, watched = split_inner(before, inner)
        model = train(matrix, features, parameters, rows, reported if watched is None else watched)
        predicted = model.predict(matrix[features].astype(float).iloc[reported], num_threads=1)
        mean = np.full(len(reported), y[rows].mean())
        everything.append((predicted, y[reported], mean))
        report.append(line(fold + 1, len(rows), len(reported), model.best_iteration, *everything[-1]))
        save(model, models, "%s_fold_%d.txt" % (name, fold))
    whole = [np.concatenate(part) for part in zip(*everything)]
    best = ""
    if inner is not None:
        rows, watched = split_inner(np.arange(len(matrix)), inner)
        model = train(matrix, features, parameters, rows, watched)
        best = model.best_iteration
        save(model, models, name + "_all.txt")
    report.append(line("all", "", len(whole[0]), best, *whole))
    print("\n%s, %d features, %d rows" % (name, len(features), len(matrix)))
    report = pd.DataFrame(report)
    if metrics:
        os.makedirs(metrics, exist_ok=True)
        report.to_csv(os.path.join(metrics, name + ".csv"), index=False)
    print(report.to_string(index=False, float_format=lambda v: "%.6f" % v, na_rep=""))


def line(fold, train_rows, valid_rows, best_iteration, predicted, actual, mean):
    zero = scores(np.zeros(len(actual)), actual)
    mean = scores(mean, actual)
    own = scores(predicted, actual)
    return {"fold": fold, "train_rows": train_rows, "valid_rows": valid_rows, "best_iteration": best_iteration,
            "mae": own["mae"], "rmse": own["rmse"], "direction_accuracy": own["direction"], "zero_mae": zero["mae"],
            "mean_mae": mean["mae"], "mean_direction_accuracy": mean["direction"]}


def save(model, folder, name):
    if folder:
        os.makedirs(folder, exist_ok=True)
        model.save_model(os.path.join(folder, name))


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    options.add_argument("matrix", help="exported zl_training_v1.csv")
    options.add_argument("--inner", choices=["15", "none"], action="append", help="default: both")
    options.add_argument("--version", type=int, choices=[1, 2], action="append", help="default: both")
    options.add_argument("--models", help="folder for the models' text")
    options.add_argument("--metrics", help="folder for the reports as CSV")
    arguments = options.parse_args()
    matrix = read_matrix(arguments.matrix)
    for inner in arguments.inner or ["15", "none"]:
        for version in arguments.version or [1, 2]:
            walk_forward(matrix, version, None if inner == "none" else int(inner), arguments.models,
                         arguments.metrics)


if __name__ == "__main__":
    main()
