#ifndef PACKKERNELS_H
#define PACKKERNELS_H

#include <stddef.h>
#include <stdint.h>

/// What the width of a packed block depends on.
struct zl_pack_bounds {
  int64_t least, greatest;
  /// The same of the steps from value to value, which wrap; least above greatest where there is none.
  int64_t least_step, greatest_step;
  /// Steps other than 0.
  uint32_t changes;
};

/// `count` is 1 to 256.
struct zl_pack_bounds zl_pack_bounds(const int64_t *values, size_t count);
/// Least and greatest alone.
struct zl_pack_bounds zl_pack_frame(const int64_t *values, size_t count);

/// Packs the low `width` (1 to 32) bits of 256 values less `base`, eight lanes side by side: what zl_unpack_int64 reads.
void zl_pack_int64(const int64_t *values, uint32_t width, int64_t base, uint32_t *words);

/// The integers that 256 doubles are when multiplied by `scale`, a power of ten up to 10^10.
///
/// Returns how many doubles are not, bit for bit, the quotient of their integer and `scale`; the integers of those are undefined.
size_t zl_scale_doubles(const double *values, double scale, int64_t *integers);

#endif
