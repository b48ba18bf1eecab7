#include "FieldLanes.h"

#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

// Eight fields at a time, sixteen bytes of each: four even rows in one vector and four odd ones in another, which become one in the order of rows
// when sixteen digits have become two numbers. Eight fields of which some is in no such form are left to the kernels that read them one by one.

#define WIDEST __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512cd,bmi,bmi2")))
#define INLINE __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512cd,bmi,bmi2"), always_inline)) static inline

enum { LANES = 8 };

#define FIRST_BYTES UINT64_C(0x0001000100010001)

/// Sixteen bytes from each of four places on.
INLINE __m512i four(const uint8_t *a, const uint8_t *b, const uint8_t *c, const uint8_t *d) {
  const __m256i low = _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)a)), _mm_loadu_si128((const __m128i *)b), 1);
  const __m256i high = _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)c)), _mm_loadu_si128((const __m128i *)d), 1);
  return _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1);
}

/// Eight fields: those of even rows and those of odd ones, from their first byte behind the sign on.
struct texts {
  const uint8_t *places[LANES];
  size_t lengths[LANES];
  __m512i even, odd;
  // A bit a row.
  unsigned negative;
  // 16 bits a row: the first bytes that are '0'.
  uint64_t even_zeros, odd_zeros;
};

INLINE void gather(struct texts *texts) {
  texts->even = four(texts->places[0], texts->places[2], texts->places[4], texts->places[6]);
  texts->odd = four(texts->places[1], texts->places[3], texts->places[5], texts->places[7]);
}

/// Whether all have 1 to 16 bytes behind the sign.
INLINE int load(const uint8_t *base, const struct zl_field *fields, size_t stride, struct texts *texts) {
  size_t odd_ones = 0;
  for (int row = 0; row < LANES; row++) {
    uint64_t field;
    memcpy(&field, fields + (size_t)row * stride, sizeof field);
    texts->places[row] = base + (uint32_t)field;
    texts->lengths[row] = (field >> 32) & LENGTH_MASK;
    odd_ones |= texts->lengths[row] - 1;
  }
  gather(texts);
  const __m512i minus = _mm512_set1_epi8('-');
  const uint64_t even_minus = _mm512_mask_cmpeq_epi8_mask(FIRST_BYTES, texts->even, minus);
  const uint64_t odd_minus = _mm512_mask_cmpeq_epi8_mask(FIRST_BYTES, texts->odd, minus);
  texts->negative = 0;
  if ((even_minus | odd_minus) != 0) {
    odd_ones = 0;
    for (int row = 0; row < LANES; row++) {
      const unsigned is_negative = ((row & 1 ? odd_minus : even_minus) >> (row / 2 * 16)) & 1;
      texts->negative |= is_negative << row;
      texts->places[row] += is_negative;
      texts->lengths[row] -= is_negative;
      odd_ones |= texts->lengths[row] - 1;
    }
    gather(texts);
  }
  return odd_ones < LONGEST;
}

/// Moves the texts to the ends of their sixteen bytes, less '0', with zeros in front.
INLINE void align(struct texts *texts, __m512i *even, __m512i *odd) {
  const uint8_t *orders[LANES];
  for (int row = 0; row < LANES; row++) orders[row] = zl_right_aligned + texts->lengths[row];
  const __m512i zeros = _mm512_set1_epi8('0');
  *even = _mm512_shuffle_epi8(_mm512_sub_epi8(texts->even, zeros), four(orders[0], orders[2], orders[4], orders[6]));
  *odd = _mm512_shuffle_epi8(_mm512_sub_epi8(texts->odd, zeros), four(orders[1], orders[3], orders[5], orders[7]));
}

INLINE int all_digits(__m512i even, __m512i odd) {
  const __m512i nine = _mm512_set1_epi8(9);
  return _mm512_cmpgt_epu8_mask(_mm512_max_epu8(even, odd), nine) == 0;
}

/// The numbers that sixteen digits each spell, in the order of the rows.
INLINE __m512i numbers(__m512i even, __m512i odd) {
  const __m512i pairs = _mm512_set1_epi16(10 | 1 << 8), fours = _mm512_set1_epi32(100 | 1 << 16), eights = _mm512_set1_epi32(10000 | 1 << 16);
  const __m512i even_fours = _mm512_madd_epi16(_mm512_maddubs_epi16(even, pairs), fours);
  const __m512i odd_fours = _mm512_madd_epi16(_mm512_maddubs_epi16(odd, pairs), fours);
  const __m512i both = _mm512_madd_epi16(_mm512_packus_epi32(even_fours, odd_fours), eights);
  return _mm512_add_epi64(_mm512_mul_epu32(both, _mm512_set1_epi64(100000000)), _mm512_srli_epi64(both, 32));
}

