#include "MomentKernels.h"

#include <math.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define INLINED static inline __attribute__((always_inline))

// Below this share of the sum of squared differences, a sum of squared deviations has lost too many digits to cancellation. The sums err
// by less than 1e-15 of themselves, so what passes errs by less than about 1e-12, typically by 1e-14.
static const double least_share = 1e-3;

// Smaller squares are left to the exact formula: a quotient made of products needs room below itself.
static const double least_squares = 1e-270;
static const double least_dividend = 1e-280;

enum { LEAST_BLOCK = 512 };

typedef struct {
  double number;
  double inverse;
} divisor;

// a / n, correctly rounded either way: with a fused multiply-add, two corrections of a product with the inverse end at the rounded
// quotient (Markstein 1990), except for infinities, zeros' signs and dividends near the smallest numbers.
INLINED double quotient(double a, divisor n, int is_fused) {
  if (!is_fused) return a / n.number;
  double q = a * n.inverse;
  q = __builtin_fma(__builtin_fma(-q, n.number, a), n.inverse, q);
  return __builtin_fma(__builtin_fma(-q, n.number, a), n.inverse, q);
}

INLINED int has_room(double a) { return (a == 0) | (fabs(a) > least_dividend); }

INLINED double deviations(double sum, double squares, divisor n, int is_fused) { return squares - quotient(sum * sum, n, is_fused); }

// False for NaN, for infinite and for all-zero sums.
INLINED int kept_digits(double deviations, double squares) {
  return (deviations > least_share * squares) & (squares < 1e300) & (squares > least_squares);
}

INLINED int statistic(int formula, const zl_moments *m, double correction, double least, size_t count, double *restrict values,
                      uint8_t *restrict valid, uint8_t *restrict unsure, int is_fused) {
  const double *restrict counts = m->counts, *restrict x = m->x, *restrict xx = m->xx, *restrict y = m->y, *restrict yy = m->yy;
  const double *restrict xy = m->xy, *restrict current = m->current;
  double anchor = m->anchor;
  divisor all = {counts[0], 1 / counts[0]}, fewer = {counts[0] - correction, 1 / (counts[0] - correction)};
  uint8_t failures = 0;
  for (size_t i = 0; i < count; i++) {
    divisor n = is_fused ? all : (divisor){counts[i], 0};
    divisor freedom = is_fused ? fewer : (divisor){counts[i] - correction, 0};
    double value = 0;
    int is_sure = 1;
    switch (formula) {
      case ZL_SUM: value = x[i]; break;
      // An infinite sum has a mean.
      case ZL_MEAN: value = x[i] / counts[i]; break;
      case ZL_VARIANCE:
      case ZL_DEVIATION: {
        double spread = deviations(x[i], xx[i], n, is_fused);
        is_sure = kept_digits(spread, xx[i]);
        value = quotient(spread, freedom, is_fused);
        if (formula == ZL_DEVIATION) value = sqrt(value);
        break;
      }
      case ZL_ZSCORE:
      case ZL_DEMEAN: {
        double spread = deviations(x[i], xx[i], n, is_fused);
        is_sure = kept_digits(spread, xx[i]) & has_room(x[i]);
        // The zero gives a difference of zero one sign.
        value = current[i] - anchor - quotient(x[i], n, is_fused) + 0.0;
        if (formula == ZL_ZSCORE) value /= sqrt(quotient(spread, freedom, is_fused));
        break;
      }
      default: {
        double left = deviations(x[i], xx[i], n, is_fused), right = deviations(y[i], yy[i], n, is_fused);
        double product = x[i] * y[i];
        double both = xy[i] - quotient(product, n, is_fused) + 0.0;
        is_sure = kept_digits(left, xx[i]) & kept_digits(right, yy[i]) & has_room(product);
        if (formula == ZL_COVARIANCE) {
          value = both / freedom.number;
        } else if (formula == ZL_CORRELATION) {
          const double spreads = left * right;
          is_sure &= (spreads > least_dividend) & (spreads < 1e300);
          value = both / sqrt(spreads);
        } else {
          value = both / right;
        }
      }
    }
    int is_there = is_fused ? counts[0] >= least : counts[i] >= least;
    values[i] = value;
    valid[i] = (uint8_t)(is_sure & is_there);
    uint8_t fails = (uint8_t)((is_sure ^ 1) & is_there);
    unsure[i] = fails;
    failures |= fails;
  }
  return failures;
}

