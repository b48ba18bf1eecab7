#include "ArithmeticKernels.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

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

void zl_count_groups(const uint32_t *groups, size_t count, uint32_t *parts) {
  for (size_t row = 0; row < count; row++) parts[ZL_GROUP_PARTS * (size_t)groups[row] + row % ZL_GROUP_PARTS]++;
}

void zl_sum_groups(const int64_t *values, size_t step, const uint32_t *groups, size_t count, uint64_t *parts) {
  for (size_t row = 0; row < count; row++) parts[ZL_GROUP_PARTS * (size_t)groups[row] + row % ZL_GROUP_PARTS] += (uint64_t)values[row * step];
}

int zl_are_narrow(const uint64_t *words, size_t count) {
  uint64_t far = 0;
  for (size_t row = 0; row < count; row++) far |= words[row] + ZL_NARROW;
  return far < 2 * (uint64_t)ZL_NARROW;
}

int zl_are_narrow_int128(const uint64_t *words, size_t count) {
  uint64_t far = 0, differences = 0;
  for (size_t row = 0; row < count; row++) {
    far |= words[2 * row] + ZL_NARROW;
    differences |= words[2 * row + 1] ^ (uint64_t)((int64_t)words[2 * row] >> 63);
  }
  return far < 2 * (uint64_t)ZL_NARROW && differences == 0;
}

// Whole numbers of less than 2^51 are added to the bits of 1.5 * 2^52, which leaves them as the low bits of a double: no instruction turns
// 64-bit integers into doubles before AVX-512.
#define MAGIC 0x1.8p52
#define MAGIC_BITS 0x4338000000000000

// The quotient of doubles is off by less than the half that its rounding may be off, so the rest is between -length and length; all
// products and differences are whole numbers of less than 2^53, and exact.
INLINE int bucket_starts(const int64_t *times, size_t count, int64_t origin, int64_t length, int64_t *starts) {
  const double width = (double)length, inverse = 1.0 / width;
  uint64_t far = 0;
  for (size_t row = 0; row < count; row++) {
    const uint64_t offset = (uint64_t)times[row] - (uint64_t)origin;
    far |= offset + ZL_NARROW;
    const union { uint64_t bits; double value; } number = {offset + MAGIC_BITS};
    const double x = number.value - MAGIC;
    const double quotient = (x * inverse + MAGIC) - MAGIC;
    double rest = x - quotient * width;
    rest += rest < 0 ? width : 0.0;
    const union { double value; uint64_t bits; } whole = {rest + MAGIC};
    starts[row] = (int64_t)((uint64_t)times[row] - (whole.bits - MAGIC_BITS));
  }
  return far < 2 * (uint64_t)ZL_NARROW;
}

static int bucket_starts_plain(const int64_t *times, size_t count, int64_t origin, int64_t length, int64_t *starts) {
  return bucket_starts(times, count, origin, length, starts);
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) static int bucket_starts_wide(const int64_t *times, size_t count, int64_t origin, int64_t length, int64_t *starts) {
  return bucket_starts(times, count, origin, length, starts);
}

// why: eight rows at a time
__attribute__((target("avx512f,avx512dq"))) static int bucket_starts_widest(
    const int64_t *times, size_t count, int64_t origin, int64_t length, int64_t *starts) {
  const __m512d width = _mm512_set1_pd((double)length), inverse = _mm512_set1_pd(1.0 / (double)length), zero = _mm512_setzero_pd();
  const __m512i from = _mm512_set1_epi64(origin), narrow = _mm512_set1_epi64(ZL_NARROW);
  __m512i far = _mm512_setzero_si512();
  for (size_t row = 0; row < count; row += 8) {
    const __mmask8 mask = count - row < 8 ? (__mmask8)((1u << (count - row)) - 1) : 0xff;
    const __m512i time = _mm512_mask_loadu_epi64(from, mask, times + row);
    const __m512i offset = _mm512_sub_epi64(time, from);
    far = _mm512_or_si512(far, _mm512_add_epi64(offset, narrow));
    const __m512d x = _mm512_cvtepi64_pd(offset);
    const __m512d quotient = _mm512_roundscale_pd(_mm512_mul_pd(x, inverse), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    const __m512d rest = _mm512_sub_pd(x, _mm512_mul_pd(quotient, width));
    const __m512d up = _mm512_mask_add_pd(rest, _mm512_cmp_pd_mask(rest, zero, _CMP_LT_OQ), rest, width);
    _mm512_mask_storeu_epi64(starts + row, mask, _mm512_sub_epi64(time, _mm512_cvtpd_epi64(up)));
  }
  return (uint64_t)_mm512_reduce_or_epi64(far) < 2 * (uint64_t)ZL_NARROW;
}
#endif

int zl_bucket_starts(const int64_t *times, size_t count, int64_t origin, int64_t length, int64_t *starts) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512dq")) return bucket_starts_widest(times, count, origin, length, starts);
  if (__builtin_cpu_supports("avx2")) return bucket_starts_wide(times, count, origin, length, starts);
#endif
  return bucket_starts_plain(times, count, origin, length, starts);
}
