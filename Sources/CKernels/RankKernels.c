#include "RankKernels.h"

#include <math.h>

#define INLINE static inline __attribute__((always_inline))

enum { BLOCK = 256 };

// All rows take the same number of halvings, so that nothing is to be predicted.
INLINE void search(const double *values, const uint32_t *steps, size_t count, const double *bounds, const uint16_t *first, uint32_t depth,
                   uint8_t base, uint8_t *out) {
  for (size_t row = 0; row < count; row++) {
    double value = values[row];
    size_t rank = first[steps[row]];
    for (size_t half = (size_t)1 << depth >> 1; half > 0; half >>= 1) rank += half & -(size_t)(bounds[rank + half - 1] < value);
    out[row] = (uint8_t)(base + rank);
  }
}

INLINE void block_ranks(const double *values, size_t count, const ZLRankTable *table, ZLMissing missing, uint8_t base, uint8_t *out) {
  double numbers[BLOCK];
  uint32_t steps[BLOCK];
  double low = table->low, scale = table->scale;
  uint32_t step_count = table->step_count;
  for (size_t row = 0; row < count; row++) {
    double value = values[row] == values[row] ? values[row] : 0;
    numbers[row] = value;
    steps[row] = zl_rank_step(value, low, scale, step_count);
  }
  switch (table->depth) {
  case 0: search(numbers, steps, count, table->bounds, table->first, 0, base, out); break;
  case 1: search(numbers, steps, count, table->bounds, table->first, 1, base, out); break;
  case 2: search(numbers, steps, count, table->bounds, table->first, 2, base, out); break;
  case 3: search(numbers, steps, count, table->bounds, table->first, 3, base, out); break;
  default: search(numbers, steps, count, table->bounds, table->first, table->depth, base, out);
  }
  if (missing.zeros) {
    for (size_t row = 0; row < count; row++) out[row] = fabs(numbers[row]) <= missing.zero ? missing.rank : out[row];
  }
  if (missing.nan) {
    for (size_t row = 0; row < count; row++) out[row] = values[row] == values[row] ? out[row] : missing.rank;
  }
}

#define PARAMETERS const double *values, size_t count, const ZLRankTable *table, ZLMissing missing, uint8_t base, uint8_t *out

static void block_ranks_plain(PARAMETERS) { block_ranks(values, count, table, missing, base, out); }

#if defined(__x86_64__)
__attribute__((target("avx2"))) static void block_ranks_avx2(PARAMETERS) { block_ranks(values, count, table, missing, base, out); }
#endif

void zl_ranks(PARAMETERS) {
  void (*ranks)(PARAMETERS) = block_ranks_plain;
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) ranks = block_ranks_avx2;
#endif
  for (size_t begin = 0; begin < count; begin += BLOCK) {
    ranks(values + begin, count - begin < BLOCK ? count - begin : BLOCK, table, missing, base, out + begin);
  }
}