INLINED void differences(const double *restrict values, double anchor, size_t count, double *restrict out) {
  for (size_t i = 0; i < count; i++) out[i] = values[i] - anchor;
}

INLINED void products(const double *left, const double *right, size_t count, double *restrict out) {
  for (size_t i = 0; i < count; i++) out[i] = left[i] * right[i];
}

INLINED size_t stride_of(size_t width, size_t block) { return ((width - 1 + block + 7) & ~(size_t)7) + 24; }

// The rows that are worked on at once: a level of their sums stays in the first-level cache.
INLINED size_t block_of(size_t width, size_t count) {
  size_t block = width < LEAST_BLOCK ? LEAST_BLOCK : width;
  return block < count ? block : count;
}

// out[i] = terms[0][i] + terms[1][i] + ..., from the left.
INLINED void add_up(const double *const *terms, size_t term_count, size_t count, double *out) {
  const double *a = terms[0], *b = terms[1], *c = terms[2], *d = terms[3], *e = terms[4], *f = terms[5];
  switch (term_count) {
    case 1: memcpy(out, a, count * sizeof(double)); return;
    case 2: for (size_t i = 0; i < count; i++) out[i] = a[i] + b[i]; return;
    case 3: for (size_t i = 0; i < count; i++) out[i] = a[i] + b[i] + c[i]; return;
    case 4: for (size_t i = 0; i < count; i++) out[i] = a[i] + b[i] + c[i] + d[i]; return;
    case 5: for (size_t i = 0; i < count; i++) out[i] = a[i] + b[i] + c[i] + d[i] + e[i]; return;
    default: for (size_t i = 0; i < count; i++) out[i] = a[i] + b[i] + c[i] + d[i] + e[i] + f[i];
  }
}

// next[i] = sums[i - power] + sums[i], from the first i that has as many values before it.
INLINED void next_level(const double *restrict sums, size_t power, size_t length, double *restrict next) {
  size_t i = 2 * power - 1;
  // why: vectors that are stored within a line of the cache
  for (size_t aligned = (i + 7) & ~(size_t)7; i < aligned && i < length; i++) next[i] = sums[i] + sums[i - power];
  for (; i < length; i++) next[i] = sums[i] + sums[i - power];
}

// Writes the sums of 2, 4, ... values up to `greatest`, one level `stride` behind the other. A level's sums stand where their last value does.
typedef void (*level_maker)(const double *source, size_t greatest, size_t length, size_t stride, double *levels);

INLINED void each_level(const double *source, size_t power, size_t greatest, size_t length, size_t stride, double *levels) {
  for (; power < greatest; power *= 2) {
    next_level(source, power, length, levels);
    source = levels;
    levels += stride;
  }
}

INLINED void window_sums(const double *source, const intptr_t *pieces, size_t piece_count, size_t width, size_t count, double *scratch,
                         double *out, level_maker make_levels) {
  const size_t block = block_of(width, count), stride = stride_of(width, block);
  for (size_t start = 0; start < count; start += block) {
    const size_t rows = count - start < block ? count - start : block;
    make_levels(source + start, (size_t)pieces[piece_count - 1], width - 1 + rows, stride, scratch);
    const double *terms[6] = {0};
    size_t term_count = 0, covered = 0;
    for (size_t p = 0; p < piece_count; p++) {
      if (term_count == 6) {
        add_up(terms, term_count, rows, out + start);
        terms[0] = out + start;
        term_count = 1;
      }
      const size_t power = (size_t)pieces[p];
      const double *sums = power == 1 ? source + start : scratch + (size_t)(__builtin_ctzll(power) - 1) * stride;
      terms[term_count++] = sums + (width - 1 - covered);
      covered += power;
    }
    add_up(terms, term_count, rows, out + start);
  }
}

INLINED void lesser(const double *left, const double *right, size_t count, double *out) {
  for (size_t i = 0; i < count; i++) out[i] = ((left[i] <= right[i]) | (right[i] != right[i])) ? left[i] : right[i];
}

INLINED void greater(const double *left, const double *right, size_t count, double *out) {
  for (size_t i = 0; i < count; i++) out[i] = ((left[i] >= right[i]) | (left[i] != left[i])) ? left[i] : right[i];
}

