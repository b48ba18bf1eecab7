#include "FieldLanes.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define WIDE __attribute__((target("sse4.1")))
#define INLINE __attribute__((target("sse4.1"), always_inline)) static inline

const uint8_t zl_right_aligned[32] = {
    0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80,
    0,    1,    2,    3,    4,    5,    6,    7,    8,    9,    10,   11,   12,   13,   14,   15,
};

const double zl_field_powers[LONGEST] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};

/// The number that 16 digits spell, the first one the highest. Pairs, fours, then eights are put together.
INLINE uint64_t number(__m128i digits) {
    const __m128i pairs = _mm_maddubs_epi16(digits, _mm_set1_epi16(10 | 1 << 8));
    const __m128i fours = _mm_madd_epi16(pairs, _mm_set1_epi32(100 | 1 << 16));
    const __m128i packed = _mm_packus_epi32(fours, fours);
    const __m128i eights = _mm_madd_epi16(packed, _mm_set1_epi32(10000 | 1 << 16));
    const uint64_t both = (uint64_t)_mm_cvtsi128_si64(eights);
    return (both & 0xFFFFFFFF) * 100000000 + (both >> 32);
}

INLINE int are_digits(__m128i values) {
    return _mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(values, _mm_set1_epi8(9)), values)) == 0xFFFF;
}

WIDE size_t zl_read_integers_wide(const uint8_t *base, const struct zl_field *fields, size_t stride, size_t count, int64_t *out) {
    const __m128i zeros = _mm_set1_epi8('0');
    for (size_t row = 0; row < count; row++) {
        const struct zl_field field = fields[row * stride];
        const uint8_t *text = base + field.start;
        const int is_negative = text[0] == '-';
        const size_t length = (field.length & LENGTH_MASK) - (size_t)is_negative;
        text += is_negative;
        if (length - 1 >= LONGEST || (text[0] == '0' && length > 1)) return row;
        const __m128i order = _mm_loadu_si128((const __m128i *)(zl_right_aligned + length));
        const __m128i digits = _mm_shuffle_epi8(_mm_sub_epi8(_mm_loadu_si128((const __m128i *)text), zeros), order);
        if (!are_digits(digits)) return row;
        const int64_t value = (int64_t)number(digits);
        out[row] = is_negative ? -value : value;
    }
    return count;
}

WIDE size_t zl_read_decimals_wide(const uint8_t *base, const struct zl_field *fields, size_t stride, size_t count, int allows_point,
                                 double *out) {
    const __m128i zeros = _mm_set1_epi8('0');
    const __m128i points = _mm_set1_epi8('.');
    const __m128i places = _mm_setr_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    // What the last number with a point looked like: the next one mostly looks the same.
    size_t last_length = SIZE_MAX, last_point = 0;
    __m128i last_order = zeros;
    double last_power = 1;
    for (size_t row = 0; row < count; row++) {
        const struct zl_field field = fields[row * stride];
        const uint8_t *text = base + field.start;
        if ((field.length & LENGTH_MASK) == last_length && text[last_point] == '.' && (text[0] != '0' || last_point == 1)) {
            const __m128i digits = _mm_shuffle_epi8(_mm_sub_epi8(_mm_loadu_si128((const __m128i *)text), zeros), last_order);
            const uint64_t mantissa = number(digits);
            if (are_digits(digits) && mantissa <= (uint64_t)1 << 53) {
                out[row] = (double)(int64_t)mantissa / last_power;
                continue;
            }
        }
        const int is_negative = text[0] == '-';
        const size_t length = (field.length & LENGTH_MASK) - (size_t)is_negative;
        text += is_negative;
        if (length - 1 >= LONGEST) return row;
        const __m128i bytes = _mm_loadu_si128((const __m128i *)text);
        const unsigned hits = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, points)) & ((1u << length) - 1);
        const __m128i order = _mm_loadu_si128((const __m128i *)(zl_right_aligned + length));
        __m128i digits;
        size_t decimals = 0;
        if (hits != 0) {
            const size_t point = (size_t)__builtin_ctz(hits);
            decimals = length - point - 1;
            if (!allows_point || point == 0 || decimals == 0 || (text[0] == '0' && point > 1)) return row;
            // why: what stands before the point moves over it, and a zero comes in front; a second point is no digit.
            const __m128i is_before = _mm_cmpgt_epi8(_mm_set1_epi8((char)(point + 1)), places);
            const __m128i without_point = _mm_add_epi8(places, is_before);
            digits = _mm_shuffle_epi8(_mm_sub_epi8(bytes, zeros), without_point);
            if (!is_negative) {
                last_length = length;
                last_point = point;
                last_power = zl_field_powers[decimals];
                // why: a byte that the second shuffle clears would come from the first place
                last_order = _mm_or_si128(_mm_shuffle_epi8(without_point, order), _mm_and_si128(order, _mm_set1_epi8((char)0x80)));
            }
        } else {
            if (text[0] == '0' && length > 1) return row;
            digits = _mm_sub_epi8(bytes, zeros);
        }
        digits = _mm_shuffle_epi8(digits, order);
        if (!are_digits(digits)) return row;
        const uint64_t mantissa = number(digits);
        if (mantissa > (uint64_t)1 << 53) return row;
        const double value = (double)(int64_t)mantissa / zl_field_powers[decimals];
        out[row] = is_negative ? -value : value;
    }
    return count;
}

static int is_wide(void) { return __builtin_cpu_supports("sse4.1"); }

static int is_widest(void) {
    return __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("bmi2");
}
#endif

size_t zl_read_integers(const uint8_t *base, const struct zl_field *fields, size_t stride, size_t count, int64_t *out) {
#if defined(__x86_64__)
    if (is_widest()) return zl_read_integers_widest(base, fields, stride, count, out);
    if (is_wide()) return zl_read_integers_wide(base, fields, stride, count, out);
#endif
    return 0;
}

size_t zl_read_decimals(const uint8_t *base, const struct zl_field *fields, size_t stride, size_t count, int allows_point, double *out) {
#if defined(__x86_64__)
    if (is_widest()) return zl_read_decimals_widest(base, fields, stride, count, allows_point, out);
    if (is_wide()) return zl_read_decimals_wide(base, fields, stride, count, allows_point, out);
#endif
    return 0;
}
