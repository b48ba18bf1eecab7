"""Checks that the exported CSV, read by pandas, is the view bit for bit: exit status 0 if it is.

    python check_export.py PROGRAM DATABASE zl_training_v1.csv

The view is read through the program's JSON protocol, whose numbers read back to the same double.
"""

import json
import math
import struct
import subprocess
import sys

import pandas as pd


def bits(number):
    return struct.pack("<d", number)


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    program, database, path = sys.argv[1:]
    answer = subprocess.run([program, "--jsonl", database], check=True, capture_output=True, text=True,
                            input="SELECT * FROM features.zl_training_v1 ORDER BY trade_date;\n").stdout
    view = json.loads(answer)
    if not view["ok"]:
        sys.exit(view["error"])
    table = pd.read_csv(path)
    if list(table.columns) != view["columns"] or len(table) != len(view["rows"]):
        sys.exit("the file has %d columns and %d rows, the view %d and %d"
                 % (len(table.columns), len(table), len(view["columns"]), len(view["rows"])))
    wrong = 0
    for number, column in enumerate(view["columns"]):
        for row, value in enumerate(table[column]):
            expected = view["rows"][row][number]
            if expected is None:
                equal = isinstance(value, float) and math.isnan(value)
            elif isinstance(expected, (int, float)) and not isinstance(expected, bool):
                equal = bits(float(value)) == bits(float(expected))
            else:
                equal = str(value).lower() == str(expected).lower()
            if not equal:
                if wrong == 0:
                    print("%s in row %d: the file has %r, the view %r" % (column, row, value, expected))
                wrong += 1
    sys.exit("%d values differ" % wrong if wrong else 0)


if __name__ == "__main__":
    main()
