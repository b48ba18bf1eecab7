#ifndef FIELDLANES_H
#define FIELDLANES_H

#include "FieldKernels.h"

// What FieldKernels.c and FieldLanes.c share.

enum { LENGTH_MASK = (1 << 30) - 1, LONGEST = 16 };

/// The 16 bytes from place n on move the first n bytes to the end and clear the rest.
extern const uint8_t zl_right_aligned[32];
/// 10^0 to 10^15.
extern const double zl_field_powers[LONGEST];

/// `zl_read_integers` and `zl_read_decimals` for processors with SSE 4.1.
size_t zl_read_integers_wide(const uint8_t *base, const struct zl_field *fields, size_t stride, size_t count, int64_t *out);
size_t zl_read_decimals_wide(const uint8_t *base, const struct zl_field *fields, size_t stride, size_t count, int allows_point, double *out);

/// The same for those with AVX-512.
size_t zl_read_integers_widest(const uint8_t *base, const struct zl_field *fields, size_t stride, size_t count, int64_t *out);
size_t zl_read_decimals_widest(const uint8_t *base, const struct zl_field *fields, size_t stride, size_t count, int allows_point, double *out);

#endif
