"""Holds model_metrics() against the report of lightgbm_walk_forward.py: exit status 0 if they agree.

    python compare_metrics.py model_metrics.csv zl_v1_inner_15.csv

Counts and best iterations must be equal, errors and shares agree to 1e-9 relative. A fold is counted from 1, the whole is the
row without a fold.
"""

import sys

import numpy as np
import pandas as pd

EXACT = ["train_rows", "valid_rows", "best_iteration"]
CLOSE = ["mae", "rmse", "direction_accuracy", "zero_mae", "mean_mae", "mean_direction_accuracy"]


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    ours = pd.read_csv(sys.argv[1], keep_default_na=True)
    theirs = pd.read_csv(sys.argv[2])
    ours.index = ["all" if pd.isna(f) or f == "all" else str(int(float(f))) for f in ours["fold"]]
    theirs.index = theirs["fold"].astype(str)
    if sorted(ours.index) != sorted(theirs.index):
        sys.exit("folds %s, expected %s" % (list(ours.index), list(theirs.index)))
    wrong = 0
    for fold in theirs.index:
        for column in EXACT + CLOSE:
            expected = theirs.loc[fold, column]
            if pd.isna(expected):
                continue
            found = ours.loc[fold, column]
            if not np.isclose(found, expected, rtol=1e-9 if column in CLOSE else 0, atol=0):
                print("fold %s: %s is %s, LightGBM has %s" % (fold, column, found, expected))
                wrong += 1
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
