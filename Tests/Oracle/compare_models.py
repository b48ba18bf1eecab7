"""Holds two models in LightGBM's text format against each other, tree by tree: exit status 0 if the trees are the same.

    python compare_models.py ours.txt lightgbm.txt

Compared are the features, the number of trees, and of every tree the splits (feature, threshold, default direction), the
shape and the leaf values, to the last bit. The first difference is printed with what surrounds it: the tree, the node,
both splits and both gains, since a difference usually begins with two splits of nearly equal gain.
"""

import sys


def read(path):
    """(header, trees) as dictionaries of texts."""
    header, trees, part = {}, [], {}
    with open(path) as file:
        for text in file:
            text = text.strip()
            if text == "end of trees":
                break
            if text.startswith("Tree="):
                part = {}
                trees.append(part)
            key, _, value = text.partition("=")
            if key:
                (part if trees else header)[key] = value
    return header, trees


def first_difference(ours, theirs):
    """A description of the first difference of two trees, None if there is none."""
    for key, kind in (("split_feature", int), ("threshold", float), ("decision_type", int), ("left_child", int),
                      ("right_child", int), ("leaf_count", int), ("leaf_value", float)):
        a = [kind(v) for v in ours.get(key, "").split()]
        b = [kind(v) for v in theirs.get(key, "").split()]
        if a == b:
            continue
        at = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
        lines = ["%s of %s %d: %s, expected %s" % (key, "leaf" if key.startswith("leaf") else "node", at,
                                                   a[at] if at < len(a) else "none", b[at] if at < len(b) else "none")]
        for name in ("split_feature", "threshold", "split_gain", "internal_count"):
            x, y = ours.get(name, "").split(), theirs.get(name, "").split()
            if at < len(x) and at < len(y):
                lines.append("  %-15s %s | %s" % (name, x[at], y[at]))
        return "\n".join(lines)
    return None


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    (header_a, trees_a), (header_b, trees_b) = read(sys.argv[1]), read(sys.argv[2])
    for key in ("feature_names", "feature_infos"):
        a, b = header_a.get(key, "").split(), header_b.get(key, "").split()
        for x, y in zip(a, b):
            if x != y:
                sys.exit("%s differ: %s, expected %s" % (key, x, y))
        if len(a) != len(b):
            sys.exit("%s: %d, expected %d" % (key, len(a), len(b)))
    for number, (ours, theirs) in enumerate(zip(trees_a, trees_b)):
        difference = first_difference(ours, theirs)
        if difference:
            sys.exit("tree %d of %d: %s" % (number, len(trees_b), difference))
    if len(trees_a) != len(trees_b):
        sys.exit("%d trees, expected %d; the first %d are the same"
                 % (len(trees_a), len(trees_b), min(len(trees_a), len(trees_b))))
    print("%d trees, all the same" % len(trees_a))


if __name__ == "__main__":
    main()
