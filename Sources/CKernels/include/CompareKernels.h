#ifndef COMPAREKERNELS_H
#define COMPAREKERNELS_H

#include <stddef.h>
#include <stdint.h>

// Comparisons of a column with a constant, a bit a row: bit i % 64 of mask[i / 64] is 1 where values[i] stands to the constant as asked.
// The bits behind the last row are 0. 256-bit vectors where the processor has them.

enum zl_comparison { ZL_EQUAL, ZL_NOT_EQUAL, ZL_LESS, ZL_LESS_OR_EQUAL, ZL_GREATER, ZL_GREATER_OR_EQUAL };

/// NaN is greater than every number; `constant` is not NaN.
void zl_compare_doubles(const double *values, double constant, int comparison, size_t count, uint64_t *mask);
void zl_compare_int64s(const int64_t *values, int64_t constant, int comparison, size_t count, uint64_t *mask);
void zl_compare_int32s(const int32_t *values, int32_t constant, int comparison, size_t count, uint64_t *mask);

/// Adds to `mask` the rows, but the first, whose value is not that of the row before.
void zl_mark_changes_uint32(const uint32_t *values, size_t count, uint64_t *mask);
void zl_mark_changes_int64(const int64_t *values, size_t count, uint64_t *mask);

/// Writes the places of the 1 bits, ascending; returns their number. `rows` has room for `count` and 64 more.
size_t zl_mask_rows(const uint64_t *mask, size_t count, uint32_t *rows);

#endif
