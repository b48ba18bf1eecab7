#include "UnpackKernels.h"

typedef uint32_t Words __attribute__((vector_size(32), aligned(4)));
typedef int32_t Signed __attribute__((vector_size(32), aligned(4)));
typedef int64_t Wide __attribute__((vector_size(64), aligned(8)));
typedef double Doubles __attribute__((vector_size(64), aligned(8)));

enum { ROWS = 32, LANES = 8 };

// The two shifts to the left move by 32 in all where the row begins with a word, and so add nothing.
#define UNPACK(TYPE, STORE)                                                            \
  Words mask = (Words){0} + (width == 32 ? UINT32_MAX : (1u << width) - 1);            \
  for (uint32_t row = 0; row < ROWS; row++) {                                          \
    uint32_t bit = row * width, shift = bit & 31;                                      \
    const Words *place = (const Words *)words + (bit >> 5);                            \
    Words packed = ((place[0] >> shift) | ((place[1] << 1) << (31 - shift))) & mask;   \
    *(TYPE *)(values + LANES * row) = STORE;                                           \
  }

#define KERNELS(SUFFIX, TARGET)                                                                                              \
  TARGET static void uint32_##SUFFIX(const uint32_t *words, uint32_t width, uint32_t base, uint32_t *values) {               \
    UNPACK(Words, packed + base)                                                                                             \
  }                                                                                                                          \
  TARGET static void int64_##SUFFIX(const uint32_t *words, uint32_t width, int64_t base, int64_t *values) {                  \
    UNPACK(Wide, __builtin_convertvector(packed, Wide) + base)                                                               \
  }                                                                                                                          \
  TARGET static void scaled_##SUFFIX(const uint32_t *words, uint32_t width, uint32_t base, double divisor, double *values) { \
    UNPACK(Doubles, __builtin_convertvector((Signed)(packed + base), Doubles) / divisor)                                     \
  }

#if defined(__x86_64__)
// Division by multiplication, to the same bits (P. Markstein, "Computation of elementary functions on the IBM RISC System/6000 processor",
// 1990): with the inverse rounded right, the first product is off by little, a fused step finds by how much, and another rounds what
// they come to. It has been held against division for every 32-bit integer and every power of ten up to 10^22, which are what is asked for.
__attribute__((target("avx2,fma"))) static void scaled_fused(
    const uint32_t *words, uint32_t width, uint32_t base, double divisor, double *values) {
  const Doubles divisors = (Doubles){0} + divisor, inverse = (Doubles){0} + 1 / divisor;
  UNPACK(Doubles, __extension__({
    const Doubles number = __builtin_convertvector((Signed)(packed + base), Doubles);
    const Doubles product = number * inverse;
    __builtin_elementwise_fma(__builtin_elementwise_fma(-product, divisors, number), inverse, product);
  }))
}
#endif

KERNELS(plain, )
KERNELS(wide, __attribute__((target("avx2"))))

void zl_unpack_uint32(const uint32_t *words, uint32_t width, uint32_t base, uint32_t *values) {
  if (__builtin_cpu_supports("avx2")) return uint32_wide(words, width, base, values);
  uint32_plain(words, width, base, values);
}

void zl_unpack_int64(const uint32_t *words, uint32_t width, int64_t base, int64_t *values) {
  if (__builtin_cpu_supports("avx2")) return int64_wide(words, width, base, values);
  int64_plain(words, width, base, values);
}

void zl_unpack_scaled(const uint32_t *words, uint32_t width, uint32_t base, double divisor, double *values) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return scaled_fused(words, width, base, divisor, values);
#endif
  if (__builtin_cpu_supports("avx2")) return scaled_wide(words, width, base, divisor, values);
  scaled_plain(words, width, base, divisor, values);
}
