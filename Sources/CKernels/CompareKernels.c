#include "CompareKernels.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

// One word of 64 rows, or fewer at the end.
#define SCALAR_WORD(TEST)                                          \
  do {                                                             \
    uint64_t bits = 0;                                             \
    for (size_t i = 0; i < rows; i++) bits |= (uint64_t)(TEST) << i; \
    return bits;                                                   \
  } while (0)

// NaN is the greatest value, so what is not below or equal is above.
static uint64_t doubles_word(const double *v, double c, int comparison, size_t rows) {
  switch (comparison) {
    case ZL_EQUAL: SCALAR_WORD(v[i] == c);
    case ZL_NOT_EQUAL: SCALAR_WORD(!(v[i] == c));
    case ZL_LESS: SCALAR_WORD(v[i] < c);
    case ZL_LESS_OR_EQUAL: SCALAR_WORD(v[i] <= c);
    case ZL_GREATER: SCALAR_WORD(!(v[i] <= c));
    default: SCALAR_WORD(!(v[i] < c));
  }
}

#define INTEGERS_WORD(NAME, TYPE)                                                    \
  static uint64_t NAME(const TYPE *v, TYPE c, int comparison, size_t rows) {         \
    switch (comparison) {                                                            \
      case ZL_EQUAL: SCALAR_WORD(v[i] == c);                                         \
      case ZL_NOT_EQUAL: SCALAR_WORD(v[i] != c);                                     \
      case ZL_LESS: SCALAR_WORD(v[i] < c);                                           \
      case ZL_LESS_OR_EQUAL: SCALAR_WORD(v[i] <= c);                                 \
      case ZL_GREATER: SCALAR_WORD(v[i] > c);                                        \
      default: SCALAR_WORD(v[i] >= c);                                               \
    }                                                                                \
  }

INTEGERS_WORD(int64s_word, int64_t)
INTEGERS_WORD(int32s_word, int32_t)

#if defined(__x86_64__)
#define AVX2 __attribute__((target("avx2")))

#define EACH_WORD(LANES, BITS)                                                                        \
  for (size_t w = 0; w < words; w++) {                                                                \
    uint64_t bits = 0;                                                                                \
    for (int k = 0; k < 64 / LANES; k++) bits |= (uint64_t)(uint32_t)(BITS) << (LANES * k);           \
    mask[w] = bits ^ flip;                                                                            \
  }

AVX2 static void doubles_words(const double *v, double constant, int comparison, size_t words, uint64_t *mask) {
  const __m256d c = _mm256_set1_pd(constant);
  const uint64_t flip = 0;
#define LANE _mm256_loadu_pd(v + 64 * w + 4 * k)
  switch (comparison) {
    case ZL_EQUAL: EACH_WORD(4, _mm256_movemask_pd(_mm256_cmp_pd(LANE, c, _CMP_EQ_OQ))) break;
    case ZL_NOT_EQUAL: EACH_WORD(4, _mm256_movemask_pd(_mm256_cmp_pd(LANE, c, _CMP_NEQ_UQ))) break;
    case ZL_LESS: EACH_WORD(4, _mm256_movemask_pd(_mm256_cmp_pd(LANE, c, _CMP_LT_OQ))) break;
    case ZL_LESS_OR_EQUAL: EACH_WORD(4, _mm256_movemask_pd(_mm256_cmp_pd(LANE, c, _CMP_LE_OQ))) break;
    case ZL_GREATER: EACH_WORD(4, _mm256_movemask_pd(_mm256_cmp_pd(LANE, c, _CMP_NLE_UQ))) break;
    default: EACH_WORD(4, _mm256_movemask_pd(_mm256_cmp_pd(LANE, c, _CMP_NLT_UQ))) break;
  }
#undef LANE
}

// The other comparisons are these with their bits turned over.
#define FLIPPED (comparison == ZL_NOT_EQUAL || comparison == ZL_LESS_OR_EQUAL || comparison == ZL_GREATER_OR_EQUAL ? ~(uint64_t)0 : 0)

