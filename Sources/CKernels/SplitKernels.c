#include "SplitKernels.h"

#include <math.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline))

typedef double doubles8 __attribute__((vector_size(64), aligned(8)));
typedef int64_t places8 __attribute__((vector_size(64)));

enum { LANES = 8 };

// The number of places with a hessian below `limit`, or at most it; a fixed number of halvings, so that nothing is to be predicted.
#define PLACES(name, test)                                                                                       \
  INLINE size_t name(const ZLSums *sums, size_t count, double limit) {                                           \
    const ZLSums *base = sums;                                                                                   \
    while (count > 1) {                                                                                          \
      size_t half = count / 2;                                                                                   \
      base += half & -(size_t)(base[half - 1].hessian test limit);                                               \
      count -= half;                                                                                             \
    }                                                                                                            \
    return (size_t)(base - sums) + (count > 0 && base[0].hessian test limit);                                    \
  }

PLACES(places_below, <)
PLACES(places_up_to, <=)

INLINE ZLSplitRange split_estimates(const ZLSums *sums, size_t count, const ZLSplitTerms *terms, double *gains) {
  double gradient = terms->leaf.gradient, hessian = terms->leaf.hessian, lambda = terms->lambda;
  size_t first = places_below(sums, count, terms->least);
  size_t end = places_up_to(sums, count, terms->most);
  if (first >= end) return (ZLSplitRange){first, first, 0};
  doubles8 largest = (doubles8){0}, total = (doubles8){0};
  for (size_t index = first; index < end; index += LANES) {
    // The last group repeats its last sum.
    doubles8 side, weight;
    if (index + LANES <= end) {
      doubles8 low, high;
      memcpy(&low, sums + index, sizeof low);
      memcpy(&high, sums + index + LANES / 2, sizeof high);
      side = __builtin_shufflevector(low, high, 0, 2, 4, 6, 8, 10, 12, 14);
      weight = __builtin_shufflevector(low, high, 1, 3, 5, 7, 9, 11, 13, 15);
    } else {
      for (size_t lane = 0; lane < LANES; lane++) {
        const ZLSums *sum = sums + (index + lane < end ? index + lane : end - 1);
        side[lane] = sum->gradient;
        weight[lane] = sum->hessian;
      }
    }
    doubles8 other = gradient - side;
    doubles8 other_weight = (hessian - weight) + lambda;
    weight += lambda;
    doubles8 gain = (other * other * weight + side * side * other_weight) / (weight * other_weight);
    memcpy(gains + index, &gain, sizeof gain);
    places8 larger = gain > largest;
    largest = (doubles8)(((places8)gain & larger) | ((places8)largest & ~larger));
    total += gain;
  }
  double most = 0, sum = 0;
  for (size_t lane = 0; lane < LANES; lane++) {
    most = largest[lane] > most ? largest[lane] : most;
    sum += total[lane];
  }
  return (ZLSplitRange){first, end, isfinite(sum) ? most : NAN};
}

INLINE size_t next_gain(const double *gains, size_t begin, size_t end, double least) {
  for (; begin + LANES <= end; begin += LANES) {
    doubles8 group;
    memcpy(&group, gains + begin, sizeof group);
    places8 reached = group >= least;
    int64_t any = 0;
    for (size_t lane = 0; lane < LANES; lane++) any |= reached[lane];
    if (any) break;
  }
  while (begin < end && !(gains[begin] >= least)) begin++;
  return begin;
}

INLINE void subtract_sums(const ZLSums *smaller, ZLSums *larger, size_t count) {
  for (size_t index = 0; index < count; index++) {
    larger[index].gradient -= smaller[index].gradient;
    larger[index].hessian -= smaller[index].hessian;
  }
}

#if defined(__x86_64__)
#define CHOOSE(type, name, parameters, arguments)                                                                \
  static type name##_plain parameters { return name arguments; }                                                 \
  __attribute__((target("avx2"))) static type name##_avx2 parameters { return name arguments; }                  \
  __attribute__((target("avx2,avx512f,avx512vl,avx512bw,avx512dq"))) static type name##_avx512 parameters { return name arguments; } \
  type zl_##name parameters {                                                                                    \
    if (__builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")) return name##_avx512 arguments; \
    if (__builtin_cpu_supports("avx2")) return name##_avx2 arguments;                                            \
    return name##_plain arguments;                                                                               \
  }
#else
#define CHOOSE(type, name, parameters, arguments)                                                                \
  type zl_##name parameters { return name arguments; }
#endif

CHOOSE(ZLSplitRange, split_estimates, (const ZLSums *sums, size_t count, const ZLSplitTerms *terms, double *gains), (sums, count, terms, gains))
CHOOSE(size_t, next_gain, (const double *gains, size_t begin, size_t end, double least), (gains, begin, end, least))
CHOOSE(void, subtract_sums, (const ZLSums *smaller, ZLSums *larger, size_t count), (smaller, larger, count))
