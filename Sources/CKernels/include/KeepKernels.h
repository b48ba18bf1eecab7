#ifndef KEEPKERNELS_H
#define KEEPKERNELS_H

#include <stddef.h>
#include <stdint.h>

/// Writes the values whose bit is 1 (bit i % 64 of mask[i / 64]), one behind the other; returns their number. Bits behind the last value are
/// 0. `kept` may be `values`; there are 64 bytes of room behind the last value kept.
size_t zl_keep_64(const uint64_t *values, const uint64_t *mask, size_t count, uint64_t *kept);
size_t zl_keep_32(const uint32_t *values, const uint64_t *mask, size_t count, uint32_t *kept);

/// How many bits of some words are 1.
size_t zl_count_marks(const uint64_t *mask, size_t words);

#endif