AVX2 static void int64s_words(const int64_t *v, int64_t constant, int comparison, size_t words, uint64_t *mask) {
  const __m256i c = _mm256_set1_epi64x(constant);
  const uint64_t flip = FLIPPED;
#define LANE _mm256_loadu_si256((const __m256i *)(v + 64 * w + 4 * k))
#define BITS(X) _mm256_movemask_pd(_mm256_castsi256_pd(X))
  switch (comparison) {
    case ZL_EQUAL: case ZL_NOT_EQUAL: EACH_WORD(4, BITS(_mm256_cmpeq_epi64(LANE, c))) break;
    case ZL_LESS: case ZL_GREATER_OR_EQUAL: EACH_WORD(4, BITS(_mm256_cmpgt_epi64(c, LANE))) break;
    default: EACH_WORD(4, BITS(_mm256_cmpgt_epi64(LANE, c))) break;
  }
#undef LANE
#undef BITS
}

AVX2 static void int32s_words(const int32_t *v, int32_t constant, int comparison, size_t words, uint64_t *mask) {
  const __m256i c = _mm256_set1_epi32(constant);
  const uint64_t flip = FLIPPED;
#define LANE _mm256_loadu_si256((const __m256i *)(v + 64 * w + 8 * k))
#define BITS(X) _mm256_movemask_ps(_mm256_castsi256_ps(X))
  switch (comparison) {
    case ZL_EQUAL: case ZL_NOT_EQUAL: EACH_WORD(8, BITS(_mm256_cmpeq_epi32(LANE, c))) break;
    case ZL_LESS: case ZL_GREATER_OR_EQUAL: EACH_WORD(8, BITS(_mm256_cmpgt_epi32(c, LANE))) break;
    default: EACH_WORD(8, BITS(_mm256_cmpgt_epi32(LANE, c))) break;
  }
#undef LANE
#undef BITS
}
#endif

#if defined(__x86_64__)
#define VECTOR_WORDS(NAME)                            \
  if (__builtin_cpu_supports("avx2")) {               \
    done = count / 64;                                \
    NAME(values, constant, comparison, done, mask);   \
  }
#else
#define VECTOR_WORDS(NAME)
#endif

#define COMPARE(NAME, TYPE, WORDS, WORD)                                                                      \
  void NAME(const TYPE *values, TYPE constant, int comparison, size_t count, uint64_t *mask) {                \
    size_t done = 0;                                                                                          \
    VECTOR_WORDS(WORDS)                                                                                       \
    for (; done * 64 < count; done++) {                                                                       \
      const size_t rest = count - done * 64;                                                                  \
      mask[done] = WORD(values + done * 64, constant, comparison, rest < 64 ? rest : 64);                     \
    }                                                                                                         \
  }

COMPARE(zl_compare_doubles, double, doubles_words, doubles_word)
COMPARE(zl_compare_int64s, int64_t, int64s_words, int64s_word)
COMPARE(zl_compare_int32s, int32_t, int32s_words, int32s_word)

// Rows of one word whose value is not that of the row before; the first row has none before it.
#define CHANGES_WORD(NAME, TYPE)                                          \
  static uint64_t NAME(const TYPE *v, int is_first, size_t rows) {        \
    uint64_t bits = 0;                                                    \
    for (size_t i = is_first ? 1 : 0; i < rows; i++) bits |= (uint64_t)(v[i] != *(v + i - 1)) << i; \
    return bits;                                                          \
  }

CHANGES_WORD(uint32s_changes, uint32_t)
CHANGES_WORD(int64s_changes, int64_t)

#if defined(__x86_64__)
// The bits of the words behind the first, each added to the mask.
AVX2 static void uint32s_change_words(const uint32_t *v, size_t words, uint64_t *mask) {
  for (size_t w = 1; w < words; w++) {
    uint64_t same = 0;
    for (int k = 0; k < 8; k++) {
      const uint32_t *now = v + 64 * w + 8 * k;
      const __m256i equal = _mm256_cmpeq_epi32(_mm256_loadu_si256((const __m256i *)now), _mm256_loadu_si256((const __m256i *)(now - 1)));
      same |= (uint64_t)(uint32_t)_mm256_movemask_ps(_mm256_castsi256_ps(equal)) << (8 * k);
    }
    mask[w] |= ~same;
  }
}

