#include "ExtremeKernels.h"

#include <math.h>

enum { LANES = 16 };

// A NaN never replaces a number here, as in the instructions for minimum and maximum.
#define EXTREME(BEATS, WORST)                                                              \
  double best[LANES];                                                                      \
  for (int k = 0; k < LANES; k++) best[k] = WORST;                                         \
  for (size_t row = 0; row < count; row += LANES) {                                        \
    const double *v = values + (row + LANES <= count ? row : count - LANES);               \
    for (int k = 0; k < LANES; k++) best[k] = v[k] BEATS best[k] ? v[k] : best[k];         \
  }                                                                                        \
  for (int k = 1; k < LANES; k++) best[0] = best[k] BEATS best[0] ? best[k] : best[0];     \
  return best[0];

static double least(const double *values, size_t count) { EXTREME(<, INFINITY) }
static double greatest(const double *values, size_t count) { EXTREME(>, -INFINITY) }

// Infinities give NaN too, which asks for a closer look where none is needed, and no more.
static int may_hold_nan(const double *values, size_t count) {
  double sums[LANES] = {0};
  for (size_t row = 0; row < count; row += LANES) {
    const double *v = values + (row + LANES <= count ? row : count - LANES);
    for (int k = 0; k < LANES; k++) sums[k] += v[k] * 0.0;
  }
  double sum = 0;
  for (int k = 0; k < LANES; k++) sum += sums[k];
  return !(sum == 0);
}

int zl_extreme(const double *values, size_t count, int wants_less, double *extreme) {
  if (count < ZL_EXTREME_COUNT) return 0;
  double found = wants_less ? least(values, count) : greatest(values, count);
  if (found == 0 || isinf(found) || (!wants_less && may_hold_nan(values, count))) return 0;
  *extreme = found;
  return 1;
}

int zl_has_nan(const double *values, size_t count) {
  if (count >= LANES && !may_hold_nan(values, count)) return 0;
  for (size_t row = 0; row < count; row++) {
    if (isnan(values[row])) return 1;
  }
  return 0;
}
