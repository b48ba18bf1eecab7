#include "DoubleKernels.h"

#define INLINE static inline __attribute__((always_inline))

#define OPERANDS const double *a, size_t a_step, const double *b, size_t b_step, double *restrict out, size_t count

#define LOOP(NAME, OPERATOR)                                                                                  \
  INLINE void NAME##_steps(OPERANDS) {                                                                        \
    for (size_t row = 0; row < count; row++) out[row] = a[row * a_step] OPERATOR b[row * b_step];             \
  }                                                                                                           \
  /* Once with known steps for each form of operands, so that the compiler can vectorise it. */               \
  INLINE void NAME##_rows(OPERANDS) {                                                                         \
    if (a_step && b_step) return NAME##_steps(a, 1, b, 1, out, count);                                        \
    return a_step ? NAME##_steps(a, 1, b, 0, out, count) : NAME##_steps(a, 0, b, b_step ? 1 : 0, out, count); \
  }

LOOP(add, +)
LOOP(subtract, -)
LOOP(multiply, *)

INLINE void convert_rows(const int64_t *values, size_t count, double *restrict out) {
  for (size_t row = 0; row < count; row++) out[row] = (double)values[row];
}

typedef double Lanes __attribute__((vector_size(64), aligned(8)));

INLINE double sum_rows(const double *values, size_t count) {
  Lanes a = {0}, b = {0};
  size_t row = 0;
  for (; row + 16 <= count; row += 16) {
    a += *(const Lanes *)(values + row);
    b += *(const Lanes *)(values + row + 8);
  }
  double rest = 0;
  for (; row < count; row++) rest += values[row];
  a += b;
  return ((a[0] + a[4]) + (a[2] + a[6])) + ((a[1] + a[5]) + (a[3] + a[7])) + rest;
}

// The loops compiled for one instruction set.
#define KERNELS(SET, TARGET)                                                                            \
  TARGET static void add_##SET(OPERANDS) { add_rows(a, a_step, b, b_step, out, count); }                \
  TARGET static void subtract_##SET(OPERANDS) { subtract_rows(a, a_step, b, b_step, out, count); }      \
  TARGET static void multiply_##SET(OPERANDS) { multiply_rows(a, a_step, b, b_step, out, count); }      \
  TARGET static void convert_##SET(const int64_t *values, size_t count, double *restrict out) { convert_rows(values, count, out); } \
  TARGET static double sum_##SET(const double *values, size_t count) { return sum_rows(values, count); }

KERNELS(plain, )

#if defined(__x86_64__)

KERNELS(wide, __attribute__((target("avx2"))))
KERNELS(widest, __attribute__((target("avx512f,avx512vl,avx512dq,avx2,prefer-256-bit"))))

#define HAS_WIDEST (__builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
#define RUN(NAME, ...) (HAS_WIDEST ? NAME##_widest : __builtin_cpu_supports("avx2") ? NAME##_wide : NAME##_plain)(__VA_ARGS__)

#else

#define RUN(NAME, ...) NAME##_plain(__VA_ARGS__)

#endif

void zl_add_doubles(OPERANDS) { RUN(add, a, a_step, b, b_step, out, count); }
void zl_subtract_doubles(OPERANDS) { RUN(subtract, a, a_step, b, b_step, out, count); }
void zl_multiply_doubles(OPERANDS) { RUN(multiply, a, a_step, b, b_step, out, count); }
void zl_doubles_from_int64s(const int64_t *values, size_t count, double *restrict out) { RUN(convert, values, count, out); }
double zl_sum_lanes(const double *values, size_t count) { return RUN(sum, values, count); }
