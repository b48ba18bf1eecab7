#include "KeepKernels.h"

#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#define WIDEST __attribute__((target("avx512f,popcnt")))

// The lanes that stay are moved together by one instruction. Behind the last marked value nothing is read, and nothing is written over
// what is still to be read.
#define KEEP_WIDEST(NAME, TYPE, LANES, LOAD, COMPRESS)                                            \
  WIDEST static size_t NAME(const TYPE *values, const uint64_t *mask, size_t count, TYPE *kept) { \
    const uint64_t lanes = ((uint64_t)1 << LANES) - 1;                                            \
    size_t found = 0;                                                                             \
    for (size_t first = 0; first < count; first += 64) {                                          \
      uint64_t bits = mask[first / 64];                                                           \
      for (size_t i = first; bits != 0; i += LANES, bits >>= LANES) {                             \
        const uint32_t part = (uint32_t)(bits & lanes);                                           \
        _mm512_storeu_si512(kept + found, COMPRESS(part, LOAD(part, values + i)));                \
        found += (size_t)__builtin_popcount(part);                                                \
      }                                                                                           \
    }                                                                                             \
    return found;                                                                                 \
  }

KEEP_WIDEST(keep_64_widest, uint64_t, 8, _mm512_maskz_loadu_epi64, _mm512_maskz_compress_epi64)
KEEP_WIDEST(keep_32_widest, uint32_t, 16, _mm512_maskz_loadu_epi32, _mm512_maskz_compress_epi32)
#define CHOOSE(NAME) \
  if (__builtin_cpu_supports("avx512f")) return NAME##_widest(values, mask, count, kept);
#else
#define CHOOSE(NAME)
#endif

#define KEEP(NAME, TYPE)                                                                       \
  size_t zl_##NAME(const TYPE *values, const uint64_t *mask, size_t count, TYPE *kept) {       \
    CHOOSE(NAME)                                                                               \
    size_t found = 0;                                                                          \
    for (size_t first = 0; first < count; first += 64) {                                       \
      uint64_t bits = mask[first / 64];                                                        \
      if (bits == UINT64_MAX) {                                                                \
        memmove(kept + found, values + first, 64 * sizeof(TYPE));                               \
        found += 64;                                                                           \
        continue;                                                                              \
      }                                                                                        \
      for (; bits != 0; bits &= bits - 1) kept[found++] = values[first + (size_t)__builtin_ctzll(bits)]; \
    }                                                                                          \
    return found;                                                                              \
  }

KEEP(keep_64, uint64_t)
KEEP(keep_32, uint32_t)

#define COUNT(NAME, TARGET)                                                                  \
  TARGET static size_t NAME(const uint64_t *mask, size_t words) {                            \
    size_t found = 0;                                                                        \
    for (size_t w = 0; w < words; w++) found += (size_t)__builtin_popcountll(mask[w]);       \
    return found;                                                                            \
  }

COUNT(count_marks, )
#if defined(__x86_64__)
COUNT(count_marks_wide, __attribute__((target("popcnt"))))
#endif

size_t zl_count_marks(const uint64_t *mask, size_t words) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("popcnt")) return count_marks_wide(mask, words);
#endif
  return count_marks(mask, words);
}
