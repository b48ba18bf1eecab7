#ifndef WINDOWKERNELS_H
#define WINDOWKERNELS_H

#include <stddef.h>
#include <stdint.h>

// Window kernels that gain two to three times from 256-bit vectors; the instruction set is chosen when they are called.

/// out[t] = 2 * (values below current[t]) + (values equal to it) among source[t] ... source[t + width - 1]. NaN is neither.
///
/// `count` is rounded up to 16: as many values more are read behind `source` and `current` and written behind `out`.
void zl_rank_counts(const double *source, const double *current, size_t width, size_t count, double *out);

/// Moves a window of `width` values over source[0] ... source[width + count - 1] by `count` steps, kept in order.
///
/// On entry the ring holds the values of source[0] ... source[width - 1] in order, on return the last `width`. After step t,
/// low_values[t] is the value at place low[t] of the order and high_values[t] that at high[t]. No NaN. `ring` and `scratch` have one
/// value more before and eight after the `width`.
void zl_sliding_order(const double *source, double *ring, double *scratch, size_t width, size_t count, const int32_t *low,
                      const int32_t *high, double *low_values, double *high_values);

#endif
