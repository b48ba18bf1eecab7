#ifndef ZONEKERNELS_H
#define ZONEKERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// What a zone map says of values that are not NULL, as order keys: whole numbers are their own, doubles stand in their order with
/// -0 = 0 and NaN greatest.
struct zl_zone {
  int64_t least, greatest;
  /// Some value is below the one before.
  bool falls;
};

/// `count` is at least 1. 256-bit vectors where the processor has them.
struct zl_zone zl_zone_int32s(const int32_t *values, size_t count);
struct zl_zone zl_zone_uint32s(const uint32_t *values, size_t count);
struct zl_zone zl_zone_int64s(const int64_t *values, size_t count);
struct zl_zone zl_zone_doubles(const double *values, size_t count);

#endif
