#ifndef UNPACKKERNELS_H
#define UNPACKKERNELS_H

#include <stddef.h>
#include <stdint.h>

// Each of the first three takes the 256 numbers of `width` (1 to 32) bits that lie packed at `words`, eight lanes side by side, and adds `base`; sums wrap. Up
// to 32 bytes behind the packed numbers are read.

void zl_unpack_uint32(const uint32_t *words, uint32_t width, uint32_t base, uint32_t *values);
void zl_unpack_int64(const uint32_t *words, uint32_t width, int64_t base, int64_t *values);
/// Divides the sums, as signed 32-bit numbers, by `divisor`, a power of ten of at most 10^22: to the double nearest the quotient.
void zl_unpack_scaled(const uint32_t *words, uint32_t width, uint32_t base, double divisor, double *values);

/// Looks at the 256 packed numbers themselves: bit i % 64 of marks[i / 64] is 1 where number i is one of first, ..., first + span.
void zl_packed_within(const uint32_t *words, uint32_t width, uint32_t first, uint32_t span, uint64_t *marks);

/// The packed numbers whose bit of the four words is 1, one behind the other; returns how many these are. `numbers` has room for 16 more than 256.
size_t zl_keep_packed(const uint32_t *words, uint32_t width, const uint64_t *marks, uint32_t *numbers);
/// Numbers that were so kept, each plus `base`, in the place of zl_unpack_scaled and zl_unpack_int64. Numbers and values come in eights: there is
/// room for as many.
void zl_scale_numbers(const uint32_t *numbers, size_t count, uint32_t base, double divisor, double *values);
void zl_widen_numbers(const uint32_t *numbers, size_t count, int64_t base, int64_t *values);

/// first, first + step, ...; sums wrap.
void zl_fill_steps(int64_t first, int64_t step, size_t count, int64_t *values);
/// Each value plus all before it and `base`; sums wrap.
void zl_add_up(int64_t base, size_t count, int64_t *values);

#endif
