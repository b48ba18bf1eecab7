"""Holds zlsql's exported matrix against the oracle's (zl_features.py): exit status 0 if equal, 1 with the worst places.

    python compare_features.py zl_training_v1.csv zl_features.csv

Equal means: the same columns in the same order, the same trade dates, NULL in the same places, equal text, whole numbers
and booleans, and |ours - oracle| <= 1e-9 * |oracle| + 1e-12 for the rest. The absolute part is for values that are
differences of nearly equal numbers, such as a z-score close to 0: with prices of 10 to 1,000, 1e-12 is about their rounding.
"""

import sys

import numpy as np
import pandas as pd

RELATIVE, ABSOLUTE = 1e-9, 1e-12


def read(path):
    return pd.read_csv(path, dtype={"trade_date": str, "regime_name": str, "is_month_end": str, "is_quarter_end": str})


def compare(ours, oracle):
    """The complaints, and per column the largest difference relative to what is allowed."""
    if list(ours.columns) != list(oracle.columns):
        missing = [c for c in oracle.columns if c not in ours.columns]
        extra = [c for c in ours.columns if c not in oracle.columns]
        return ["columns differ: missing %s, extra %s, or another order" % (missing, extra)], []
    if list(ours["trade_date"]) != list(oracle["trade_date"]):
        differing = sorted(set(ours["trade_date"]) ^ set(oracle["trade_date"]))
        return ["trade dates differ: %d ours, %d expected, first difference %s"
                % (len(ours), len(oracle), differing[:1] or "in the order")], []
    complaints, worst = [], []
    for column in oracle.columns:
        a, b = ours[column], oracle[column]
        for row in np.flatnonzero((a.isna() != b.isna()).to_numpy())[:1]:
            complaints.append("%s on %s: %s, expected %s" % (column, ours["trade_date"][row], a[row], b[row]))
        both = (a.notna() & b.notna()).to_numpy()
        if not pd.api.types.is_numeric_dtype(b):
            text_a, text_b = a[both].astype(str).str.lower(), b[both].astype(str).str.lower()
            for row in text_a.index[(text_a != text_b).to_numpy()][:1]:
                complaints.append("%s on %s: %s, expected %s" % (column, ours["trade_date"][row], a[row], b[row]))
            continue
        x, y = a.to_numpy(dtype=float), b.to_numpy(dtype=float)
        excess = np.where(both, np.abs(x - y) / (RELATIVE * np.abs(y) + ABSOLUTE), 0)
        row = int(excess.argmax())
        worst.append((excess[row], column, ours["trade_date"][row], x[row], y[row]))
        if not excess[row] <= 1:
            complaints.append("%s on %s: %.17g, expected %.17g, in all %d rows off"
                              % (column, ours["trade_date"][row], x[row], y[row], int((excess > 1).sum())))
    return complaints, sorted(worst, reverse=True)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    ours, oracle = read(sys.argv[1]), read(sys.argv[2])
    complaints, worst = compare(ours, oracle)
    for line in complaints:
        print(line)
    for excess, column, day, x, y in worst[:3]:
        print("largest difference: %s on %s, %.17g against %.17g, %.2g of the tolerance" % (column, day, x, y, excess))
    if complaints:
        sys.exit(1)
    print("%d rows and %d columns equal within %g relative" % (len(ours), len(ours.columns), RELATIVE))


if __name__ == "__main__":
    main()
