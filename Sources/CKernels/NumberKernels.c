#include "NumberKernels.h"

#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>

#define WIDE __attribute__((target("avx2,lzcnt,bmi,bmi2")))
#define INLINE __attribute__((target("avx2,lzcnt,bmi,bmi2"), always_inline)) static inline

enum { SIGNIFICAND_BITS = 52, EXPONENT_MASK = 2047, BIAS = 1075, GREATEST_POWER = 55, LAST_PLAIN_EXPONENT = 15, FIRST_PLAIN_EXPONENT = -4 };

#define HIDDEN_BIT ((uint64_t)1 << SIGNIFICAND_BITS)
#define TEN_TO_8 UINT64_C(100000000)
#define TEN_TO_16 UINT64_C(10000000000000000)
#define ZEROS UINT64_C(0x3030303030303030)

// 10^0 to 10^55, each moved to the top of 128 bits; they are exact.
static const struct { uint64_t high, low; } powers[GREATEST_POWER + 1] = {
    {0x8000000000000000, 0x0000000000000000},
    {0xA000000000000000, 0x0000000000000000},
    {0xC800000000000000, 0x0000000000000000},
    {0xFA00000000000000, 0x0000000000000000},
    {0x9C40000000000000, 0x0000000000000000},
    {0xC350000000000000, 0x0000000000000000},
    {0xF424000000000000, 0x0000000000000000},
    {0x9896800000000000, 0x0000000000000000},
    {0xBEBC200000000000, 0x0000000000000000},
    {0xEE6B280000000000, 0x0000000000000000},
    {0x9502F90000000000, 0x0000000000000000},
    {0xBA43B74000000000, 0x0000000000000000},
    {0xE8D4A51000000000, 0x0000000000000000},
    {0x9184E72A00000000, 0x0000000000000000},
    {0xB5E620F480000000, 0x0000000000000000},
    {0xE35FA931A0000000, 0x0000000000000000},
    {0x8E1BC9BF04000000, 0x0000000000000000},
    {0xB1A2BC2EC5000000, 0x0000000000000000},
    {0xDE0B6B3A76400000, 0x0000000000000000},
    {0x8AC7230489E80000, 0x0000000000000000},
    {0xAD78EBC5AC620000, 0x0000000000000000},
    {0xD8D726B7177A8000, 0x0000000000000000},
    {0x878678326EAC9000, 0x0000000000000000},
    {0xA968163F0A57B400, 0x0000000000000000},
    {0xD3C21BCECCEDA100, 0x0000000000000000},
    {0x84595161401484A0, 0x0000000000000000},
    {0xA56FA5B99019A5C8, 0x0000000000000000},
    {0xCECB8F27F4200F3A, 0x0000000000000000},
    {0x813F3978F8940984, 0x4000000000000000},
    {0xA18F07D736B90BE5, 0x5000000000000000},
    {0xC9F2C9CD04674EDE, 0xA400000000000000},
    {0xFC6F7C4045812296, 0x4D00000000000000},
    {0x9DC5ADA82B70B59D, 0xF020000000000000},
    {0xC5371912364CE305, 0x6C28000000000000},
    {0xF684DF56C3E01BC6, 0xC732000000000000},
    {0x9A130B963A6C115C, 0x3C7F400000000000},
    {0xC097CE7BC90715B3, 0x4B9F100000000000},
    {0xF0BDC21ABB48DB20, 0x1E86D40000000000},
    {0x96769950B50D88F4, 0x1314448000000000},
    {0xBC143FA4E250EB31, 0x17D955A000000000},
    {0xEB194F8E1AE525FD, 0x5DCFAB0800000000},
    {0x92EFD1B8D0CF37BE, 0x5AA1CAE500000000},
    {0xB7ABC627050305AD, 0xF14A3D9E40000000},
    {0xE596B7B0C643C719, 0x6D9CCD05D0000000},
    {0x8F7E32CE7BEA5C6F, 0xE4820023A2000000},
    {0xB35DBF821AE4F38B, 0xDDA2802C8A800000},
    {0xE0352F62A19E306E, 0xD50B2037AD200000},
    {0x8C213D9DA502DE45, 0x4526F422CC340000},
    {0xAF298D050E4395D6, 0x9670B12B7F410000},
    {0xDAF3F04651D47B4C, 0x3C0CDD765F114000},
    {0x88D8762BF324CD0F, 0xA5880A69FB6AC800},
    {0xAB0E93B6EFEE0053, 0x8EEA0D047A457A00},
    {0xD5D238A4ABE98068, 0x72A4904598D6D880},
    {0x85A36366EB71F041, 0x47A6DA2B7F864750},
    {0xA70C3C40A64E6C51, 0x999090B65F67D924},
    {0xD0CF4B50CFE20765, 0xFFF4B4E3F741CF6D},
};

