#include "UnpackKernels.h"

#include "KeepKernels.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

typedef uint32_t Words __attribute__((vector_size(32), aligned(4)));
typedef int32_t Signed __attribute__((vector_size(32), aligned(4)));
typedef int64_t Wide __attribute__((vector_size(64), aligned(8)));
typedef double Doubles __attribute__((vector_size(64), aligned(8)));

enum { ROWS = 32, LANES = 8 };

// The two shifts to the left move by 32 in all where the row begins with a word, and so add nothing.
#define EACH_ROW(STATEMENT)                                                            \
  Words mask = (Words){0} + (width == 32 ? UINT32_MAX : (1u << width) - 1);            \
  _Pragma("clang loop unroll(full)") for (uint32_t row = 0; row < ROWS; row++) {       \
    uint32_t bit = row * width, shift = bit & 31;                                      \
    const Words *place = (const Words *)words + (bit >> 5);                            \
    Words packed = shift + width <= 32 ? (place[0] >> shift) & mask                    \
                                       : ((place[0] >> shift) | ((place[1] << 1) << (31 - shift))) & mask; \
    STATEMENT;                                                                         \
  }
#define UNPACK(TYPE, VALUE) EACH_ROW(*(TYPE *)(values + LANES * row) = VALUE)

// A loop for each width, whose shifts are constants.
#define CASES(CALL)                                                                                                        \
  switch (width) {                                                                                                         \
    case 1: CALL(1) case 2: CALL(2) case 3: CALL(3) case 4: CALL(4) case 5: CALL(5) case 6: CALL(6) case 7: CALL(7)         \
    case 8: CALL(8) case 9: CALL(9) case 10: CALL(10) case 11: CALL(11) case 12: CALL(12) case 13: CALL(13)                 \
    case 14: CALL(14) case 15: CALL(15) case 16: CALL(16) case 17: CALL(17) case 18: CALL(18) case 19: CALL(19)             \
    case 20: CALL(20) case 21: CALL(21) case 22: CALL(22) case 23: CALL(23) case 24: CALL(24) case 25: CALL(25)             \
    case 26: CALL(26) case 27: CALL(27) case 28: CALL(28) case 29: CALL(29) case 30: CALL(30) case 31: CALL(31)             \
    default: CALL(32)                                                                                                      \
  }

#define INLINE static inline __attribute__((always_inline))
#define NUMERATOR __builtin_convertvector((Signed)(packed + base), Doubles)

#define KERNELS(SUFFIX, TARGET, SETUP, QUOTIENT, MARK)                                                                                  \
  TARGET INLINE void uint32_of_##SUFFIX(const uint32_t *words, const uint32_t width, uint32_t base, uint32_t *values) {              \
    UNPACK(Words, packed + base)                                                                                                     \
  }                                                                                                                                  \
  TARGET INLINE void int64_of_##SUFFIX(const uint32_t *words, const uint32_t width, int64_t base, int64_t *values) {                 \
    UNPACK(Wide, __builtin_convertvector(packed, Wide) + base)                                                                       \
  }                                                                                                                                  \
  TARGET INLINE void scaled_of_##SUFFIX(const uint32_t *words, const uint32_t width, uint32_t base, double divisor, double *values) { \
    SETUP                                                                                                                            \
    UNPACK(Doubles, QUOTIENT)                                                                                                        \
  }                                                                                                                                  \
  TARGET INLINE void within_of_##SUFFIX(const uint32_t *words, const uint32_t width, uint32_t first, uint32_t span, uint64_t *marks) { \
    EACH_ROW(MARK)                                                                                                                   \
  }                                                                                                                                  \
  TARGET static void scale_##SUFFIX(const uint32_t *numbers, size_t count, uint32_t base, double divisor, double *values) {          \
    SETUP                                                                                                                            \
    for (size_t i = 0; i < count; i += LANES) {                                                                                      \
      const Words packed = *(const Words *)(numbers + i);                                                                            \
      *(Doubles *)(values + i) = QUOTIENT;                                                                                           \
    }                                                                                                                                \
  }                                                                                                                                  \
  TARGET static void widen_##SUFFIX(const uint32_t *numbers, size_t count, int64_t base, int64_t *values) {                          \
    for (size_t i = 0; i < count; i += LANES)                                                                                        \
      *(Wide *)(values + i) = __builtin_convertvector(*(const Words *)(numbers + i), Wide) + base;                                   \
  }

