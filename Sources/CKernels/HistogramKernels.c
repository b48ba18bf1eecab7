#include "HistogramKernels.h"

#include <string.h>

typedef double sums2 __attribute__((vector_size(16), may_alias));

// The histograms of a group stay in the nearest cache for a block of rows, and the block's rows in the next one for all groups.
enum { COLUMNS = ZL_GROUP_COLUMNS, BLOCK = 512, AHEAD = 16, LINE = 64 };

// The rows of a block, and what is added for each.
typedef struct {
  const uint8_t *rows[BLOCK];
  sums2 sums[BLOCK];
  size_t count;
} Block;

// The rows of a leaf are scattered, so their lines are asked for in time.
static void read_block(Block *block, const uint8_t *matrix, size_t stride, const int32_t *rows, const ZLPair *pairs, size_t count,
                       size_t first, size_t last) {
  block->count = count < BLOCK ? count : BLOCK;
  for (size_t index = 0; index < block->count; index++) {
    if (index + AHEAD < count) {
      const uint8_t *row = matrix + (size_t)rows[index + AHEAD] * stride;
      __builtin_prefetch(pairs + rows[index + AHEAD], 0, 3);
      for (size_t byte = first; byte < last; byte += LINE) __builtin_prefetch(row + byte, 0, 3);
    }
    ZLPair pair = pairs[rows[index]];
    block->rows[index] = matrix + (size_t)rows[index] * stride;
    block->sums[index] = (sums2){pair.gradient, pair.hessian};
  }
}

#define ADD(bins, lane, width, sum)                                                                              \
  *(sums2 *)(entries + COLUMNS * ((bins) >> (width * lane) & (((uint64_t)1 << width) - 1)) + lane) += sum;

// Two rows at once; of one lane the earlier row comes first.
#define ADD_BLOCK(name, word, width)                                                                             \
  static void name(const Block *block, size_t position, ZLSums *entries) {                                       \
    size_t index = 0;                                                                                            \
    for (; index + 2 <= block->count; index += 2) {                                                              \
      word a, b;                                                                                                 \
      memcpy(&a, block->rows[index] + position, sizeof a);                                                       \
      memcpy(&b, block->rows[index + 1] + position, sizeof b);                                                   \
      sums2 sum_a = block->sums[index], sum_b = block->sums[index + 1];                                          \
      ADD(a, 0, width, sum_a) ADD(b, 0, width, sum_b)                                                            \
      ADD(a, 1, width, sum_a) ADD(b, 1, width, sum_b)                                                            \
      ADD(a, 2, width, sum_a) ADD(b, 2, width, sum_b)                                                            \
      ADD(a, 3, width, sum_a) ADD(b, 3, width, sum_b)                                                            \
    }                                                                                                            \
    if (index == block->count) return;                                                                           \
    word a;                                                                                                      \
    memcpy(&a, block->rows[index] + position, sizeof a);                                                         \
    sums2 sum = block->sums[index];                                                                              \
    ADD(a, 0, width, sum) ADD(a, 1, width, sum) ADD(a, 2, width, sum) ADD(a, 3, width, sum)                      \
  }

ADD_BLOCK(add_bytes, uint32_t, 8)
ADD_BLOCK(add_words, uint64_t, 16)

void zl_sum_rows(const void *matrix, size_t stride, int is_wide, const int32_t *rows, const ZLPair *pairs, size_t count,
                 const ZLColumnGroup *groups, size_t group_count, ZLSums *histograms, int is_clear) {
  if (group_count == 0) return;
  size_t first = groups[0].position, last = groups[group_count - 1].position + (is_wide ? 2 : 1) * COLUMNS;
  Block block;
  size_t begin = 0;
  do {
    read_block(&block, matrix, stride, rows + begin, pairs, count - begin, first, last);
    for (const ZLColumnGroup *group = groups; group < groups + group_count; group++) {
      ZLSums *entries = histograms + group->offset;
      if (begin == 0 && !is_clear) memset(entries, 0, COLUMNS * group->count * sizeof(ZLSums));
      if (is_wide) {
        add_words(&block, group->position, entries);
      } else {
        add_bytes(&block, group->position, entries);
      }
    }
    begin += block.count;
  } while (begin < count);
}
