#include "GroupKernels.h"

#include <math.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline))

// Gradients and hessians of one place of a group, or one of both of two places.
typedef double doubles8 __attribute__((vector_size(64), may_alias));
typedef int64_t places8 __attribute__((vector_size(64)));

enum { COLUMNS = ZL_GROUP_COLUMNS, CHAINS = 4 };

#define AT(sums, place) (*(doubles8 *)((sums) + COLUMNS * (place)))
#define AT_CONSTANT(sums, place) (*(const doubles8 *)((sums) + COLUMNS * (place)))

// What a side begins with: no gradient, and LightGBM's epsilon as hessian.
static const double EPSILON = 1e-15f;

// What a scan compares: sides of weight w (with lambda) and sum s gain whole^2 / total + total * (s - mean * w)^2 / (w * (total - w)).
typedef struct {
  double mean;
  double total;
  double lambda;
  double least;
  double most;
} Terms;

INLINE Terms terms_of(const ZLSplitTerms *terms) {
  double total = terms->leaf.hessian + 2 * terms->lambda;
  return (Terms){terms->leaf.gradient / total, total, terms->lambda, terms->least, terms->most};
}

// A scan: the sums of the accumulated side, and of each column at two places the largest gain so far as a fraction, so that no
// candidate costs a division.
typedef struct {
  doubles8 sum;
  doubles8 gain;
  doubles8 divisor;
  // 0, but NaN once a sum is no number.
  doubles8 check;
} Scan;

INLINE void restart(Scan *scan) {
  scan->sum = (doubles8){0, EPSILON, 0, EPSILON, 0, EPSILON, 0, EPSILON};
}

INLINE void begin(Scan *scan) {
  restart(scan);
  scan->gain = (doubles8){0} - 1;
  scan->divisor = (doubles8){0} + 1;
  scan->check = (doubles8){0};
}

// Accumulates two places and looks at the candidates behind each.
INLINE void advance(Scan *scan, const doubles8 *first, const doubles8 *second, const Terms *terms) {
  doubles8 one = scan->sum + *first, two = one + *second;
  scan->sum = two;
  doubles8 weight = __builtin_shufflevector(one, two, 1, 9, 3, 11, 5, 13, 7, 15);
  places8 fits = (weight >= terms->least) & (weight <= terms->most);
  if (__builtin_reduce_or(fits) == 0) return;
  doubles8 side = __builtin_shufflevector(one, two, 0, 8, 2, 10, 4, 12, 6, 14);
  weight += terms->lambda;
  doubles8 distance = side - weight * terms->mean;
  doubles8 gain = distance * distance;
  doubles8 divisor = weight * (terms->total - weight);
  places8 larger = (gain * scan->divisor > scan->gain * divisor) & fits;
  scan->gain = (doubles8)(((places8)gain & larger) | ((places8)scan->gain & ~larger));
  scan->divisor = (doubles8)(((places8)divisor & larger) | ((places8)scan->divisor & ~larger));
}

INLINE size_t last_value(const ZLColumnGroup *group) { return group->count - 1 - (group->is_two_sided ? 1 : 0); }

// From the first place on, missing values on the other side. A most frequent bin 0 is what the other places leave.
INLINE void scan_from_left(Scan *scan, const ZLSums *entries, const ZLColumnGroup *group, const ZLSplitTerms *leaf,
                           const Terms *terms) {
  scan->check += scan->sum * 0;
  restart(scan);
  int is_implicit = 0;
  for (size_t column = 0; column < COLUMNS; column++) is_implicit |= group->frequent[column] == 0;
  if (is_implicit) {
    double gradient = leaf->leaf.gradient, hessian = leaf->leaf.hessian - EPSILON;
    doubles8 rest = {gradient, hessian, gradient, hessian, gradient, hessian, gradient, hessian};
    for (size_t place = 1; place < group->count; place++) rest -= AT_CONSTANT(entries, place);
    for (size_t column = 0; column < COLUMNS; column++) {
      if (group->frequent[column] != 0) continue;
      scan->sum[2 * column] = rest[2 * column];
      scan->sum[2 * column + 1] = rest[2 * column + 1];
    }
  }
  size_t count = last_value(group) + 1, place = 0;
  for (; place + 2 <= count; place += 2) advance(scan, &AT_CONSTANT(entries, place), &AT_CONSTANT(entries, place + 1), terms);
  doubles8 none = (doubles8){0};
  if (place < count) advance(scan, &AT_CONSTANT(entries, place), &none, terms);
}

