#include "RunKernels.h"

#include "ArithmeticKernels.h"
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

static int extremes_plain(const double *values, const uint32_t *starts, size_t runs, int wants_less, double *extremes) {
  if (runs == 0) return 1;
  if (zl_has_nan(values + starts[0], starts[runs] - starts[0])) return 0;
  for (size_t run = 0; run < runs; run++) {
    const double *first = values + starts[run];
    const size_t count = starts[run + 1] - starts[run];
    if (zl_extreme(first, count, wants_less, extremes + run)) continue;
    extremes[run] = wants_less ? first_least(first, count) : first_greatest(first, count);
  }
  return 1;
}

static int sums_plain(const int64_t *values, const uint32_t *starts, size_t runs, int64_t *sums) {
  uint64_t far = 0;
  for (size_t run = 0; run < runs; run++) {
    uint64_t sum = 0;
    for (uint32_t row = starts[run]; row < starts[run + 1]; row++) {
      sum += (uint64_t)values[row];
      far |= (uint64_t)values[row] + ZL_NARROW;
    }
    sums[run] = (int64_t)sum;
  }
  return far < 2 * (uint64_t)ZL_NARROW;
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
#define RUN_EXTREMES(NAME, BETTER, WANTS_LESS)                                                                            \
  AVX512 static int NAME(const double *values, const uint32_t *starts, size_t runs, double *extremes) {                   \
    __mmask8 nans = 0;                                                                                                    \
    int are_numbers = 1;                                                                                                  \
    size_t run = 0;                                                                                                       \
    for (; run + LANES <= runs; run += LANES) {                                                                           \
      const __m256i first = _mm256_loadu_si256((const __m256i *)(starts + run));                                          \
      const __m256i counts = _mm256_sub_epi32(_mm256_loadu_si256((const __m256i *)(starts + run + 1)), first);            \
      const uint32_t most = longest(starts + run);                                                                        \
      if (most >= ZL_EXTREME_COUNT) {                                                                                     \
        are_numbers &= extremes_plain(values, starts + run, LANES, WANTS_LESS, extremes + run);                           \
        continue;                                                                                                         \
      }                                                                                                                   \
      __m512d best = _mm512_i32gather_pd(first, values, 8);                                                               \
      nans |= _mm512_cmp_pd_mask(best, best, _CMP_UNORD_Q);                                                               \
      for (uint32_t k = 1; k < most; k++) {                                                                               \
        const __m256i step = _mm256_set1_epi32((int)k);                                                                   \
        const __m256i rows = _mm256_add_epi32(first, step);                                                               \
        const __m512d next = _mm512_mask_i32gather_pd(best, lanes_beyond(counts, step), rows, values, 8);                 \
        nans |= _mm512_cmp_pd_mask(next, next, _CMP_UNORD_Q);                                                             \
        best = BETTER(next, best);                                                                                        \
      }                                                                                                                   \
      _mm512_storeu_pd(extremes + run, best);                                                                             \
    }                                                                                                                     \
    are_numbers &= extremes_plain(values, starts + run, runs - run, WANTS_LESS, extremes + run);                          \
    return are_numbers && nans == 0;                                                                                      \
  }

RUN_EXTREMES(least_side_by_side, _mm512_min_pd, 1)
RUN_EXTREMES(greatest_side_by_side, _mm512_max_pd, 0)

AVX512 static int sums_side_by_side(const int64_t *values, const uint32_t *starts, size_t runs, int64_t *sums) {
  const __m512i narrow = _mm512_set1_epi64(ZL_NARROW);
  __m512i far = _mm512_setzero_si512();
  int are_narrow = 1;
  size_t run = 0;
  for (; run + LANES <= runs; run += LANES) {
    const __m256i first = _mm256_loadu_si256((const __m256i *)(starts + run));
    const __m256i counts = _mm256_sub_epi32(_mm256_loadu_si256((const __m256i *)(starts + run + 1)), first);
    const uint32_t most = longest(starts + run);
    if (most >= ZL_EXTREME_COUNT) {
      are_narrow &= sums_plain(values, starts + run, LANES, sums + run);
      continue;
    }
    __m512i sum = _mm512_i32gather_epi64(first, values, 8);
    far = _mm512_or_si512(far, _mm512_add_epi64(sum, narrow));
    for (uint32_t k = 1; k < most; k++) {
      const __m256i step = _mm256_set1_epi32((int)k);
      const __m256i rows = _mm256_add_epi32(first, step);
      const __m512i next = _mm512_mask_i32gather_epi64(_mm512_setzero_si512(), lanes_beyond(counts, step), rows, values, 8);
      far = _mm512_or_si512(far, _mm512_add_epi64(next, narrow));
      sum = _mm512_add_epi64(sum, next);
    }
    _mm512_storeu_si512(sums + run, sum);
  }
  are_narrow &= sums_plain(values, starts + run, runs - run, sums + run);
  return are_narrow && (uint64_t)_mm512_reduce_or_epi64(far) < 2 * (uint64_t)ZL_NARROW;
}
#endif

int zl_run_extremes(const double *values, const uint32_t *starts, size_t runs, int wants_less, double *extremes) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) {
    return wants_less ? least_side_by_side(values, starts, runs, extremes) : greatest_side_by_side(values, starts, runs, extremes);
  }
#endif
  return extremes_plain(values, starts, runs, wants_less, extremes);
}

int zl_run_sums(const int64_t *values, const uint32_t *starts, size_t runs, int64_t *sums) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) return sums_side_by_side(values, starts, runs, sums);
#endif
  return sums_plain(values, starts, runs, sums);
}
