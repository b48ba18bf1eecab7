#include "WindowKernels.h"

#include <math.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

// The vectors are passed between inlined functions only.
#pragma clang diagnostic ignored "-Wpsabi"

#define INLINED static inline __attribute__((always_inline))

enum { BUCKETS = 2048, WORDS = ZL_BLOCK_CAPACITY / 64 };

// Steps to its place within a bucket that a value takes on average, at most.
enum { MOST_STEPS = 16 };

// 256-bit vectors; without AVX2 the compiler makes two of each.
typedef double doubles __attribute__((vector_size(32)));
typedef int64_t words __attribute__((vector_size(32)));
typedef int16_t shorts __attribute__((vector_size(32)));
typedef uint16_t eight __attribute__((vector_size(16)));

INLINED doubles choose(words mask, doubles yes, doubles no) { return (doubles)((mask & (words)yes) | (~mask & (words)no)); }

// The least and the greatest of the values that count.
INLINED void bounds(const double *values, const uint8_t *kinds, size_t count, double *low, double *high) {
  size_t i = 0;
  if (!kinds && count >= 16) {
    doubles least[4], greatest[4];
    memcpy(least, values, sizeof least);
    memcpy(greatest, values, sizeof greatest);
    for (; i + 16 <= count; i += 16) {
      for (int k = 0; k < 4; k++) {
        doubles own;
        memcpy(&own, values + i + 4 * k, sizeof own);
        least[k] = choose(own < least[k], own, least[k]);
        greatest[k] = choose(own > greatest[k], own, greatest[k]);
      }
    }
    for (int k = 0; k < 16; k++) {
      *low = least[k / 4][k % 4] < *low ? least[k / 4][k % 4] : *low;
      *high = greatest[k / 4][k % 4] > *high ? greatest[k / 4][k % 4] : *high;
    }
  }
  for (; i < count; i++) {
    if (kinds && kinds[i] != 1) continue;
    *low = values[i] < *low ? values[i] : *low;
    *high = values[i] > *high ? values[i] : *high;
  }
}

// sums[b] becomes the sum of those before it.
INLINED void sum_up(uint16_t *sums) {
  eight before = {0}, zero = {0};
  for (size_t b = 0; b < BUCKETS; b += 8) {
    eight own, sum;
    memcpy(&own, sums + b, sizeof own);
    sum = own + __builtin_shufflevector(zero, own, 0, 8, 9, 10, 11, 12, 13, 14);
    sum += __builtin_shufflevector(zero, sum, 0, 1, 8, 9, 10, 11, 12, 13);
    sum += __builtin_shufflevector(zero, sum, 0, 1, 2, 3, 8, 9, 10, 11);
    eight result = before + sum - own;
    memcpy(sums + b, &result, sizeof result);
    before += __builtin_shufflevector(sum, sum, 7, 7, 7, 7, 7, 7, 7, 7);
  }
}

// Puts `size` spread values and their rows in order; false where that takes too long.
INLINED int insert_all(double *sorted, uint16_t *rows, size_t size) {
  size_t steps = 0;
  for (size_t p = 1; p < size; p++) {
    double value = sorted[p];
    if (!(sorted[p - 1] > value)) continue;
    size_t q = p;
    uint16_t row = rows[p];
    do {
      sorted[q] = sorted[q - 1];
      rows[q] = rows[q - 1];
      q--;
    } while (q > 0 && sorted[q - 1] > value);
    sorted[q] = value;
    rows[q] = row;
    steps += p - q;
    if (steps > MOST_STEPS * ZL_BLOCK_CAPACITY) return 0;
  }
  return 1;
}

// Whether of neighbouring values some descend, and whether some do not ascend.
INLINED void neighbours(const double *sorted, size_t size, int *descend, int *level) {
  words down = {0}, flat = {0};
  size_t p = 1;
  for (; p + 4 <= size; p += 4) {
    doubles before, own;
    memcpy(&before, sorted + p - 1, sizeof before);
    memcpy(&own, sorted + p, sizeof own);
    down |= before > own;
    flat |= before >= own;
  }
  for (; p < size; p++) {
    down[0] |= sorted[p - 1] > sorted[p];
    flat[0] |= sorted[p - 1] >= sorted[p];
  }
  *descend = (down[0] | down[1] | down[2] | down[3]) != 0;
  *level = (flat[0] | flat[1] | flat[2] | flat[3]) != 0;
}

