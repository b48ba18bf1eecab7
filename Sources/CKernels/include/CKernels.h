#ifndef CKERNELS_H
#define CKERNELS_H

#include <stddef.h>
#include <stdint.h>

#include "ArithmeticKernels.h"
#include "Blocks.h"
#include "CompareKernels.h"
#include "DoubleKernels.h"
#include "ExtremeKernels.h"
#include "FieldKernels.h"
#include "ForestKernels.h"
#include "GroupKernels.h"
#include "HistogramKernels.h"
#include "JoinKernels.h"
#include "KeepKernels.h"
#include "MomentKernels.h"
#include "NumberKernels.h"
#include "PackKernels.h"
#include "RankKernels.h"
#include "RecursionKernels.h"
#include "RowKernels.h"
#include "RunKernels.h"
#include "SortKernels.h"
#include "SplitKernels.h"
#include "TextKernels.h"
#include "UnpackKernels.h"
#include "WindowKernels.h"
#include "ZoneKernels.h"

// What Swift cannot say. What inner loops use is `static inline` so that it costs no call.

/// Asks the cache for the line at `address`, for reading.
static inline void zl_prefetch(const void *address) { __builtin_prefetch(address, 0, 3); }

/// Asks the cache for the line at `address`, for writing.
static inline void zl_prefetch_write(const void *address) { __builtin_prefetch(address, 1, 3); }

/// Tells the processor that the thread only looks whether another one has got further.
static inline void zl_pause(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

/// The first place of a piece in a text; NULL where there is none.
const void *zl_find(const void *text, size_t text_count, const void *piece, size_t piece_count);

#endif