INLINE void finish(Scan *scan, const ZLSums *entries, const ZLColumnGroup *group, const ZLSplitTerms *leaf, const Terms *terms,
                   double *largest) {
  if (group->is_two_sided) scan_from_left(scan, entries, group, leaf, terms);
  scan->check += scan->sum * 0;
  double check = terms->mean * 0;
  for (size_t lane = 0; lane < 2 * COLUMNS; lane++) check += scan->check[lane];
  for (size_t column = 0; column < COLUMNS; column++) {
    double one = scan->gain[2 * column] / scan->divisor[2 * column];
    double two = scan->gain[2 * column + 1] / scan->divisor[2 * column + 1];
    double most = one > two ? one : two;
    double gain = most < 0 ? most : leaf->leaf.gradient * terms->mean + most * terms->total;
    largest[column] = check == 0 ? gain : NAN;
  }
}

INLINE void group_estimates(const ZLSums *histograms, const ZLColumnGroup *group, const ZLSplitTerms *terms, double *largest) {
  const ZLSums *entries = histograms + group->offset;
  Terms leaf = terms_of(terms);
  Scan scan;
  begin(&scan);
  size_t place = last_value(group);
  for (; place >= 2; place -= 2) advance(&scan, &AT_CONSTANT(entries, place), &AT_CONSTANT(entries, place - 1), &leaf);
  doubles8 none = (doubles8){0};
  if (place == 1) advance(&scan, &AT_CONSTANT(entries, 1), &none, &leaf);
  finish(&scan, entries, group, terms, &leaf, largest);
}

#define SUBTRACT(place) (AT(to, place) -= AT(from, place))
#define MOVE(place) (SUBTRACT(place), AT(from, place) = none)

INLINE void subtract_group(ZLSums *smaller, ZLSums *larger, const ZLColumnGroup *group, const ZLSplitTerms *smaller_terms,
                           const ZLSplitTerms *larger_terms, double *smaller_largest, double *larger_largest) {
  ZLSums *from = smaller + group->offset;
  ZLSums *to = larger + group->offset;
  doubles8 none = (doubles8){0};
  Terms large = terms_of(larger_terms), small = terms_of(smaller_terms != NULL ? smaller_terms : larger_terms);
  Scan less, more;
  begin(&less);
  begin(&more);
  size_t place = last_value(group);
  // Two leaves at once, so that one's chain of additions fills the waits of the other's.
  if (smaller_terms != NULL) {
    if (place + 1 < group->count) SUBTRACT(place + 1);
    for (; place >= 2; place -= 2) {
      SUBTRACT(place);
      SUBTRACT(place - 1);
      advance(&more, &AT(to, place), &AT(to, place - 1), &large);
      advance(&less, &AT(from, place), &AT(from, place - 1), &small);
    }
    if (place == 1) advance(&less, &AT(from, 1), &none, &small);
    for (size_t rest = 0; rest <= place; rest++) SUBTRACT(rest);
  } else {
    if (place + 1 < group->count) MOVE(place + 1);
    for (; place >= 2; place -= 2) {
      MOVE(place);
      MOVE(place - 1);
      advance(&more, &AT(to, place), &AT(to, place - 1), &large);
    }
    for (size_t rest = 0; rest <= place; rest++) MOVE(rest);
  }
  if (place == 1) advance(&more, &AT(to, 1), &none, &large);
  finish(&more, to, group, larger_terms, &large, larger_largest);
  if (smaller_terms != NULL) finish(&less, from, group, smaller_terms, &small, smaller_largest);
}