// Values are spread over buckets by their distance from the least, and put in order within them.
INLINED int block_order(const double *values, const uint8_t *kinds, size_t count, int shares_places, double *sorted, int16_t *places,
                        size_t *distinct) {
  double low = INFINITY, high = -INFINITY;
  bounds(values, kinds, count, &low, &high);
  double scale = high > low ? (BUCKETS - 1) / (high - low) : 0;
  // Also where the distance or the scale is infinite or NaN.
  if (low <= high && !(high - low < 1e300 && scale < 1e300)) return -1;
  uint16_t buckets[ZL_BLOCK_CAPACITY], starts[BUCKETS] = {0};
  for (size_t i = 0; i < count; i++) {
    double value = kinds && kinds[i] != 1 ? low : values[i];
    buckets[i] = (uint16_t)(int32_t)((value - low) * scale);
  }
  size_t size = 0;
  for (size_t i = 0; i < count; i++) {
    int is_in = !kinds || kinds[i] == 1;
    starts[buckets[i] % BUCKETS] += is_in;
    size += is_in;
  }
  sum_up(starts);
  for (size_t i = 0; i < count; i++) {
    if (kinds && kinds[i] != 1) {
      places[i] = ZL_NO_PLACE;
      continue;
    }
    size_t place = starts[buckets[i] % BUCKETS]++;
    sorted[place] = values[i];
    places[i] = (int16_t)place;
  }
  // Most often a bucket's values came in order.
  int descend, level;
  neighbours(sorted, size, &descend, &level);
  if (descend) {
    uint16_t rows[ZL_BLOCK_CAPACITY];
    for (size_t i = 0; i < count; i++) {
      if (!kinds || kinds[i] == 1) rows[places[i]] = (uint16_t)i;
    }
    if (!insert_all(sorted, rows, size)) return -1;
    for (size_t p = 0; p < size; p++) places[rows[p]] = (int16_t)p;
    if (shares_places) neighbours(sorted, size, &descend, &level);
  }
  *distinct = size;
  if (shares_places && level) {
    uint16_t numbers[ZL_BLOCK_CAPACITY];
    numbers[0] = 0;
    for (size_t p = 1; p < size; p++) numbers[p] = numbers[p - 1] + (sorted[p] > sorted[p - 1]);
    for (size_t i = 0; i < count; i++) {
      if (!kinds || kinds[i] == 1) places[i] = (int16_t)numbers[places[i]];
    }
    *distinct = numbers[size - 1] + 1u;
  }
  return (int)size;
}

INLINED shorts load(const int16_t *address) {
  shorts value;
  memcpy(&value, address, sizeof value);
  return value;
}

// Rows that are counted side by side are those of so many vectors, of LANES each.
enum { LANES = 16, VECTORS = 4 };

// What the values at begin ... end - 1 add to the counts of the vectors first ... last.
INLINED void count_places(const int16_t *places, size_t begin, size_t end, int first, int last, int has_ties, const shorts *own, shorts *less,
                          shorts *greater) {
  for (size_t p = begin; p < end; p++) {
    shorts other = load(places + p);
    for (int v = first; v <= last; v++) {
      less[v] -= other < own[v];
      if (has_ties) greater[v] -= other > own[v];
    }
  }
}

