#ifndef SORTKERNELS_H
#define SORTKERNELS_H

#include <stddef.h>
#include <stdint.h>

/// The least and the greatest word, and the bits in which some word differs from the first.
struct zl_extent {
  uint64_t least, greatest, differing;
};

/// `count` is at least 1. 256-bit vectors where the processor has them.
struct zl_extent zl_extent_uint64s(const uint64_t *words, size_t count);

#endif
