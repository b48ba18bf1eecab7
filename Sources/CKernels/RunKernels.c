#include "RunKernels.h"

#include "ExtremeKernels.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

static double first_least(const double *values, size_t count) {
  double best = values[0];
  for (size_t row = 1; row < count; row++) best = values[row] < best ? values[row] : best;
  return best;
}

static double first_greatest(const double *values, size_t count) {
  double best = values[0];
  for (size_t row = 1; row < count; row++) best = values[row] > best ? values[row] : best;
  return best;
}

static void extremes_plain(const double *values, const uint32_t *starts, size_t runs, int wants_less, double *extremes) {
  for (size_t run = 0; run < runs; run++) {
    const double *first = values + starts[run];
    const size_t count = starts[run + 1] - starts[run];
    if (zl_extreme(first, count, wants_less, extremes + run)) continue;
    extremes[run] = wants_less ? first_least(first, count) : first_greatest(first, count);
  }
}

static void sums_plain(const int64_t *values, const uint32_t *starts, size_t runs, int64_t *sums) {
  for (size_t run = 0; run < runs; run++) {
    uint64_t sum = 0;
    for (uint32_t row = starts[run]; row < starts[run + 1]; row++) sum += (uint64_t)values[row];
    sums[run] = (int64_t)sum;
  }
}

#if defined(__x86_64__)
enum { LANES = 8 };
#define AVX512 __attribute__((target("avx512f,avx2")))

static inline uint32_t longest(const uint32_t *starts) {
  uint32_t most = 0;
  for (size_t lane = 0; lane < LANES; lane++) most = starts[lane + 1] - starts[lane] > most ? starts[lane + 1] - starts[lane] : most;
  return most;
}

// The lanes whose run has more than k rows.
AVX512 static inline __mmask8 lanes_beyond(__m256i counts, __m256i k) {
  return (__mmask8)_mm256_movemask_ps(_mm256_castsi256_ps(_mm256_cmpgt_epi32(counts, k)));
}

// A run a lane, where none is long. Of two equal numbers the second operand is taken: the one that came first.
#define RUN_EXTREMES(NAME, BETTER, WANTS_LESS)                                                                               \
  AVX512 static void NAME(const double *values, const uint32_t *starts, size_t runs, double *extremes) {                     \
    size_t run = 0;                                                                                                          \
    for (; run + LANES <= runs; run += LANES) {                                                                              \
      const __m256i first = _mm256_loadu_si256((const __m256i *)(starts + run));                                             \
      const __m256i counts = _mm256_sub_epi32(_mm256_loadu_si256((const __m256i *)(starts + run + 1)), first);               \
      const uint32_t most = longest(starts + run);                                                                           \
      if (most >= ZL_EXTREME_COUNT) {                                                                                        \
        extremes_plain(values, starts + run, LANES, WANTS_LESS, extremes + run);                                             \
        continue;                                                                                                            \
      }                                                                                                                      \
      __m512d best = _mm512_i32gather_pd(first, values, 8);                                                                  \
      for (uint32_t k = 1; k < most; k++) {                                                                                  \
        const __m256i step = _mm256_set1_epi32((int)k);                                                                      \
        const __m256i rows = _mm256_add_epi32(first, step);                                                                  \
        best = BETTER(_mm512_mask_i32gather_pd(best, lanes_beyond(counts, step), rows, values, 8), best);                    \
      }                                                                                                                      \
      _mm512_storeu_pd(extremes + run, best);                                                                                \
    }                                                                                                                        \
    extremes_plain(values, starts + run, runs - run, WANTS_LESS, extremes + run);                                            \
  }

RUN_EXTREMES(least_side_by_side, _mm512_min_pd, 1)
RUN_EXTREMES(greatest_side_by_side, _mm512_max_pd, 0)

AVX512 static void sums_side_by_side(const int64_t *values, const uint32_t *starts, size_t runs, int64_t *sums) {
  size_t run = 0;
  for (; run + LANES <= runs; run += LANES) {
    const __m256i first = _mm256_loadu_si256((const __m256i *)(starts + run));
    const __m256i counts = _mm256_sub_epi32(_mm256_loadu_si256((const __m256i *)(starts + run + 1)), first);
    const uint32_t most = longest(starts + run);
    if (most >= ZL_EXTREME_COUNT) {
      sums_plain(values, starts + run, LANES, sums + run);
      continue;
    }
    __m512i sum = _mm512_i32gather_epi64(first, values, 8);
    for (uint32_t k = 1; k < most; k++) {
      const __m256i step = _mm256_set1_epi32((int)k);
      const __m256i rows = _mm256_add_epi32(first, step);
      sum = _mm512_add_epi64(sum, _mm512_mask_i32gather_epi64(_mm512_setzero_si512(), lanes_beyond(counts, step), rows, values, 8));
    }
    _mm512_storeu_si512(sums + run, sum);
  }
  sums_plain(values, starts + run, runs - run, sums + run);
}
#endif

int zl_run_extremes(const double *values, const uint32_t *starts, size_t runs, int wants_less, double *extremes) {
  if (runs == 0) return 1;
  if (zl_has_nan(values + starts[0], starts[runs] - starts[0])) return 0;
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) {
    if (wants_less) {
      least_side_by_side(values, starts, runs, extremes);
    } else {
      greatest_side_by_side(values, starts, runs, extremes);
    }
    return 1;
  }
#endif
  extremes_plain(values, starts, runs, wants_less, extremes);
  return 1;
}

void zl_run_sums(const int64_t *values, const uint32_t *starts, size_t runs, int64_t *sums) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) {
    sums_side_by_side(values, starts, runs, sums);
    return;
  }
#endif
  sums_plain(values, starts, runs, sums);
}
