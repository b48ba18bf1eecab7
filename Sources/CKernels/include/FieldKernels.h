#ifndef FIELDKERNELS_H
#define FIELDKERNELS_H

#include <stddef.h>
#include <stdint.h>

// Columns of numbers in text, sixteen bytes at a time where the processor can shuffle bytes; elsewhere nothing is taken.

/// Where a field stands. The upper two bits of the length are its reader's own.
struct zl_field {
    uint32_t start;
    uint32_t length;
};

/// Reads `fields[0]`, `fields[stride]`, ... as whole numbers until one is none of the form `-?(0|[1-9][0-9]{0,15})`; how many were read.
///
/// `base` is readable for 32 bytes behind every field.
size_t zl_read_integers(const uint8_t *base, const struct zl_field *fields, size_t stride, size_t count, int64_t *out);

/// The same for decimals, `-?(0|[1-9][0-9]*)(\.[0-9]+)?` of at most 16 bytes behind the sign and a value without its point of at
/// most 2^53; only those without a point unless `allows_point`. Values are rounded once, to nearest.
size_t zl_read_decimals(const uint8_t *base, const struct zl_field *fields, size_t stride, size_t count, int allows_point, double *out);

#endif
