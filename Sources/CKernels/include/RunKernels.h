#ifndef RUNKERNELS_H
#define RUNKERNELS_H

#include <stddef.h>
#include <stdint.h>

/// The least (`wants_less`) or the greatest value of each run: run i is the rows from `starts[i]` to `starts[i + 1]`, one or more.
///
/// Returns 0, and the extremes mean nothing, where some value is NaN. Of 0 and -0 the first is taken.
int zl_run_extremes(const double *values, const uint32_t *starts, size_t runs, int wants_less, double *extremes);

/// The sum of each run, modulo 2^64.
///
/// Returns whether all values are from -ZL_NARROW to ZL_NARROW - 1.
int zl_run_sums(const int64_t *values, const uint32_t *starts, size_t runs, int64_t *sums);

#endif
