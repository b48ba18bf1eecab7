#include "PackKernels.h"

#include <string.h>

typedef uint32_t Words __attribute__((vector_size(32), aligned(4)));
typedef int64_t Wide __attribute__((vector_size(64), aligned(8)));
typedef double Doubles __attribute__((vector_size(64), aligned(8)));

enum { ROWS = 32, LANES = 8, BLOCK = ROWS * LANES };

// Integers beyond this do not round by MAGIC. Adding and taking away 1.5 * 2^52 rounds to the nearest integer, and leaves it in the low bits
// between the two.
#define LARGEST 0x1p51
#define MAGIC 0x1.8p52

#define FRAME                                                   \
  int64_t least = values[0], greatest = values[0];              \
  for (size_t i = 1; i < count; i++) {                          \
    least = values[i] < least ? values[i] : least;              \
    greatest = values[i] > greatest ? values[i] : greatest;     \
  }

#define STEPS                                                                       \
  int64_t least_step = INT64_MAX, greatest_step = INT64_MIN, same = 0;              \
  for (size_t i = 1; i < count; i++) {                                              \
    const int64_t step = (int64_t)((uint64_t)values[i] - (uint64_t)values[i - 1]);  \
    least_step = step < least_step ? step : least_step;                             \
    greatest_step = step > greatest_step ? step : greatest_step;                    \
    same += step == 0;                                                              \
  }

#define PACK                                                                                  \
  const uint32_t mask = width == 32 ? UINT32_MAX : (1u << width) - 1;                         \
  Words pending = {0};                                                                        \
  uint32_t filled = 0;                                                                        \
  for (uint32_t row = 0; row < ROWS; row++) {                                                 \
    const Wide above = *(const Wide *)(values + LANES * row) - base;                          \
    const Words value = __builtin_convertvector(above, Words) & mask;                         \
    pending |= value << filled;                                                               \
    filled += width;                                                                          \
    if (filled >= 32) {                                                                       \
      *(Words *)words = pending;                                                              \
      words += LANES;                                                                         \
      filled -= 32;                                                                           \
      pending = filled == 0 ? (Words){0} : value >> (width - filled);                         \
    }                                                                                         \
  }

// QUOTIENT is `rounded / scale`, rounded once.
#define SCALE(QUOTIENT)                                                                       \
  Wide inexact = {0};                                                                         \
  for (uint32_t row = 0; row < ROWS; row++) {                                                 \
    const Doubles value = *(const Doubles *)(values + LANES * row);                           \
    const Doubles product = value * scale, shifted = product + MAGIC, rounded = shifted - MAGIC; \
    const Doubles quotient = QUOTIENT;                                                        \
    *(Wide *)(integers + LANES * row) = (Wide)shifted - magic_bits;                           \
    const Wide fits = (product < LARGEST) & (product > -LARGEST) & ((Wide)quotient == (Wide)value); \
    inexact += 1 + fits;                                                                      \
  }                                                                                           \
  int64_t count = 0;                                                                          \
  for (int lane = 0; lane < LANES; lane++) count += inexact[lane];                            \
  return (size_t)count;

#define KERNELS(SUFFIX, TARGET)                                                                                        \
  TARGET static struct zl_pack_bounds frame_##SUFFIX(const int64_t *values, size_t count) {                            \
    FRAME                                                                                                              \
    return (struct zl_pack_bounds){.least = least, .greatest = greatest};                                              \
  }                                                                                                                    \
  TARGET static struct zl_pack_bounds bounds_##SUFFIX(const int64_t *values, size_t count) {                           \
    FRAME                                                                                                              \
    STEPS                                                                                                              \
    return (struct zl_pack_bounds){least, greatest, least_step, greatest_step, (uint32_t)(count - 1 - (size_t)same)};  \
  }                                                                                                                    \
  TARGET static void pack_##SUFFIX(const int64_t *values, uint32_t width, int64_t base, uint32_t *words) { PACK }

KERNELS(plain, )

static size_t scale_plain(const double *values, double scale, int64_t *integers) {
  const double magic = MAGIC;
  int64_t magic_bits;
  memcpy(&magic_bits, &magic, sizeof magic_bits);
  SCALE(rounded / scale)
}

#if defined(__x86_64__)
#include <immintrin.h>

KERNELS(wide, __attribute__((target("avx2"))))
KERNELS(widest, __attribute__((target("avx512f,avx512dq,avx512vl,avx512bw,prefer-256-bit"))))

// The quotient without a division, as in UnpackKernels.c. For integers below 2^53 and d = 10^k, k to 10, it is the rounded one: d has at most 24
// significant bits, so the rest n - q * d is exact, and no quotient lies nearer to the middle of two doubles than 2^-25 of their distance.
__attribute__((target("avx2,fma"))) static size_t scale_wide(const double *values, double scale, int64_t *integers) {
  const double magic = MAGIC, reciprocal = 1 / scale;
  int64_t magic_bits;
  memcpy(&magic_bits, &magic, sizeof magic_bits);
  SCALE(__builtin_elementwise_fma(
      __builtin_elementwise_fma(-(rounded * reciprocal), (Doubles){0} + scale, rounded), (Doubles){0} + reciprocal, rounded * reciprocal))
}

static int has_widest(void) { return __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw"); }
#define CHOOSE(NAME, ...)                                              \
  if (has_widest()) return NAME##_widest(__VA_ARGS__);                 \
  if (__builtin_cpu_supports("avx2")) return NAME##_wide(__VA_ARGS__); \
  return NAME##_plain(__VA_ARGS__);
#else
#define CHOOSE(NAME, ...) return NAME##_plain(__VA_ARGS__);
#endif

struct zl_pack_bounds zl_pack_bounds(const int64_t *values, size_t count) { CHOOSE(bounds, values, count) }

struct zl_pack_bounds zl_pack_frame(const int64_t *values, size_t count) { CHOOSE(frame, values, count) }

void zl_pack_int64(const int64_t *values, uint32_t width, int64_t base, uint32_t *words) { CHOOSE(pack, values, width, base, words) }

size_t zl_scale_doubles(const double *values, double scale, int64_t *integers) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return scale_wide(values, scale, integers);
#endif
  return scale_plain(values, scale, integers);
}
