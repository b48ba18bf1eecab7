#ifndef MOMENTKERNELS_H
#define MOMENTKERNELS_H

#include <stddef.h>
#include <stdint.h>

// Window sums, and statistics that are formulas over them. The instruction set is chosen when they are called; results are the same bits
// with every one.

/// out[i] = values[i] - anchor.
void zl_differences(const double *values, double anchor, size_t count, double *out);

/// out[i] = left[i] * right[i].
void zl_products(const double *left, const double *right, size_t count, double *out);

/// out[t] = the sum of source[t] ... source[t + width - 1], by doubling: sums of 2k values from sums of k, then the powers of two,
/// `pieces`, that the width is made of, the shortest at the window's end.
///
/// No value outlives its window and nothing drifts: a sum is a function of the window's values and their distance from its end. `pieces`
/// ascend. O(log width) additions a row, all of them over contiguous memory in the first-level cache.
///
/// `scratch` has room for `zl_window_sums_scratch(width, count)` numbers; 64 bytes behind the source can be read.
void zl_window_sums(const double *source, const intptr_t *pieces, size_t piece_count, size_t width, size_t count, double *scratch,
                    double *out);
size_t zl_window_sums_scratch(size_t width, size_t count);

/// The smaller or the greater of two values, row by row. NaN is the greatest value; of equal values `left` is taken.
void zl_lesser(const double *left, const double *right, size_t count, double *out);
void zl_greater(const double *left, const double *right, size_t count, double *out);

enum zl_formula {
  ZL_SUM,
  ZL_MEAN,
  ZL_VARIANCE,
  ZL_DEVIATION,
  ZL_ZSCORE,
  ZL_DEMEAN,
  ZL_COVARIANCE,
  ZL_CORRELATION,
  ZL_SLOPE
};

/// Sums over the windows of some rows: of the values that count (`counts`), their differences from an anchor, squares and products. Sums
/// that a formula does not use may be NULL.
typedef struct {
  const double *counts, *x, *xx, *y, *yy, *xy;
  /// The rows' own values, less the anchor.
  const double *current;
  double anchor;
} zl_moments;

/// Computes a statistic of `count` windows, at least one. `correction` is what a variance's divisor is below the number of values.
///
/// `valid[i]` becomes 1 where row i has at least `least` values and the result kept its digits, `unsure[i]` where it lost them to
/// cancellation; 0 elsewhere. Returns 1 where some row is unsure. Every row may be asked for by itself.
int zl_moment_statistic(int formula, const zl_moments *moments, double correction, double least, size_t count, double *values,
                        uint8_t *valid, uint8_t *unsure);

#endif
