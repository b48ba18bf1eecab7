#ifndef ARITHMETICKERNELS_H
#define ARITHMETICKERNELS_H

#include <stddef.h>
#include <stdint.h>

// Whole numbers row by row: out[i] = a[i * a_step] op b[i * b_step], a step being 1 or, for a constant, 0. Each returns 0 where every
// result is right; else some row may have overflowed, and `out` is not to be read. The 128-bit numbers lie at addresses divisible by 16.

#define ZL_ARITHMETIC(NAME) int NAME(const void *a, size_t a_step, const void *b, size_t b_step, void *out, size_t count)

ZL_ARITHMETIC(zl_add_int32);
ZL_ARITHMETIC(zl_add_int64);
ZL_ARITHMETIC(zl_add_int128);
ZL_ARITHMETIC(zl_subtract_int32);
ZL_ARITHMETIC(zl_subtract_int64);
ZL_ARITHMETIC(zl_subtract_int128);
ZL_ARITHMETIC(zl_multiply_int32);
ZL_ARITHMETIC(zl_multiply_int64);
/// Factors of 128 bits that need more than 64 count as overflowed.
ZL_ARITHMETIC(zl_multiply_int128);
/// 64 by 64 bits to 128, which cannot overflow.
ZL_ARITHMETIC(zl_multiply_int64_to_int128);
/// 128 by 64 bits to 128, with the rule of `zl_multiply_int128`.
ZL_ARITHMETIC(zl_multiply_int128_by_int64);

enum { ZL_SUM_PARTS = 4 };

/// Adds each value to part `row % ZL_SUM_PARTS` of its group, so that neighbouring rows of one group do not wait for each other. A part is
/// a 128-bit sum of the values (of their low halves, taken as unsigned, where they have 128 bits), one of their high halves, and a 64-bit
/// count, in 48 bytes.
void zl_sum_int64(const int64_t *values, const uint32_t *groups, size_t count, void *parts);
void zl_sum_int128(const void *values, const uint32_t *groups, size_t count, void *parts);

#endif