// A vector of values is loaded once for the windows of all the vectors that it lies in: v's are those at LANES * v ... LANES * v + width - 1.
INLINED void rank_counts(const int16_t *places, size_t width, size_t current, size_t count, int has_ties, uint16_t *out) {
  for (size_t t = 0; t < count; t += LANES * VECTORS) {
    const int16_t *window = places + t;
    shorts own[VECTORS], less[VECTORS] = {{0}}, greater[VECTORS] = {{0}};
    for (int v = 0; v < VECTORS; v++) own[v] = load(window + current + LANES * v);
    if (width >= LANES * (VECTORS - 1)) {
      count_places(window, 0, LANES, 0, 0, has_ties, own, less, greater);
      count_places(window, LANES, 2 * LANES, 0, 1, has_ties, own, less, greater);
      count_places(window, 2 * LANES, 3 * LANES, 0, 2, has_ties, own, less, greater);
      count_places(window, 3 * LANES, width, 0, 3, has_ties, own, less, greater);
      count_places(window, width, width + LANES, 1, 3, has_ties, own, less, greater);
      count_places(window, width + LANES, width + 2 * LANES, 2, 3, has_ties, own, less, greater);
      count_places(window, width + 2 * LANES, width + 3 * LANES, 3, 3, has_ties, own, less, greater);
    } else {
      for (int v = 0; v < VECTORS; v++) {
        count_places(window, (size_t)(LANES * v), (size_t)(LANES * v) + width, v, v, has_ties, own, less, greater);
      }
    }
    for (int v = 0; v < VECTORS; v++) {
      shorts doubled = less[v] + (has_ties ? (int16_t)width - greater[v] : less[v] + 1);
      memcpy(out + t + LANES * v, &doubled, sizeof doubled);
    }
  }
}

// For each word of a window's bits the number of bits before it.
typedef uint16_t numbers __attribute__((vector_size(2 * WORDS)));

// The places of a window's values, one bit each.
typedef struct {
  numbers before;
  // A word behind the last takes what has no place.
  uint64_t bits[WORDS + 1];
} place_set;

// behind[w] is one for each word behind word w: what a bit that is set there adds.
static numbers behind[WORDS + 1];

__attribute__((constructor)) static void set_up(void) {
  for (size_t w = 0; w < WORDS; w++) {
    for (size_t other = w + 1; other < WORDS; other++) behind[w][other] = 1;
  }
}

INLINED size_t word_of(int16_t place) {
  size_t word = (size_t)place / 64;
  return word < WORDS ? word : WORDS;
}

// The place that has `rank` others of the set before it.
INLINED size_t place_at(const place_set *set, int32_t rank) {
  size_t word = 0;
  for (size_t w = 1; w < WORDS; w++) word += set->before[w] <= rank;
  uint64_t rest = set->bits[word];
  for (int32_t skipped = set->before[word]; skipped < rank; skipped++) rest &= rest - 1;
  return 64 * word + (rest ? (size_t)__builtin_ctzll(rest) : 64);
}

#define SELECTION_PARAMETERS                                                                                                   \
  const int16_t *places, const double *sorted, size_t width, size_t count, const int32_t *low, const int32_t *high, double *low_values, \
      double *high_values

// A place comes in, the set is looked at, and a place goes out.
#define SELECTIONS(PLACE_AT)                                          \
  place_set set = {0};                                                \
  numbers before = {0};                                               \
  for (size_t t = 0; t < count + width - 1; t++) {                    \
    size_t coming = word_of(places[t]);                               \
    set.bits[coming] |= (uint64_t)1 << (places[t] & 63);              \
    before += behind[coming];                                         \
    if (t + 1 < width) continue;                                      \
    size_t row = t + 1 - width, leaving = word_of(places[row]);       \
    set.before = before;                                              \
    low_values[row] = sorted[PLACE_AT(&set, low[row])];               \
    high_values[row] = sorted[PLACE_AT(&set, high[row])];             \
    set.bits[leaving] &= ~((uint64_t)1 << (places[row] & 63));        \
    before -= behind[leaving];                                        \
  }

INLINED int mark_numbers(const double *values, size_t count, uint8_t *valid) {
  words others = {0};
  size_t i = 0;
  for (; i + 4 <= count; i += 4) {
    doubles own;
    memcpy(&own, values + i, sizeof own);
    others |= own != own;
  }
  int are_all = !(others[0] | others[1] | others[2] | others[3]);
  for (; i < count; i++) are_all &= values[i] == values[i];
  memset(valid, 1, count);
  if (!are_all) {
    for (i = 0; i < count; i++) valid[i] = values[i] == values[i];
  }
  return are_all;
}

INLINED void neighbour_signs(const int64_t *restrict values, size_t count, int8_t less, int8_t greater, int8_t *restrict signs) {
  for (size_t i = 0; i < count; i++) {
    int8_t sign = (int8_t)((values[i] < values[i + 1] ? less : 0) | (values[i] > values[i + 1] ? greater : 0));
    signs[i] = signs[i] ? signs[i] : sign;
  }
}