// For each number of digits before the point, from 1 on: where the sixteen bytes behind the first digit come from. Those before the point stay,
// those behind it move by one.
static const uint8_t around_point[16][16] = {
    {0x80, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14},
    {0, 0x80, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14},
    {0, 1, 0x80, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14},
    {0, 1, 2, 0x80, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14},
    {0, 1, 2, 3, 0x80, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14},
    {0, 1, 2, 3, 4, 0x80, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14},
    {0, 1, 2, 3, 4, 5, 0x80, 6, 7, 8, 9, 10, 11, 12, 13, 14},
    {0, 1, 2, 3, 4, 5, 6, 0x80, 7, 8, 9, 10, 11, 12, 13, 14},
    {0, 1, 2, 3, 4, 5, 6, 7, 0x80, 8, 9, 10, 11, 12, 13, 14},
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 0x80, 9, 10, 11, 12, 13, 14},
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0x80, 10, 11, 12, 13, 14},
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0x80, 11, 12, 13, 14},
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0x80, 12, 13, 14},
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0x80, 13, 14},
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 0x80, 14},
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 0x80},
};

/// The digits of a number below 10^8, the first one in the lowest byte. Fours, pairs, then digits are split by rounded-up reciprocals.
INLINE uint64_t eight_digits(uint64_t value) {
  const uint64_t high = value / 10000, fours = high | (value - high * 10000) << 32;
  const uint64_t hundreds = (fours * 5243 >> 19) & 0x0000007F0000007F, pairs = hundreds | (fours - hundreds * 100) << 16;
  const uint64_t tens = (pairs * 103 >> 10) & 0x000F000F000F000F;
  return tens | (pairs - tens * 10) << 8;
}

/// The same of two numbers, those of `high` first.
INLINE __m128i sixteen_digits(uint64_t high, uint64_t low) {
  const __m128i eights = _mm_set_epi64x((long long)low, (long long)high);
  const __m128i upper_fours = _mm_srli_epi64(_mm_mul_epu32(eights, _mm_set1_epi64x(0xD1B71759)), 45);
  const __m128i lower_fours = _mm_sub_epi32(eights, _mm_mul_epu32(upper_fours, _mm_set1_epi64x(10000)));
  const __m128i fours = _mm_or_si128(upper_fours, _mm_slli_epi64(lower_fours, 32));
  const __m128i hundreds = _mm_srli_epi16(_mm_mulhi_epu16(fours, _mm_set1_epi16(5243)), 3);
  const __m128i pairs = _mm_or_si128(hundreds, _mm_slli_epi32(_mm_sub_epi16(fours, _mm_mullo_epi16(hundreds, _mm_set1_epi16(100))), 16));
  const __m128i tens = _mm_srli_epi16(_mm_mullo_epi16(pairs, _mm_set1_epi16(103)), 10);
  return _mm_or_si128(tens, _mm_slli_epi16(_mm_sub_epi16(pairs, _mm_mullo_epi16(tens, _mm_set1_epi16(10))), 8));
}