#define WIDTHS(SUFFIX, TARGET)                                                                                               \
  TARGET static void uint32_##SUFFIX(const uint32_t *words, uint32_t width, uint32_t base, uint32_t *values) {               \
    CASES(UINT32_##SUFFIX)                                                                                                   \
  }                                                                                                                          \
  TARGET static void int64_##SUFFIX(const uint32_t *words, uint32_t width, int64_t base, int64_t *values) {                  \
    CASES(INT64_##SUFFIX)                                                                                                    \
  }                                                                                                                          \
  TARGET static void scaled_##SUFFIX(const uint32_t *words, uint32_t width, uint32_t base, double divisor, double *values) { \
    CASES(SCALED_##SUFFIX)                                                                                                   \
  }                                                                                                                          \
  TARGET static void within_##SUFFIX(const uint32_t *words, uint32_t width, uint32_t first, uint32_t span, uint64_t *marks) { \
    CASES(WITHIN_##SUFFIX)                                                                                                   \
  }

INLINE void mark_lanes(const Words *numbers, uint32_t first, uint32_t span, uint32_t row, uint64_t *marks) {
  if (row % 8 == 0) marks[row / 8] = 0;
  for (uint32_t lane = 0; lane < LANES; lane++) marks[row / 8] |= (uint64_t)((*numbers)[lane] - first <= span) << (row % 8 * LANES + lane);
}

KERNELS(plain, , , NUMERATOR / divisor, mark_lanes(&packed, first, span, row, marks))

#if defined(__x86_64__)
#define WIDE __attribute__((target("avx2,fma")))
#define WIDEST __attribute__((target("avx512f,avx512dq,avx512vl,avx512bw,popcnt")))

// The quotient n / d without a division, to the same bits: q = n * r with the rounded reciprocal r, then q + (n - q * d) * r, rounded once
// (P. Markstein, "Computation of elementary functions on the IBM RISC System/6000 processor", 1990). It has been held against division for
// every 32-bit integer and every power of ten up to 10^22, which are what is asked for.
#define RECIPROCALS const Doubles divisors = (Doubles){0} + divisor, reciprocals = 1 / divisors;
#define FUSED                                                                                                          \
  __builtin_elementwise_fma(__builtin_elementwise_fma(-(NUMERATOR * reciprocals), divisors, NUMERATOR), reciprocals,   \
                            NUMERATOR * reciprocals)

#define ABOVE (__m256i)(packed - first)
#define SPAN _mm256_set1_epi32((int)span)
#define LANES_WITHIN _mm256_movemask_ps(_mm256_castsi256_ps(_mm256_cmpeq_epi32(_mm256_min_epu32(ABOVE, SPAN), ABOVE)))

KERNELS(wide, WIDE, RECIPROCALS, FUSED, ((uint8_t *)marks)[row] = (uint8_t)LANES_WITHIN)
KERNELS(widest, WIDEST, RECIPROCALS, FUSED, ((uint8_t *)marks)[row] = _mm256_cmple_epu32_mask(ABOVE, SPAN))
#define UINT32_wide(WIDTH) return uint32_of_wide(words, WIDTH, base, values);
#define INT64_wide(WIDTH) return int64_of_wide(words, WIDTH, base, values);
#define SCALED_wide(WIDTH) return scaled_of_wide(words, WIDTH, base, divisor, values);
#define WITHIN_wide(WIDTH) return within_of_wide(words, WIDTH, first, span, marks);
#define UINT32_widest(WIDTH) return uint32_of_widest(words, WIDTH, base, values);
#define INT64_widest(WIDTH) return int64_of_widest(words, WIDTH, base, values);
#define SCALED_widest(WIDTH) return scaled_of_widest(words, WIDTH, base, divisor, values);
#define WITHIN_widest(WIDTH) return within_of_widest(words, WIDTH, first, span, marks);
WIDTHS(wide, WIDE)
WIDTHS(widest, WIDEST)

// A row and the next, whose words are the same or neighbours.
#define BOTH(FIRST)                                                                                                     \
  ((bit + width) >> 5 == bit >> 5 ? _mm512_broadcast_i64x4(_mm256_loadu_si256((const __m256i *)((const Words *)words + (FIRST)))) \
                                  : _mm512_loadu_si512((const Words *)words + (FIRST)))
#define SHIFTS(FIRST, SECOND) _mm512_inserti64x4(_mm512_set1_epi32((int)(FIRST)), _mm256_set1_epi32((int)(SECOND)), 1)