#define OF_EACH(IS_FUSED)                                                                                          \
  switch (formula) {                                                                                               \
    case ZL_SUM: return statistic(ZL_SUM, m, correction, least, count, values, valid, unsure, 0);                  \
    case ZL_MEAN: return statistic(ZL_MEAN, m, correction, least, count, values, valid, unsure, 0);                \
    case ZL_VARIANCE: return statistic(ZL_VARIANCE, m, correction, least, count, values, valid, unsure, IS_FUSED); \
    case ZL_DEVIATION: return statistic(ZL_DEVIATION, m, correction, least, count, values, valid, unsure, IS_FUSED); \
    case ZL_ZSCORE: return statistic(ZL_ZSCORE, m, correction, least, count, values, valid, unsure, IS_FUSED);     \
    case ZL_DEMEAN: return statistic(ZL_DEMEAN, m, correction, least, count, values, valid, unsure, IS_FUSED);     \
    case ZL_COVARIANCE: return statistic(ZL_COVARIANCE, m, correction, least, count, values, valid, unsure, IS_FUSED); \
    case ZL_CORRELATION: return statistic(ZL_CORRELATION, m, correction, least, count, values, valid, unsure, IS_FUSED); \
    default: return statistic(ZL_SLOPE, m, correction, least, count, values, valid, unsure, IS_FUSED);             \
  }

#define PARAMETERS                                                                                                       \
  int formula, const zl_moments *m, double correction, double least, size_t count, double *values, uint8_t *valid, uint8_t *unsure

#define SUMS_PARAMETERS \
  const double *source, const intptr_t *pieces, size_t piece_count, size_t width, size_t count, double *scratch, double *out
#define PAIR_PARAMETERS const double *left, const double *right, size_t count, double *out

typedef struct {
  int (*any_counts)(PARAMETERS);
  int (*one_count)(PARAMETERS);
  void (*differences)(const double *values, double anchor, size_t count, double *out);
  void (*window_sums)(SUMS_PARAMETERS);
  void (*products)(PAIR_PARAMETERS);
  void (*lesser)(PAIR_PARAMETERS);
  void (*greater)(PAIR_PARAMETERS);
} kernels;