AVX2 static void int64s_change_words(const int64_t *v, size_t words, uint64_t *mask) {
  for (size_t w = 1; w < words; w++) {
    uint64_t same = 0;
    for (int k = 0; k < 16; k++) {
      const int64_t *now = v + 64 * w + 4 * k;
      const __m256i equal = _mm256_cmpeq_epi64(_mm256_loadu_si256((const __m256i *)now), _mm256_loadu_si256((const __m256i *)(now - 1)));
      same |= (uint64_t)(uint32_t)_mm256_movemask_pd(_mm256_castsi256_pd(equal)) << (4 * k);
    }
    mask[w] |= ~same;
  }
}
#define CHANGE_WORDS(WORDS, WORD)                         \
  if (__builtin_cpu_supports("avx2") && count >= 128) {   \
    done = count / 64;                                    \
    mask[0] |= WORD(values, 1, 64);                       \
    WORDS(values, done, mask);                            \
  }
#else
#define CHANGE_WORDS(WORDS, WORD)
#endif

#define MARK_CHANGES(NAME, TYPE, WORDS, WORD)                                             \
  void NAME(const TYPE *values, size_t count, uint64_t *mask) {                           \
    size_t done = 0;                                                                      \
    CHANGE_WORDS(WORDS, WORD)                                                                   \
    for (; done * 64 < count; done++) {                                                   \
      const size_t rest = count - done * 64;                                              \
      mask[done] |= WORD(values + done * 64, done == 0, rest < 64 ? rest : 64);           \
    }                                                                                     \
  }

MARK_CHANGES(zl_mark_changes_uint32, uint32_t, uint32s_change_words, uint32s_changes)
MARK_CHANGES(zl_mark_changes_int64, int64_t, int64s_change_words, int64s_changes)

static size_t mask_rows(const uint64_t *mask, size_t words, uint32_t *rows) {
  size_t found = 0;
  for (size_t w = 0; w < words; w++) {
    uint64_t bits = mask[w];
    const uint32_t base = (uint32_t)(w * 64);
    if (bits == ~(uint64_t)0) {
      for (uint32_t i = 0; i < 64; i++) rows[found + i] = base + i;
      found += 64;
      continue;
    }
    const size_t end = found + (size_t)__builtin_popcountll(bits);
    // why: four at a time need no test each; what is written behind the end is written again
    while (bits != 0) {
      for (int i = 0; i < 4; i++) {
        rows[found + i] = base + (uint32_t)(bits ? __builtin_ctzll(bits) : 0);
        bits &= bits - 1;
      }
      found += 4;
    }
    found = end;
  }
  return found;
}

#if defined(__x86_64__)
// Sixteen rows at a time are moved together by one instruction.
__attribute__((target("avx512f,popcnt"))) static size_t mask_rows_wide(const uint64_t *mask, size_t words, uint32_t *rows) {
  const __m512i lanes = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  size_t found = 0;
  for (size_t w = 0; w < words; w++) {
    if (mask[w] == 0) continue;
    for (int k = 0; k < 4; k++) {
      const uint32_t bits = (uint32_t)(mask[w] >> (16 * k)) & 0xFFFF;
      const __m512i here = _mm512_add_epi32(lanes, _mm512_set1_epi32((int)(w * 64 + 16 * (size_t)k)));
      _mm512_storeu_si512(rows + found, _mm512_maskz_compress_epi32((__mmask16)bits, here));
      found += (size_t)__builtin_popcount(bits);
    }
  }
  return found;
}
#endif

size_t zl_mask_rows(const uint64_t *mask, size_t count, uint32_t *rows) {
  const size_t words = (count + 63) / 64;
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) return mask_rows_wide(mask, words, rows);
#endif
  return mask_rows(mask, words, rows);
}