/// The digits of four numbers below 10^8, as `eight_digits`.
INLINE __m256i four_times_eight_digits(__m256i values) {
  const __m256i upper = _mm256_srli_epi64(_mm256_mul_epu32(values, _mm256_set1_epi64x(0xD1B71759)), 45);
  const __m256i lower = _mm256_sub_epi32(values, _mm256_mul_epu32(upper, _mm256_set1_epi64x(10000)));
  const __m256i fours = _mm256_or_si256(upper, _mm256_slli_epi64(lower, 32));
  const __m256i hundreds = _mm256_srli_epi16(_mm256_mulhi_epu16(fours, _mm256_set1_epi16(5243)), 3);
  const __m256i rest = _mm256_sub_epi16(fours, _mm256_mullo_epi16(hundreds, _mm256_set1_epi16(100)));
  const __m256i pairs = _mm256_or_si256(hundreds, _mm256_slli_epi32(rest, 16));
  const __m256i tens = _mm256_srli_epi16(_mm256_mullo_epi16(pairs, _mm256_set1_epi16(103)), 10);
  return _mm256_or_si256(tens, _mm256_slli_epi16(_mm256_sub_epi16(pairs, _mm256_mullo_epi16(tens, _mm256_set1_epi16(10))), 8));
}

/// Writes those of four numbers that have at most two decimals and are below a million, which is what prices are; a bit for each that is left.
///
/// The double nearest to hundredths below 10^15 has these as its shortest form, and a division tells whether it is the nearest.
INLINE unsigned write_hundredths(const double *values, uint8_t *slots, uint8_t *lengths) {
  const __m256d given = _mm256_loadu_pd(values), sign = _mm256_set1_pd(-0.0), magnitudes = _mm256_andnot_pd(sign, given);
  const __m256d whole = _mm256_floor_pd(_mm256_add_pd(_mm256_mul_pd(magnitudes, _mm256_set1_pd(100)), _mm256_set1_pd(0.5)));
  const __m256d fits = _mm256_and_pd(_mm256_cmp_pd(_mm256_div_pd(whole, _mm256_set1_pd(100)), magnitudes, _CMP_EQ_OQ),
                                     _mm256_cmp_pd(whole, _mm256_set1_pd(1e8), _CMP_LT_OQ));
  const unsigned left = (unsigned)_mm256_movemask_pd(fits) ^ 15;
  if (left == 15) return left;
  // why: behind 2^52 the bits of an integer are those of a double
  const __m256d base = _mm256_set1_pd(0x1p52);
  const __m256i integers = _mm256_xor_si256(_mm256_castpd_si256(_mm256_add_pd(whole, base)), _mm256_castpd_si256(base));
  const __m256i values8 = four_times_eight_digits(integers), digits = _mm256_or_si256(values8, _mm256_set1_epi8('0'));
  // Spare zeros in front, as bits; one digit before the point stays. Below the lowest bit there are as many bits as its place.
  const __m256i marked = _mm256_or_si256(values8, _mm256_set1_epi64x(INT64_C(1) << 40));
  const __m256i below = _mm256_andnot_si256(marked, _mm256_sub_epi64(marked, _mm256_set1_epi64x(1)));
  const __m256i full = _mm256_cmpeq_epi8(below, _mm256_set1_epi8(-1));
  const __m256i spare = _mm256_slli_epi64(_mm256_sad_epu8(_mm256_sub_epi8(_mm256_setzero_si256(), full), _mm256_setzero_si256()), 3);
  const __m256i before = _mm256_sub_epi64(_mm256_set1_epi64x(48), spare), one = _mm256_set1_epi64x(1);
  const __m256i mask = _mm256_sub_epi64(_mm256_sllv_epi64(one, before), one);
  const __m256i head = _mm256_and_si256(_mm256_srlv_epi64(digits, spare), mask);
  const __m256i point = _mm256_sllv_epi64(_mm256_set1_epi64x('.'), before);
  const __m256i tail = _mm256_sllv_epi64(_mm256_srli_epi64(digits, 48), _mm256_add_epi64(before, _mm256_set1_epi64x(8)));
  const __m256i text = _mm256_or_si256(_mm256_or_si256(head, point), tail);
  // The second decimal goes where it is zero.
  const __m256i last = _mm256_srli_epi64(digits, 56), has_last = _mm256_cmpgt_epi64(last, _mm256_set1_epi64x('0'));
  const __m256i signs = _mm256_srli_epi64(_mm256_castpd_si256(given), 63);
  const __m256i count = _mm256_sub_epi64(_mm256_add_epi64(_mm256_add_epi64(_mm256_srli_epi64(before, 3), signs), _mm256_set1_epi64x(2)), has_last);
  uint64_t texts[4], lasts[4], counts[4], minus[4];
  _mm256_storeu_si256((__m256i *)texts, text);
  _mm256_storeu_si256((__m256i *)lasts, last);
  _mm256_storeu_si256((__m256i *)counts, count);
  _mm256_storeu_si256((__m256i *)minus, signs);
  for (int lane = 0; lane < 4; lane++) {
    uint8_t *place = slots + lane * ZL_SLOT_SIZE;
    place[0] = '-';
    place += minus[lane];
    memcpy(place, texts + lane, 8);
    place[8] = (uint8_t)lasts[lane];
    lengths[lane] = (uint8_t)counts[lane];
  }
  return left;
}