/// Whether some text has a zero in front of other digits; `points`: bits 1 where a point follows.
INLINE int has_spare_zero(const struct texts *texts, uint64_t even_points, uint64_t odd_points) {
  const __m512i zero = _mm512_set1_epi8('0');
  const uint64_t even = _mm512_mask_cmpeq_epi8_mask(FIRST_BYTES, texts->even, zero) & ~(even_points >> 1);
  const uint64_t odd = _mm512_mask_cmpeq_epi8_mask(FIRST_BYTES, texts->odd, zero) & ~(odd_points >> 1);
  if ((even | odd) == 0) return 0;
  for (int row = 0; row < LANES; row++) {
    if ((((row & 1 ? odd : even) >> (row / 2 * 16)) & 1) != 0 && texts->lengths[row] > 1) return 1;
  }
  return 0;
}

WIDEST size_t zl_read_integers_widest(const uint8_t *base, const struct zl_field *fields, size_t stride, size_t count, int64_t *out) {
  size_t row = 0;
  for (; row + LANES <= count; row += LANES) {
    struct texts texts;
    if (load(base, fields + row * stride, stride, &texts)) {
      __m512i even, odd;
      align(&texts, &even, &odd);
      if (all_digits(even, odd) && !has_spare_zero(&texts, 0, 0)) {
        const __m512i values = numbers(even, odd);
        _mm512_storeu_si512(out + row, _mm512_mask_sub_epi64(values, (__mmask8)texts.negative, _mm512_setzero_si512(), values));
        continue;
      }
    }
    const size_t read = zl_read_integers_wide(base, fields + row * stride, stride, LANES, out + row);
    if (read < LANES) return row + read;
  }
  return row + zl_read_integers_wide(base, fields + row * stride, stride, count - row, out + row);
}

/// What the fields of a column looked like that were read last: those of the same shape are read without a look at each.
struct shape {
  // As fields have it, with no flags; UINT32_MAX: none yet.
  uint32_t length;
  // Bits of each 16: the point; the first byte where it must not be zero.
  uint64_t points, no_zeros;
  // Moves the digits to the ends of their sixteen bytes.
  __m512i order;
  double power;
};

/// Reads the digits of eight fields if they have a shape, all of them.
INLINE int read_alike(const uint8_t *base, const struct zl_field *fields, size_t stride, const struct shape *shape, __m512i *values) {
  const struct zl_field *f = fields;
  const uint8_t *p[LANES];
  uint32_t differences = 0;
  for (int row = 0; row < LANES; row++, f += stride) {
    differences |= f->length ^ shape->length;
    p[row] = base + f->start;
  }
  if (differences != 0) return 0;
  const __m512i even = four(p[0], p[2], p[4], p[6]), odd = four(p[1], p[3], p[5], p[7]);
  const __m512i zeros = _mm512_set1_epi8('0'), points = _mm512_set1_epi8('.');
  const __mmask64 off = _mm512_mask_cmpneq_epi8_mask(shape->points, even, points) | _mm512_mask_cmpneq_epi8_mask(shape->points, odd, points) |
                        _mm512_mask_cmpeq_epi8_mask(shape->no_zeros, even, zeros) | _mm512_mask_cmpeq_epi8_mask(shape->no_zeros, odd, zeros);
  const __m512i even_digits = _mm512_shuffle_epi8(_mm512_sub_epi8(even, zeros), shape->order);
  const __m512i odd_digits = _mm512_shuffle_epi8(_mm512_sub_epi8(odd, zeros), shape->order);
  if ((off | _mm512_cmpgt_epu8_mask(_mm512_max_epu8(even_digits, odd_digits), _mm512_set1_epi8(9))) != 0) return 0;
  *values = numbers(even_digits, odd_digits);
  return 1;
}

/// Takes the shape of a field that was read.
INLINE void learn(const uint8_t *base, const struct zl_field *field, struct shape *shape) {
  const uint8_t *text = base + field->start;
  shape->length = UINT32_MAX;
  if (field->length - 1 >= LONGEST || text[0] == '-') return;
  const __m128i bytes = _mm_loadu_si128((const __m128i *)text);
  const unsigned hits = _mm_cmpeq_epi8_mask(bytes, _mm_set1_epi8('.')) & ((1u << field->length) - 1);
  __m128i order = _mm_loadu_si128((const __m128i *)(zl_right_aligned + field->length));
  size_t before = field->length;
  shape->points = 0;
  shape->power = 1;
  if (hits != 0) {
    before = (size_t)__builtin_ctz(hits);
    if (before == 0 || before == field->length - 1) return;
    shape->points = FIRST_BYTES << before;
    shape->power = zl_field_powers[field->length - 1 - before];
    // Up to the place of the point: from one byte further in front.
    const __m128i one = _mm_set1_epi8(1);
    const __mmask16 heads = _mm_cmple_epi8_mask(order, _mm_set1_epi8((char)before));
    order = _mm_mask_sub_epi8(order, heads & _mm_cmpge_epi8_mask(order, _mm_setzero_si128()), order, one);
  }
  shape->no_zeros = before > 1 ? FIRST_BYTES : 0;
  shape->order = _mm512_broadcast_i32x4(order);
  shape->length = field->length;
}

