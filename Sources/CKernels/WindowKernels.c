#include "WindowKernels.h"

#include <math.h>
#include <string.h>

// The vectors are passed between inlined functions only.
#pragma clang diagnostic ignored "-Wpsabi"

// 256-bit vectors; without AVX2 the compiler makes two of each.
typedef double doubles __attribute__((vector_size(32)));
typedef int64_t words __attribute__((vector_size(32)));

#define INLINED static inline __attribute__((always_inline))

INLINED doubles load(const double *address) {
  doubles value;
  memcpy(&value, address, sizeof value);
  return value;
}


INLINED doubles spread(double value) { return (doubles){value, value, value, value}; }

INLINED doubles choose(words mask, doubles yes, doubles no) {
  return (doubles)((mask & (words)yes) | (~mask & (words)no));
}

// Numbers below 2^52 are the last bits of 2^52 and more.
INLINED void store(words numbers, double *address) {
  words shifted = numbers + 0x4330000000000000;
  doubles result = (doubles)shifted - spread(0x1p52);
  memcpy(address, &result, sizeof result);
}

INLINED void rank_counts(const double *source, const double *current, size_t width, size_t count, double *out) {
  for (size_t t = 0; t < count; t += 16) {
    doubles c0 = load(current + t), c1 = load(current + t + 4), c2 = load(current + t + 8), c3 = load(current + t + 12);
    words n0 = {0}, n1 = {0}, n2 = {0}, n3 = {0};
    for (size_t k = 0; k < width; k++) {
      const double *at = source + t + k;
      doubles v0 = load(at), v1 = load(at + 4), v2 = load(at + 8), v3 = load(at + 12);
      n0 -= (words)(v0 < c0) + (words)(v0 <= c0);
      n1 -= (words)(v1 < c1) + (words)(v1 <= c1);
      n2 -= (words)(v2 < c2) + (words)(v2 <= c2);
      n3 -= (words)(v3 < c3) + (words)(v3 <= c3);
    }
    store(n0, out + t);
    store(n1, out + t + 4);
    store(n2, out + t + 8);
    store(n3, out + t + 12);
  }
}

// In the order of `ring` with `old` taken out and `new` put in, a place between the two holds the median of its own value, its
// neighbour's on the side of `new`, and `new`; all others stay as they are.
INLINED void replace(const double *ring, double *next, size_t width, double old, double new) {
  if (new >= old) {
    doubles olds = spread(old), news = spread(new);
    for (size_t i = 0; i < width; i += 4) {
      doubles own = load(ring + i), above = load(ring + i + 1);
      doubles moved = choose(above < news, above, news);
      moved = choose(own > moved, own, moved);
      doubles result = choose(own < olds, own, moved);
      memcpy(next + i, &result, sizeof result);
    }
  } else {
    doubles olds = spread(old), news = spread(new);
    for (size_t i = 0; i < width; i += 4) {
      doubles own = load(ring + i), below = load(ring + i - 1);
      doubles moved = choose(below > news, below, news);
      moved = choose(own < moved, own, moved);
      doubles result = choose(own > olds, own, moved);
      memcpy(next + i, &result, sizeof result);
    }
  }
}

INLINED void sliding_order(const double *source, double *ring, double *scratch, size_t width, size_t count, const int32_t *low,
                           const int32_t *high, double *low_values, double *high_values) {
  double *now = ring, *next = scratch;
  now[-1] = next[-1] = -INFINITY;
  for (size_t i = width; i < width + 8; i++) now[i] = next[i] = INFINITY;
  for (size_t t = 0; t < count; t++) {
    double old = source[t], new = source[t + width];
    if (old != new) {
      replace(now, next, width, old, new);
      // The last vector may have written behind the ring.
      for (size_t i = width; i < ((width + 3) & ~(size_t)3); i++) next[i] = INFINITY;
      double *other = now;
      now = next;
      next = other;
    }
    low_values[t] = now[low[t]];
    high_values[t] = now[high[t]];
  }
  if (now != ring) memcpy(ring, now, width * sizeof(double));
}

#if defined(__x86_64__)

__attribute__((target("avx2"))) static void rank_counts_wide(const double *source, const double *current, size_t width,
                                                             size_t count, double *out) {
  rank_counts(source, current, width, count, out);
}

__attribute__((target("avx2"))) static void sliding_order_wide(const double *source, double *ring, double *scratch, size_t width,
                                                               size_t count, const int32_t *low, const int32_t *high,
                                                               double *low_values, double *high_values) {
  sliding_order(source, ring, scratch, width, count, low, high, low_values, high_values);
}

static int is_wide(void) { return __builtin_cpu_supports("avx2"); }

#else

#define rank_counts_wide rank_counts
#define sliding_order_wide sliding_order
static int is_wide(void) { return 0; }

#endif

void zl_rank_counts(const double *source, const double *current, size_t width, size_t count, double *out) {
  if (is_wide()) {
    rank_counts_wide(source, current, width, count, out);
  } else {
    rank_counts(source, current, width, count, out);
  }
}

void zl_sliding_order(const double *source, double *ring, double *scratch, size_t width, size_t count, const int32_t *low,
                      const int32_t *high, double *low_values, double *high_values) {
  if (is_wide()) {
    sliding_order_wide(source, ring, scratch, width, count, low, high, low_values, high_values);
  } else {
    sliding_order(source, ring, scratch, width, count, low, high, low_values, high_values);
  }
}
