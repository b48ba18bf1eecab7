#ifndef CKERNELS_H
#define CKERNELS_H

#include <stddef.h>
#include <stdint.h>

#include "ArithmeticKernels.h"
#include "CompareKernels.h"
#include "ExtremeKernels.h"
#include "FieldKernels.h"
#include "ForestKernels.h"
#include "HistogramKernels.h"
#include "JoinKernels.h"
#include "MomentKernels.h"
#include "RankKernels.h"
#include "SplitKernels.h"
#include "TextKernels.h"
#include "UnpackKernels.h"
#include "WindowKernels.h"

// What Swift cannot say. What inner loops use is `static inline` so that it costs no call.

/// Asks the cache for the line at `address`, for reading.
static inline void zl_prefetch(const void *address) { __builtin_prefetch(address, 0, 3); }

/// Asks the cache for the line at `address`, for writing.
static inline void zl_prefetch_write(const void *address) { __builtin_prefetch(address, 1, 3); }

enum { ZL_BLOCK_LIMIT = 32768 };

/// At least `byte_count` bytes, at most ZL_BLOCK_LIMIT, and 64 more, at an address divisible by 64: what this thread gave back, or new
/// memory. NULL where there is none.
void *zl_block_take(size_t byte_count);

/// Takes back what `zl_block_take` gave for the same `byte_count`, on any thread.
void zl_block_give(void *address, size_t byte_count);

/// The first place of a piece in a text; NULL where there is none.
const void *zl_find(const void *text, size_t text_count, const void *piece, size_t piece_count);

#endif
