#include "HistogramKernels.h"

#include <string.h>

typedef double sums2 __attribute__((vector_size(16), may_alias));
typedef double doubles8 __attribute__((vector_size(64), may_alias));

// The histograms of a group stay in the nearest cache for a block of rows, and the block's rows in the next one for all groups.
enum { COLUMNS = ZL_GROUP_COLUMNS, BLOCK = ZL_MOST_FEW_ROWS, AHEAD = 16, LINE = 64 };

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
                 const ZLColumnGroup *groups, size_t group_count, ZLSums *histograms) {
  if (group_count == 0) return;
  size_t first = groups[0].position, last = groups[group_count - 1].position + (is_wide ? 2 : 1) * COLUMNS;
  Block block;
  size_t begin = 0;
  do {
    read_block(&block, matrix, stride, rows + begin, pairs, count - begin, first, last);
    for (const ZLColumnGroup *group = groups; group < groups + group_count; group++) {
      ZLSums *entries = histograms + group->offset;
      if (begin == 0) memset(entries, 0, COLUMNS * group->count * sizeof(ZLSums));
      if (is_wide) {
        add_words(&block, group->position, entries);
      } else {
        add_bytes(&block, group->position, entries);
      }
    }
    begin += block.count;
  } while (begin < count);
}

// Places of a group with a sum, a bit each; bins have at most 16 bits.
enum { WORD = 64, MOST_WORDS = 65536 / WORD };

#define EACH_PLACE(touched, words, place)                                                                        \
  for (size_t number = 0; number < (words); number++)                                                            \
    for (uint64_t bits = (touched)[number], place; bits != 0 && (place = WORD * number + (size_t)__builtin_ctzll(bits), 1); bits &= bits - 1)

#define AT(sums, place) (*(doubles8 *)((sums) + COLUMNS * (place)))

static void touch(uint64_t *touched, const Block *block, size_t position, int is_wide) {
  for (size_t index = 0; index < block->count; index++) {
    for (size_t column = 0; column < COLUMNS; column++) {
      uint16_t place = block->rows[index][position + column];
      if (is_wide) memcpy(&place, block->rows[index] + position + 2 * column, sizeof place);
      touched[place / WORD] |= (uint64_t)1 << place % WORD;
    }
  }
}

void zl_subtract_rows(const void *matrix, size_t stride, int is_wide, const int32_t *rows, const ZLPair *pairs, size_t count,
                      const ZLColumnGroup *groups, size_t group_count, ZLSums leaf, ZLSums *scratch, ZLSums *histograms) {
  if (group_count == 0) return;
  size_t first = groups[0].position, last = groups[group_count - 1].position + (is_wide ? 2 : 1) * COLUMNS;
  Block block;
  read_block(&block, matrix, stride, rows, pairs, count, first, last);
  uint64_t touched[MOST_WORDS];
  for (const ZLColumnGroup *group = groups; group < groups + group_count; group++) {
    size_t words = (group->count + WORD - 1) / WORD;
    memset(touched, 0, words * sizeof(uint64_t));
    touch(touched, &block, group->position, is_wide);
    if (is_wide) {
      add_words(&block, group->position, scratch);
    } else {
      add_bytes(&block, group->position, scratch);
    }
    for (size_t column = 0; column < COLUMNS; column++) scratch[COLUMNS * (size_t)group->frequent[column] + column] = (ZLSums){0, 0};
    doubles8 rest = {leaf.gradient, leaf.hessian, leaf.gradient, leaf.hessian, leaf.gradient, leaf.hessian, leaf.gradient, leaf.hessian};
    EACH_PLACE(touched, words, place) rest -= AT(scratch, place);
    for (size_t column = 0; column < COLUMNS; column++) {
      size_t place = (size_t)group->frequent[column];
      if (place == 0) continue;
      scratch[COLUMNS * place + column] = (ZLSums){rest[2 * column], rest[2 * column + 1]};
      touched[place / WORD] |= (uint64_t)1 << place % WORD;
    }
    ZLSums *entries = histograms + group->offset;
    EACH_PLACE(touched, words, place) {
      AT(entries, place) -= AT(scratch, place);
      AT(scratch, place) = (doubles8){0};
    }
  }
}
