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

enum { ZL_GROUP_PARTS = 4 };

/// Counts each row in part `row % ZL_GROUP_PARTS` of its group, so that neighbouring rows of one group do not wait for each other.
void zl_count_groups(const uint32_t *groups, size_t count, uint32_t *parts);
/// Adds each value, modulo 2^64, to such a part; `step` is 2 for the low halves of 128-bit numbers.
void zl_sum_groups(const int64_t *values, size_t step, const uint32_t *groups, size_t count, uint64_t *parts);

#define ZL_NARROW ((int64_t)1 << 51)

/// Whether all numbers, signed or not, are at least -ZL_NARROW and less than ZL_NARROW.
int zl_are_narrow(const uint64_t *words, size_t count);
int zl_are_narrow_int128(const uint64_t *words, size_t count);

/// The start of each time's bucket, buckets being `length` (less than 2^51) long and counted from `origin`. Returns 0 where some time is 2^51
/// or more from the origin: then `starts` is not to be read.
int zl_bucket_starts(const int64_t *times, size_t count, int64_t origin, int64_t length, int64_t *starts);

#endif
