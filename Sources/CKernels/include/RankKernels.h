#ifndef RANKKERNELS_H
#define RANKKERNELS_H

#include <stddef.h>
#include <stdint.h>

/// Ascending bounds with a table of equal steps over their range: a value's step says where its place among the bounds begins.
///
/// `first[s]` is the number of bounds in steps before s, of `step_count` steps; no step has 1 << `depth` bounds or more.
/// Behind the bounds lie as many infinities. What has a step is (value - low) * scale, 0 if that is not positive.
typedef struct {
  const double *bounds;
  const uint16_t *first;
  double low;
  double scale;
  uint32_t step_count;
  uint32_t depth;
} ZLRankTable;

/// What stands for "missing" and its rank.
typedef struct {
  /// Whether NaN is missing; else it counts as 0.
  int nan;
  /// Whether a value of at most `zero` in magnitude, and NaN, is missing.
  int zeros;
  double zero;
  uint8_t rank;
} ZLMissing;

/// The step of a value that is not NaN.
static inline uint32_t zl_rank_step(double value, double low, double scale, uint32_t step_count) {
  double step = (value - low) * scale;
  // Also where infinity meets a scale of 0, which is the scale of a single step.
  step = step > 0 ? step : 0;
  double last = (double)(step_count - 1);
  return (uint32_t)(int32_t)(step < last ? step : last);
}

/// out[r] = base + the number of bounds that values[r] is larger than, or the rank of missing values. Ranks must fit.
void zl_ranks(const double *values, size_t count, const ZLRankTable *table, ZLMissing missing, uint8_t base, uint8_t *out);

#endif
