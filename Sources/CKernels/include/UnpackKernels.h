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

/// first, first + step, ...; sums wrap.
void zl_fill_steps(int64_t first, int64_t step, size_t count, int64_t *values);
/// Each value plus all before it and `base`; sums wrap.
void zl_add_up(int64_t base, size_t count, int64_t *values);

#endif
