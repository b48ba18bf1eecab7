#ifndef CKERNELS_H
#define CKERNELS_H

#include <stddef.h>
#include <stdint.h>

#include "WindowKernels.h"

// What Swift cannot say. Everything here is `static inline` so that it costs no call.

/// Asks the cache for the line at `address`, for reading.
static inline void zl_prefetch(const void *address) { __builtin_prefetch(address, 0, 3); }

/// Asks the cache for the line at `address`, for writing.
static inline void zl_prefetch_write(const void *address) { __builtin_prefetch(address, 1, 3); }

#endif