WIDEST INLINE __m512i rows_of_widest(const uint32_t *words, const uint32_t width, const uint32_t row) {
  const uint32_t bit = row * width, first = bit & 31, second = (bit + width) & 31;
  __m512i packed = _mm512_srlv_epi32(BOTH(bit >> 5), SHIFTS(first, second));
  if (first + width > 32 || second + width > 32)
    packed = _mm512_or_si512(packed, _mm512_sllv_epi32(BOTH((bit >> 5) + 1), SHIFTS(32 - first, 32 - second)));
  return _mm512_and_si512(packed, _mm512_set1_epi32((int)(width == 32 ? UINT32_MAX : (1u << width) - 1)));
}

// The lanes that stay are moved together by one instruction.
WIDEST INLINE size_t kept_of_widest(const uint32_t *words, const uint32_t width, const uint64_t *marks, uint32_t *numbers) {
  size_t found = 0;
  _Pragma("clang loop unroll(full)") for (uint32_t row = 0; row < ROWS; row += 2) {
    const uint16_t lanes = ((const uint16_t *)marks)[row / 2];
    _mm512_storeu_si512(numbers + found, _mm512_maskz_compress_epi32(lanes, rows_of_widest(words, width, row)));
    found += (size_t)__builtin_popcount(lanes);
  }
  return found;
}
#define KEPT_widest(WIDTH) return kept_of_widest(words, WIDTH, marks, numbers);
WIDEST static size_t kept_widest(const uint32_t *words, uint32_t width, const uint64_t *marks, uint32_t *numbers) { CASES(KEPT_widest) }

static int has_wide(void) { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }
static int has_widest(void) { return __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw"); }

#define CHOOSE(NAME, ...)                              \
  if (has_widest()) return NAME##_widest(__VA_ARGS__); \
  if (has_wide()) return NAME##_wide(__VA_ARGS__);     \
  NAME##_of_plain(__VA_ARGS__);
#else
#define CHOOSE(NAME, ...) NAME##_of_plain(__VA_ARGS__);
#endif

void zl_unpack_uint32(const uint32_t *words, uint32_t width, uint32_t base, uint32_t *values) { CHOOSE(uint32, words, width, base, values) }

void zl_unpack_int64(const uint32_t *words, uint32_t width, int64_t base, int64_t *values) { CHOOSE(int64, words, width, base, values) }

void zl_unpack_scaled(const uint32_t *words, uint32_t width, uint32_t base, double divisor, double *values) {
  CHOOSE(scaled, words, width, base, divisor, values)
}

void zl_packed_within(const uint32_t *words, uint32_t width, uint32_t first, uint32_t span, uint64_t *marks) {
  CHOOSE(within, words, width, first, span, marks)
}

size_t zl_keep_packed(const uint32_t *words, uint32_t width, const uint64_t *marks, uint32_t *numbers) {
#if defined(__x86_64__)
  if (has_widest()) return kept_widest(words, width, marks, numbers);
#endif
  uint32_t all[ROWS * LANES];
  zl_unpack_uint32(words, width, 0, all);
  return zl_keep_32(all, marks, ROWS * LANES, numbers);
}

#if defined(__x86_64__)
#define CHOOSE_LOOP(NAME, ...) (has_widest() ? NAME##_widest : has_wide() ? NAME##_wide : NAME##_plain)(__VA_ARGS__)
#else
#define CHOOSE_LOOP(NAME, ...) NAME##_plain(__VA_ARGS__)
#endif

void zl_scale_numbers(const uint32_t *numbers, size_t count, uint32_t base, double divisor, double *values) {
  CHOOSE_LOOP(scale, numbers, count, base, divisor, values);
}

void zl_widen_numbers(const uint32_t *numbers, size_t count, int64_t base, int64_t *values) { CHOOSE_LOOP(widen, numbers, count, base, values); }

void zl_fill_steps(int64_t first, int64_t step, size_t count, int64_t *values) {
  const uint64_t start = (uint64_t)first, more = (uint64_t)step;
  uint64_t lanes[LANES];
  for (uint32_t lane = 0; lane < LANES; lane++) lanes[lane] = start + lane * more;
  size_t i = 0;
  for (; i + LANES <= count; i += LANES)
    for (uint32_t lane = 0; lane < LANES; lane++) {
      values[i + lane] = (int64_t)lanes[lane];
      lanes[lane] += LANES * more;
    }
  for (uint32_t lane = 0; i + lane < count; lane++) values[i + lane] = (int64_t)lanes[lane];
}

void zl_add_up(int64_t base, size_t count, int64_t *values) {
  uint64_t sum = (uint64_t)base;
  for (size_t i = 0; i < count; i++) values[i] = (int64_t)(sum += (uint64_t)values[i]);
}