/// Schubfach as in `ShortestDouble`, with one product: its whole part and 64 bits behind the point are exact but for the last. Whether a multiple of
/// ten, or else the nearest integer, reads back is told by how far it is; where that is nearly half a step the caller finds out.
INLINE unsigned write_shortest(uint64_t bits, uint8_t *place) {
  const uint64_t fraction = bits & (HIDDEN_BIT - 1);
  const int q = (int)(bits >> SIGNIFICAND_BITS) - BIAS, k = (q * 1262611) >> 22;
  if (q > 0 || k < -GREATEST_POWER) return 0;
  const unsigned shift = (unsigned)(q + ((-k * 1741647) >> 19) + 1);
  const uint64_t c = (fraction | HIDDEN_BIT) << shift, high = powers[-k].high;
  const unsigned __int128 product = (unsigned __int128)c * high + (uint64_t)(((unsigned __int128)c * powers[-k].low) >> 64);
  const uint64_t whole = (uint64_t)(product >> 64), part = (uint64_t)product, ones = whole % 10;
  // The distances from the multiples of ten and half a step, with 60 bits behind the point.
  const uint64_t above = ones << 60 | part >> 4, below = (UINT64_C(10) << 60) - above, half = high >> (5 - shift), doubt = 16;
  if (above - half + doubt <= 2 * doubt || below - half + doubt <= 2 * doubt || part - (UINT64_C(1) << 63) + doubt <= 2 * doubt) return 0;
  // why: below a power of two the next double is nearer, but an exact multiple of ten is the only one that near
  if (fraction == 0 && above != 0) return 0;
  uint64_t digits = whole + (part >> 63);
  digits = above < half ? whole - ones : digits;
  digits = below < half ? whole - ones + 10 : digits;
  const int is_short = digits < TEN_TO_16;
  digits = is_short ? digits * 10 : digits;
  const int exponent = k + 16 - is_short;
  if (exponent < FIRST_PLAIN_EXPONENT || exponent > LAST_PLAIN_EXPONENT) return 0;
  const uint64_t first = digits / TEN_TO_16, rest = digits - first * TEN_TO_16, upper = rest / TEN_TO_8;
  const __m128i values = sixteen_digits(upper, rest - upper * TEN_TO_8), text = _mm_or_si128(values, _mm_set1_epi8('0'));
  const unsigned count = 33 - (unsigned)_lzcnt_u32((unsigned)_mm_movemask_epi8(_mm_cmpgt_epi8(values, _mm_setzero_si128())));
  if (exponent < 0) {
    memcpy(place, "0.000000", 8);
    place += 1 - exponent;
    place[0] = (uint8_t)('0' + first);
    _mm_storeu_si128((__m128i *)(place + 1), text);
    return (unsigned)(1 - exponent) + count;
  }
  const __m128i order = _mm_loadu_si128((const __m128i *)around_point[exponent]);
  const __m128i point = _mm_and_si128(_mm_cmpgt_epi8(_mm_setzero_si128(), order), _mm_set1_epi8('.'));
  place[0] = (uint8_t)('0' + first);
  _mm_storeu_si128((__m128i *)(place + 1), _mm_or_si128(_mm_shuffle_epi8(text, order), point));
  place[17] = (uint8_t)_mm_extract_epi8(text, 15);
  const unsigned before = (unsigned)exponent + 1;
  return count > before ? count + 1 : before + 2;
}

