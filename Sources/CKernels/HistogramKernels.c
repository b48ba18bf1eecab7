#include "HistogramKernels.h"

#include <string.h>

typedef double sums2 __attribute__((vector_size(16)));

// A row's bins lie in one or few lines of the cache; the rows of a leaf are scattered, so their lines are asked for in time.
enum { AHEAD = 16, LINE = 64 };

#define ADD(bins, lane, width, sum)                                                                              \
  {                                                                                                              \
    sums2 *entry = (sums2 *)(group->histograms[lane] + ((bins) >> (width * lane) & (((uint64_t)1 << width) - 1))); \
    *entry += sum;                                                                                               \
  }

// Two rows at once share the reading of the groups; of one lane the earlier row comes first.
#define ADD_ROWS(name, word, width)                                                                              \
  static void name(const uint8_t *matrix, size_t stride, const int32_t *rows, const ZLPair *pairs, size_t count, \
                   const ZLColumnGroup *groups, size_t group_count) {                                            \
    if (group_count == 0) return;                                                                                \
    size_t first = groups[0].place, last = groups[group_count - 1].place + sizeof(word);                         \
    for (size_t index = 0; index + 2 <= count; index += 2) {                                                     \
      for (size_t ahead = index + AHEAD; ahead < index + AHEAD + 2 && ahead < count; ahead++) {                  \
        const uint8_t *row = matrix + (size_t)rows[ahead] * stride;                                              \
        __builtin_prefetch(pairs + rows[ahead], 0, 3);                                                           \
        for (size_t byte = first; byte < last; byte += LINE) __builtin_prefetch(row + byte, 0, 3);               \
      }                                                                                                          \
      const uint8_t *row_a = matrix + (size_t)rows[index] * stride;                                              \
      const uint8_t *row_b = matrix + (size_t)rows[index + 1] * stride;                                          \
      sums2 sum_a = {pairs[rows[index]].gradient, pairs[rows[index]].hessian};                                   \
      sums2 sum_b = {pairs[rows[index + 1]].gradient, pairs[rows[index + 1]].hessian};                           \
      for (const ZLColumnGroup *group = groups; group < groups + group_count; group++) {                         \
        word a, b;                                                                                               \
        memcpy(&a, row_a + group->place, sizeof a);                                                              \
        memcpy(&b, row_b + group->place, sizeof b);                                                              \
        uint64_t bins_a = a, bins_b = b;                                                                         \
        ADD(bins_a, 0, width, sum_a) ADD(bins_b, 0, width, sum_b)                                                \
        ADD(bins_a, 1, width, sum_a) ADD(bins_b, 1, width, sum_b)                                                \
        ADD(bins_a, 2, width, sum_a) ADD(bins_b, 2, width, sum_b)                                                \
        ADD(bins_a, 3, width, sum_a) ADD(bins_b, 3, width, sum_b)                                                \
      }                                                                                                          \
    }                                                                                                            \
    if (count % 2 == 0) return;                                                                                  \
    sums2 sum = {pairs[rows[count - 1]].gradient, pairs[rows[count - 1]].hessian};                               \
    for (const ZLColumnGroup *group = groups; group < groups + group_count; group++) {                           \
      word a;                                                                                                    \
      memcpy(&a, matrix + (size_t)rows[count - 1] * stride + group->place, sizeof a);                            \
      uint64_t bins = a;                                                                                         \
      ADD(bins, 0, width, sum) ADD(bins, 1, width, sum) ADD(bins, 2, width, sum) ADD(bins, 3, width, sum)        \
    }                                                                                                            \
  }

ADD_ROWS(add_byte_rows, uint32_t, 8)
ADD_ROWS(add_word_rows, uint64_t, 16)

void zl_add_rows(const void *matrix, size_t stride, int is_wide, const int32_t *rows, const ZLPair *pairs, size_t count,
                 const ZLColumnGroup *groups, size_t group_count) {
  if (is_wide) {
    add_word_rows(matrix, stride, rows, pairs, count, groups, group_count);
  } else {
    add_byte_rows(matrix, stride, rows, pairs, count, groups, group_count);
  }
}