#define ORDER_PARAMETERS \
  const double *values, const uint8_t *kinds, size_t count, int shares_places, double *sorted, int16_t *places, size_t *distinct

typedef struct {
  int (*order)(ORDER_PARAMETERS);
  void (*rank_counts)(const int16_t *places, size_t width, size_t current, size_t count, int has_ties, uint16_t *out);
  void (*selections)(SELECTION_PARAMETERS);
  int (*mark_numbers)(const double *values, size_t count, uint8_t *valid);
  void (*neighbour_signs)(const int64_t *values, size_t count, int8_t less, int8_t greater, int8_t *signs);
} kernels;

// The kernels compiled for one instruction set.
#define KERNELS(SET, TARGET, PLACE_AT)                                                                                                  \
  TARGET static int order_##SET(ORDER_PARAMETERS) {                                                                                     \
    return kinds ? block_order(values, kinds, count, shares_places, sorted, places, distinct)                                           \
                 : block_order(values, NULL, count, shares_places, sorted, places, distinct);                                           \
  }                                                                                                                                     \
  TARGET static void rank_counts_##SET(const int16_t *places, size_t width, size_t current, size_t count, int has_ties, uint16_t *out) {  \
    if (has_ties) {                                                                                                                     \
      rank_counts(places, width, current, count, 1, out);                                                                               \
    } else {                                                                                                                            \
      rank_counts(places, width, current, count, 0, out);                                                                               \
    }                                                                                                                                   \
  }                                                                                                                                     \
  TARGET static void selections_##SET(SELECTION_PARAMETERS) { SELECTIONS(PLACE_AT) }                                                    \
  TARGET static int mark_numbers_##SET(const double *values, size_t count, uint8_t *valid) { return mark_numbers(values, count, valid); } \
  TARGET static void neighbour_signs_##SET(const int64_t *values, size_t count, int8_t less, int8_t greater, int8_t *signs) {            \
    neighbour_signs(values, count, less, greater, signs);                                                                               \
  }                                                                                                                                     \
  static const kernels SET = {order_##SET, rank_counts_##SET, selections_##SET, mark_numbers_##SET, neighbour_signs_##SET};

KERNELS(plain, , place_at)

#if defined(__x86_64__)

#define WIDE __attribute__((target("avx2,bmi,bmi2,popcnt")))

WIDE INLINED size_t place_at_wide(const place_set *set, int32_t rank) {
  __m256i ranks = _mm256_set1_epi16((int16_t)rank);
  __m256i first = _mm256_cmpgt_epi16(((const __m256i *)&set->before)[0], ranks);
  __m256i second = _mm256_cmpgt_epi16(((const __m256i *)&set->before)[1], ranks);
  uint32_t above = (uint32_t)_mm256_movemask_epi8(_mm256_packs_epi16(first, second));
  size_t word = (size_t)(WORDS - 1 - __builtin_popcount(above));
  return 64 * word + _tzcnt_u64(_pdep_u64((uint64_t)1 << (rank - set->before[word]), set->bits[word]));
}

KERNELS(wide, WIDE, place_at_wide)

static const kernels *chosen(void) { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2") ? &wide : &plain; }

#else

static const kernels *chosen(void) { return &plain; }

#endif

int zl_block_order(ORDER_PARAMETERS) { return chosen()->order(values, kinds, count, shares_places, sorted, places, distinct); }

void zl_rank_counts(const int16_t *places, size_t width, size_t current, size_t count, int has_ties, uint16_t *out) {
  chosen()->rank_counts(places, width, current, count, has_ties, out);
}

void zl_sliding_selections(SELECTION_PARAMETERS) {
  chosen()->selections(places, sorted, width, count, low, high, low_values, high_values);
}

int zl_mark_numbers(const double *values, size_t count, uint8_t *valid) { return chosen()->mark_numbers(values, count, valid); }

void zl_neighbour_signs(const int64_t *values, size_t count, int8_t less, int8_t greater, int8_t *signs) {
  chosen()->neighbour_signs(values, count, less, greater, signs);
}