// The kernels compiled for one instruction set.
#define KERNELS(SET, TARGET, IS_FUSED, LEVELS)                                                                      \
  TARGET static int any_counts_##SET(PARAMETERS) { OF_EACH(0) }                                                     \
  TARGET static int one_count_##SET(PARAMETERS) { OF_EACH(IS_FUSED) }                                               \
  TARGET static void differences_##SET(const double *values, double anchor, size_t count, double *out) {            \
    differences(values, anchor, count, out);                                                                        \
  }                                                                                                                 \
  TARGET static void window_sums_##SET(SUMS_PARAMETERS) {                                                           \
    window_sums(source, pieces, piece_count, width, count, scratch, out, LEVELS);                                   \
  }                                                                                                                 \
  TARGET static void products_##SET(PAIR_PARAMETERS) { products(left, right, count, out); }                         \
  TARGET static void lesser_##SET(PAIR_PARAMETERS) { lesser(left, right, count, out); }                             \
  TARGET static void greater_##SET(PAIR_PARAMETERS) { greater(left, right, count, out); }                           \
  static const kernels SET = {any_counts_##SET, one_count_##SET, differences_##SET, window_sums_##SET,              \
                              products_##SET,   lesser_##SET,    greater_##SET};

static void levels_plain(const double *source, size_t greatest, size_t length, size_t stride, double *levels) {
  each_level(source, 1, greatest, length, stride, levels);
}

KERNELS(plain, , 0, levels_plain)

#if defined(__x86_64__)

#define WIDE __attribute__((target("avx2,fma")))
#define WIDEST __attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,avx2,fma"), min_vector_width(512)))

WIDE static void levels_wide(const double *source, size_t greatest, size_t length, size_t stride, double *levels) {
  each_level(source, 1, greatest, length, stride, levels);
}

// sums[i] + sums[i - POWER] of eight rows, from those and the eight rows before.
#define STEP(SUMS, BEFORE, POWER) \
  _mm512_add_pd(SUMS, _mm512_castsi512_pd(_mm512_alignr_epi64(_mm512_castpd_si512(SUMS), _mm512_castpd_si512(BEFORE), 8 - POWER)))

// The first levels, up to five, in one pass. Sums that reach back before the first value are never read.
WIDEST INLINED void first_levels(const double *source, size_t count, size_t length, size_t stride, double *levels) {
  __m512d ones_before = _mm512_setzero_pd(), twos_before = ones_before, fours_before = ones_before, eights_before = ones_before;
  __m512d sixteens_before = ones_before, sixteens_long_before = ones_before;
  for (size_t i = 0; i < length; i += 8) {
    const __m512d ones = _mm512_loadu_pd(source + i), twos = STEP(ones, ones_before, 1);
    _mm512_storeu_pd(levels + i, twos);
    ones_before = ones;
    if (count < 2) continue;
    const __m512d fours = STEP(twos, twos_before, 2);
    _mm512_storeu_pd(levels + stride + i, fours);
    twos_before = twos;
    if (count < 3) continue;
    const __m512d eights = STEP(fours, fours_before, 4);
    _mm512_storeu_pd(levels + 2 * stride + i, eights);
    fours_before = fours;
    if (count < 4) continue;
    const __m512d sixteens = _mm512_add_pd(eights, eights_before);
    _mm512_storeu_pd(levels + 3 * stride + i, sixteens);
    eights_before = eights;
    if (count < 5) continue;
    _mm512_storeu_pd(levels + 4 * stride + i, _mm512_add_pd(sixteens, sixteens_long_before));
    sixteens_long_before = sixteens_before;
    sixteens_before = sixteens;
  }
}

WIDEST static void levels_widest(const double *source, size_t greatest, size_t length, size_t stride, double *levels) {
  switch (greatest) {
    case 1: return;
    case 2: return first_levels(source, 1, length, stride, levels);
    case 4: return first_levels(source, 2, length, stride, levels);
    case 8: return first_levels(source, 3, length, stride, levels);
    case 16: return first_levels(source, 4, length, stride, levels);
    default:
      first_levels(source, 5, length, stride, levels);
      each_level(levels + 4 * stride, 32, greatest, length, stride, levels + 5 * stride);
  }
}

KERNELS(wide, WIDE, 1, levels_wide)
KERNELS(widest, WIDEST, 1, levels_widest)

static const kernels *chosen(void) {
  if (__builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")) return &widest;
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? &wide : &plain;
}

#else

static const kernels *chosen(void) { return &plain; }

#endif

void zl_differences(const double *values, double anchor, size_t count, double *out) { chosen()->differences(values, anchor, count, out); }
void zl_products(PAIR_PARAMETERS) { chosen()->products(left, right, count, out); }
void zl_lesser(PAIR_PARAMETERS) { chosen()->lesser(left, right, count, out); }
void zl_greater(PAIR_PARAMETERS) { chosen()->greater(left, right, count, out); }

size_t zl_window_sums_scratch(size_t width, size_t count) {
  size_t levels = 0;
  while ((size_t)1 << levels < width) levels++;
  return levels * stride_of(width, block_of(width, count));
}

void zl_window_sums(SUMS_PARAMETERS) { chosen()->window_sums(source, pieces, piece_count, width, count, scratch, out); }

// The sums from row `first` on.
static zl_moments from(const zl_moments *m, size_t first) {
  zl_moments rest = *m;
  rest.counts += first;
  if (m->x) rest.x += first;
  if (m->xx) rest.xx += first;
  if (m->y) rest.y += first;
  if (m->yy) rest.yy += first;
  if (m->xy) rest.xy += first;
  rest.current += first;
  return rest;
}

int zl_moment_statistic(int formula, const zl_moments *m, double correction, double least, size_t count, double *values,
                        uint8_t *valid, uint8_t *unsure) {
  // Windows that grow come first in a partition, then those of one width.
  size_t grown = 0;
  while (grown + 1 < count && m->counts[grown] != m->counts[count - 1]) grown++;
  if (memcmp(m->counts + grown, m->counts + grown + 1, (count - 1 - grown) * sizeof(double)) != 0) grown = count;
  int failures = 0;
  if (grown > 0) failures = chosen()->any_counts(formula, m, correction, least, grown, values, valid, unsure);
  if (grown == count) return failures;
  zl_moments rest = from(m, grown);
  return failures | chosen()->one_count(formula, &rest, correction, least, count - grown, values + grown, valid + grown, unsure + grown);
}
