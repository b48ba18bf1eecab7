#include "ZoneKernels.h"

#include <string.h>

static inline int64_t double_key(double value) {
  const double plain = value == 0 ? 0.0 : value;
  int64_t bits;
  memcpy(&bits, &plain, sizeof bits);
  const int64_t key = bits ^ ((bits >> 63) & INT64_MAX);
  return value != value ? INT64_MAX : key;
}

enum { PIECE = 256, AHEAD = 4096, LINE = 64 };

// The compiler makes vectors of the inner loop, as wide as the function around it may use.
// why: the processor's own look ahead ends with a page, and values that threads have just made come from far.
#define ZONE_OF(TYPE, KEY_TYPE, KEY)                                                                                          \
  KEY_TYPE least = KEY(values[0]), greatest = least, falls = 0;                                                               \
  for (size_t start = 1; start < count; start += PIECE) {                                                                     \
    const size_t stop = count - start < PIECE ? count : start + PIECE;                                                        \
    const uintptr_t next = (uintptr_t)(values + start) + AHEAD;                                                               \
    for (size_t byte = 0; byte < PIECE * sizeof(TYPE); byte += LINE) __builtin_prefetch((const void *)(next + byte));         \
    for (size_t i = start; i < stop; i++) {                                                                                   \
      const KEY_TYPE key = KEY(values[i]), before = KEY(values[i - 1]);                                                       \
      least = key < least ? key : least;                                                                                      \
      greatest = key > greatest ? key : greatest;                                                                             \
      falls |= key < before;                                                                                                  \
    }                                                                                                                         \
  }                                                                                                                           \
  return (struct zl_zone){(int64_t)least, (int64_t)greatest, falls != 0};

#if defined(__x86_64__)
#define ZONE(NAME, TYPE, KEY_TYPE, KEY)                                                                                          \
  __attribute__((target("avx512f,avx512dq,avx512vl,prefer-256-bit"))) static struct zl_zone NAME##_avx512(const TYPE *values, size_t count) { \
    ZONE_OF(TYPE, KEY_TYPE, KEY)                                                                                                 \
  }                                                                                                                              \
  __attribute__((target("avx2"))) static struct zl_zone NAME##_avx2(const TYPE *values, size_t count) { ZONE_OF(TYPE, KEY_TYPE, KEY) } \
  static struct zl_zone NAME##_plain(const TYPE *values, size_t count) { ZONE_OF(TYPE, KEY_TYPE, KEY) }                          \
  struct zl_zone NAME(const TYPE *values, size_t count) {                                                                        \
    if (__builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) return NAME##_avx512(values, count);           \
    return __builtin_cpu_supports("avx2") ? NAME##_avx2(values, count) : NAME##_plain(values, count);                            \
  }
#else
#define ZONE(NAME, TYPE, KEY_TYPE, KEY) \
  struct zl_zone NAME(const TYPE *values, size_t count) { ZONE_OF(TYPE, KEY_TYPE, KEY) }
#endif

ZONE(zl_zone_int32s, int32_t, int32_t, )
ZONE(zl_zone_uint32s, uint32_t, uint32_t, )
ZONE(zl_zone_int64s, int64_t, int64_t, )
ZONE(zl_zone_doubles, double, int64_t, double_key)