INLINE unsigned write_double(double value, uint8_t *place) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  const unsigned sign = (unsigned)(bits >> 63);
  bits &= UINT64_MAX >> 1;
  place[0] = '-';
  place += sign;
  if (bits == 0) {
    memcpy(place, "0.0", 3);
    return 3 + sign;
  }
  const unsigned length = write_shortest(bits, place);
  return length == 0 ? 0 : length + sign;
}

INLINE unsigned write_integer(int64_t value, uint8_t *place) {
  const unsigned sign = value < 0;
  const uint64_t magnitude = sign ? 0 - (uint64_t)value : (uint64_t)value;
  place[0] = '-';
  place += sign;
  if (magnitude < TEN_TO_8) {
    const uint64_t digits = eight_digits(magnitude);
    const unsigned spare = (unsigned)__builtin_ctzll(digits | UINT64_C(1) << 56) & ~7u;
    const uint64_t text = (digits | ZEROS) >> spare;
    memcpy(place, &text, sizeof text);
    return 8 - spare / 8 + sign;
  }
  if (magnitude >= TEN_TO_16) return 0;
  const uint64_t upper = magnitude / TEN_TO_8, digits = eight_digits(upper), lower = eight_digits(magnitude - upper * TEN_TO_8) | ZEROS;
  const unsigned spare = (unsigned)__builtin_ctzll(digits) & ~7u, count = 8 - spare / 8;
  const uint64_t text = (digits | ZEROS) >> spare;
  memcpy(place, &text, sizeof text);
  memcpy(place + count, &lower, sizeof lower);
  return count + 8 + sign;
}

WIDE static void doubles_wide(const double *values, size_t count, uint8_t *slots, uint8_t *lengths) {
  size_t row = 0;
  for (; row + 4 <= count; row += 4) {
    for (unsigned left = write_hundredths(values + row, slots + row * ZL_SLOT_SIZE, lengths + row); left != 0; left &= left - 1) {
      const size_t place = row + (size_t)__builtin_ctz(left);
      lengths[place] = (uint8_t)write_double(values[place], slots + place * ZL_SLOT_SIZE);
    }
  }
  for (; row < count; row++) lengths[row] = (uint8_t)write_double(values[row], slots + row * ZL_SLOT_SIZE);
}

WIDE static void integers_wide(const int64_t *values, size_t count, uint8_t *slots, uint8_t *lengths) {
  for (size_t row = 0; row < count; row++) lengths[row] = (uint8_t)write_integer(values[row], slots + row * ZL_SLOT_SIZE);
}

static int is_wide(void) { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("lzcnt"); }
#endif

void zl_write_doubles(const double *values, size_t count, uint8_t *slots, uint8_t *lengths) {
#if defined(__x86_64__)
  if (is_wide()) return doubles_wide(values, count, slots, lengths);
#endif
  memset(lengths, 0, count);
}

void zl_write_integers(const int64_t *values, size_t count, uint8_t *slots, uint8_t *lengths) {
#if defined(__x86_64__)
  if (is_wide()) return integers_wide(values, count, slots, lengths);
#endif
  memset(lengths, 0, count);
}