/// Of each 16 bits: those up to the lowest one.
INLINE uint64_t up_to_lowest(uint64_t hits) {
  const uint64_t tops = FIRST_BYTES << 15;
  const uint64_t some = ((((hits & ~tops) + ~tops) | hits) & tops) >> 15;
  const uint64_t filled = hits | ((some ^ FIRST_BYTES) << 15);
  return (filled ^ (filled - FIRST_BYTES)) & (some * 0xFFFF);
}

WIDEST size_t zl_read_decimals_widest(const uint8_t *base, const struct zl_field *fields, size_t stride, size_t count, int allows_point,
                                     double *out) {
  const __m512d low_powers = _mm512_loadu_pd(zl_field_powers), high_powers = _mm512_loadu_pd(zl_field_powers + LANES);
  const __m512i point = _mm512_set1_epi8('.' - '0'), points = _mm512_set1_epi8('.'), ones = _mm512_set1_epi8(1);
  const __m512i places = _mm512_broadcast_i32x4(_mm_setr_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
  struct shape shape = {.length = UINT32_MAX, .order = places};
  size_t row = 0;
  for (; row + LANES <= count; row += LANES) {
    __m512i alike;
    if (read_alike(base, fields + row * stride, stride, &shape, &alike) && (shape.length < LONGEST || shape.points != 0)) {
      _mm512_storeu_pd(out + row, _mm512_div_pd(_mm512_cvtepi64_pd(alike), _mm512_set1_pd(shape.power)));
      continue;
    }
    struct texts texts;
    if (load(base, fields + row * stride, stride, &texts)) {
      __m512i even, odd;
      align(&texts, &even, &odd);
      const uint64_t even_head = up_to_lowest(_mm512_cmpeq_epi8_mask(even, point)), odd_head = up_to_lowest(_mm512_cmpeq_epi8_mask(odd, point));
      even = _mm512_shuffle_epi8(even, _mm512_mask_sub_epi8(places, even_head, places, ones));
      odd = _mm512_shuffle_epi8(odd, _mm512_mask_sub_epi8(places, odd_head, places, ones));
      const uint64_t even_points = _mm512_cmpeq_epi8_mask(texts.even, points), odd_points = _mm512_cmpeq_epi8_mask(texts.odd, points);
      // No point is first or last.
      const uint64_t edges = ((even_points | odd_points) & FIRST_BYTES) | ((even_head | odd_head) & FIRST_BYTES << 15);
      if (all_digits(even, odd) && edges == 0 && (allows_point || (even_head | odd_head) == 0) && !has_spare_zero(&texts, even_points, odd_points)) {
        const __m512i mantissas = numbers(even, odd);
        if (_mm512_cmpgt_epi64_mask(mantissas, _mm512_set1_epi64((int64_t)1 << 53)) == 0) {
          const __m128i heads = _mm_unpacklo_epi16(_mm_cvtsi64_si128((long long)even_head), _mm_cvtsi64_si128((long long)odd_head));
          const __m512i zeros = _mm512_lzcnt_epi64(_mm512_cvtepu16_epi64(heads));
          const __mmask8 with_point = _mm512_cmplt_epi64_mask(zeros, _mm512_set1_epi64(64));
          const __m512i decimals = _mm512_maskz_sub_epi64(with_point, zeros, _mm512_set1_epi64(48));
          const __m512d powers = _mm512_permutex2var_pd(low_powers, decimals, high_powers);
          const __m512d values = _mm512_div_pd(_mm512_cvtepi64_pd(mantissas), powers);
          _mm512_storeu_pd(out + row, _mm512_mask_xor_pd(values, (__mmask8)texts.negative, values, _mm512_set1_pd(-0.0)));
          learn(base, fields + (row + LANES - 1) * stride, &shape);
          continue;
        }
      }
    }
    const size_t read = zl_read_decimals_wide(base, fields + row * stride, stride, LANES, allows_point, out + row);
    if (read < LANES) return row + read;
  }
  return row + zl_read_decimals_wide(base, fields + row * stride, stride, count - row, allows_point, out + row);
}
#endif
