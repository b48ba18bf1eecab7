#include "ArithmeticKernels.h"

#define INLINE static inline __attribute__((always_inline))

// The loop once with known steps for each form of operands, so that the compiler can vectorise it.
#define ROWS(NAME, A, B, R, STEP)                                                                                     \
  INLINE int NAME##_rows(const A *a, size_t a_step, const B *b, size_t b_step, R *out, size_t count) {                \
    uint64_t bad = 0;                                                                                                 \
    for (size_t row = 0; row < count; row++) {                                                                        \
      A x = a[row * a_step];                                                                                          \
      B y = b[row * b_step];                                                                                          \
      R r;                                                                                                            \
      STEP out[row] = r;                                                                                              \
    }                                                                                                                 \
    return bad != 0;                                                                                                  \
  }                                                                                                                   \
  ZL_ARITHMETIC(NAME) {                                                                                               \
    if (a_step && b_step) return NAME##_rows(a, 1, b, 1, out, count);                                                 \
    return a_step ? NAME##_rows(a, 1, b, 0, out, count) : NAME##_rows(a, 0, b, b_step, out, count);                   \
  }

// A sum has overflowed where its sign differs from the signs of both operands.
ROWS(zl_add_int32, int32_t, int32_t, int32_t, r = (int32_t)((uint32_t)x + (uint32_t)y); bad |= ((uint32_t)((x ^ r) & (y ^ r)) >> 31);)
ROWS(zl_add_int64, int64_t, int64_t, int64_t, r = (int64_t)((uint64_t)x + (uint64_t)y); bad |= ((uint64_t)((x ^ r) & (y ^ r)) >> 63);)
ROWS(zl_add_int128, __int128, __int128, __int128, bad |= __builtin_add_overflow(x, y, &r);)
ROWS(zl_subtract_int32, int32_t, int32_t, int32_t, r = (int32_t)((uint32_t)x - (uint32_t)y); bad |= ((uint32_t)((x ^ y) & (x ^ r)) >> 31);)
ROWS(zl_subtract_int64, int64_t, int64_t, int64_t, r = (int64_t)((uint64_t)x - (uint64_t)y); bad |= ((uint64_t)((x ^ y) & (x ^ r)) >> 63);)
ROWS(zl_subtract_int128, __int128, __int128, __int128, bad |= __builtin_sub_overflow(x, y, &r);)
ROWS(zl_multiply_int32, int32_t, int32_t, int32_t, int64_t p = (int64_t)x * y; r = (int32_t)p; bad |= (uint64_t)(p ^ r);)
ROWS(zl_multiply_int64, int64_t, int64_t, int64_t, bad |= __builtin_mul_overflow(x, y, &r);)

#define WIDE(x) (uint64_t)((int64_t)(x >> 64) ^ ((int64_t)x >> 63))
ROWS(zl_multiply_int128, __int128, __int128, __int128, bad |= WIDE(x) | WIDE(y); r = (__int128)(int64_t)x * (int64_t)y;)
ROWS(zl_multiply_int64_to_int128, int64_t, int64_t, __int128, r = (__int128)x * y;)
ROWS(zl_multiply_int128_by_int64, __int128, int64_t, __int128, bad |= WIDE(x); r = (__int128)(int64_t)x * y;)

struct part {
  __int128 low;
  __int128 high;
  uint64_t count;
};

void zl_sum_int64(const int64_t *values, const uint32_t *groups, size_t count, void *parts) {
  struct part *sums = parts;
  for (size_t row = 0; row < count; row++) {
    struct part *sum = sums + ZL_SUM_PARTS * (size_t)groups[row] + row % ZL_SUM_PARTS;
    sum->low += values[row];
    sum->count++;
  }
}

void zl_sum_int128(const void *values, const uint32_t *groups, size_t count, void *parts) {
  const __int128 *v = values;
  struct part *sums = parts;
  for (size_t row = 0; row < count; row++) {
    struct part *sum = sums + ZL_SUM_PARTS * (size_t)groups[row] + row % ZL_SUM_PARTS;
    sum->low += (uint64_t)v[row];
    sum->high += (int64_t)(v[row] >> 64);
    sum->count++;
  }
}
