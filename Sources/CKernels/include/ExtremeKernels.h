#ifndef EXTREMEKERNELS_H
#define EXTREMEKERNELS_H

#include <stddef.h>

/// With fewer numbers `zl_extreme` gives nothing.
enum { ZL_EXTREME_COUNT = 32 };

/// The least (`wants_less`) or the greatest of some numbers, NaN being the greatest.
///
/// Returns 0, and gives nothing, where lanes cannot tell: for few values, where there may be no number or a NaN is the greatest, and for 0,
/// of which the first of both signs is the one to be found.
int zl_extreme(const double *values, size_t count, int wants_less, double *extreme);

/// Whether some number is NaN.
int zl_has_nan(const double *values, size_t count);

#endif