// Subtracts places first ..< end of a group from what is left.
INLINE void subtract_places(doubles8 *rest, const ZLSums *entries, size_t first, size_t end) {
  for (size_t place = first; place < end; place++) *rest -= AT_CONSTANT(entries, place);
}

INLINE void complete_groups(ZLSums *histograms, const ZLColumnGroup *groups, size_t group_count, ZLSums leaf) {
  // Taking away a zero changes nothing, so the bin need not be left out.
  for (size_t number = 0; number < group_count; number++) {
    for (size_t column = 0; column < COLUMNS; column++) {
      histograms[groups[number].offset + COLUMNS * (size_t)groups[number].frequent[column] + column] = (ZLSums){0, 0};
    }
  }
  doubles8 whole = {leaf.gradient, leaf.hessian, leaf.gradient, leaf.hessian, leaf.gradient, leaf.hessian, leaf.gradient, leaf.hessian};
  // Several groups at once, so that their chains fill each other's waits; numbers beyond the last group repeat it.
  for (size_t first = 0; first < group_count; first += CHAINS) {
    const ZLColumnGroup *some[CHAINS];
    const ZLSums *entries[CHAINS];
    size_t shared = SIZE_MAX;
    for (size_t chain = 0; chain < CHAINS; chain++) {
      some[chain] = groups + (first + chain < group_count ? first + chain : group_count - 1);
      entries[chain] = histograms + some[chain]->offset;
      shared = some[chain]->count < shared ? some[chain]->count : shared;
    }
    doubles8 rests[CHAINS] = {whole, whole, whole, whole};
    for (size_t place = 0; place < shared; place++) {
      rests[0] -= AT_CONSTANT(entries[0], place);
      rests[1] -= AT_CONSTANT(entries[1], place);
      rests[2] -= AT_CONSTANT(entries[2], place);
      rests[3] -= AT_CONSTANT(entries[3], place);
    }
    for (size_t chain = 0; chain < CHAINS && first + chain < group_count; chain++) {
      subtract_places(&rests[chain], entries[chain], shared, some[chain]->count);
    }
    for (size_t chain = 0; chain < CHAINS && first + chain < group_count; chain++) {
      for (size_t column = 0; column < COLUMNS; column++) {
        size_t place = (size_t)some[chain]->frequent[column];
        if (place == 0) continue;
        histograms[some[chain]->offset + COLUMNS * place + column] = (ZLSums){rests[chain][2 * column], rests[chain][2 * column + 1]};
      }
    }
  }
}

#if defined(__x86_64__)
#define CHOOSE(name, parameters, arguments)                                                                      \
  static void name##_plain parameters { name arguments; }                                                        \
  __attribute__((target("avx2"))) static void name##_avx2 parameters { name arguments; }                         \
  __attribute__((target("avx2,avx512f,avx512vl,avx512bw,avx512dq"))) static void name##_avx512 parameters { name arguments; } \
  void zl_##name parameters {                                                                                    \
    if (__builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")) return name##_avx512 arguments; \
    if (__builtin_cpu_supports("avx2")) return name##_avx2 arguments;                                            \
    name##_plain arguments;                                                                                      \
  }
#else
#define CHOOSE(name, parameters, arguments)                                                                      \
  void zl_##name parameters { name arguments; }
#endif

CHOOSE(complete_groups, (ZLSums *histograms, const ZLColumnGroup *groups, size_t group_count, ZLSums leaf),
       (histograms, groups, group_count, leaf))
CHOOSE(group_estimates, (const ZLSums *histograms, const ZLColumnGroup *group, const ZLSplitTerms *terms, double *largest),
       (histograms, group, terms, largest))
CHOOSE(subtract_group,
       (ZLSums *smaller, ZLSums *larger, const ZLColumnGroup *group, const ZLSplitTerms *smaller_terms,
        const ZLSplitTerms *larger_terms, double *smaller_largest, double *larger_largest),
       (smaller, larger, group, smaller_terms, larger_terms, smaller_largest, larger_largest))
