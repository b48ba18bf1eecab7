#ifndef TEXTKERNELS_H
#define TEXTKERNELS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/// Bit i tells whether byte i of the 64 at `bytes` is `first` or `second`.
static inline uint64_t zl_match_either(const uint8_t *bytes, uint8_t first, uint8_t second) {
#if defined(__SSE2__)
    // why: Swift's vectors cannot gather the signs of their lanes, and a loop over bytes takes five times as long
    const __m128i a = _mm_set1_epi8((char)first);
    const __m128i b = _mm_set1_epi8((char)second);
    uint64_t mask = 0;
    for (int part = 0; part < 4; part++) {
        const __m128i lane = _mm_loadu_si128((const __m128i *)(bytes + 16 * part));
        const __m128i hit = _mm_or_si128(_mm_cmpeq_epi8(lane, a), _mm_cmpeq_epi8(lane, b));
        mask |= (uint64_t)(uint32_t)_mm_movemask_epi8(hit) << (16 * part);
    }
    return mask;
#else
    uint64_t mask = 0;
    for (int index = 0; index < 64; index++) {
        mask |= (uint64_t)(bytes[index] == first || bytes[index] == second) << index;
    }
    return mask;
#endif
}

/// What stands in a block of text.
struct zl_text_summary {
    size_t line_ends;
    /// Not zero: some byte is the one looked for.
    int has_byte;
    /// Not zero: some byte is no ASCII.
    int has_high;
};

/// Counts the line ends of a block and tells whether `byte` or a byte beyond ASCII stands in it.
static inline struct zl_text_summary zl_summarize_text(const uint8_t *bytes, size_t count, uint8_t byte) {
    struct zl_text_summary summary = {0, 0, 0};
    size_t index = 0;
#if defined(__SSE2__)
    const __m128i newline = _mm_set1_epi8('\n');
    const __m128i wanted = _mm_set1_epi8((char)byte);
    const __m128i zero = _mm_setzero_si128();
    __m128i high = zero, found = zero, lines = zero;
    while (index + 64 <= count) {
        // why: a lane counts up to 255 line ends
        size_t stop = index + 60 * 64;
        if (stop > count) stop = index + (count - index) / 64 * 64;
        __m128i counts = zero;
        for (; index < stop; index += 64) {
            for (int part = 0; part < 4; part++) {
                const __m128i lane = _mm_loadu_si128((const __m128i *)(bytes + index + 16 * part));
                counts = _mm_sub_epi8(counts, _mm_cmpeq_epi8(lane, newline));
                found = _mm_or_si128(found, _mm_cmpeq_epi8(lane, wanted));
                high = _mm_or_si128(high, lane);
            }
        }
        lines = _mm_add_epi64(lines, _mm_sad_epu8(counts, zero));
    }
    uint64_t halves[2];
    _mm_storeu_si128((__m128i *)halves, lines);
    summary.line_ends = halves[0] + halves[1];
    summary.has_byte = _mm_movemask_epi8(found) != 0;
    summary.has_high = _mm_movemask_epi8(high) != 0;
#endif
    for (; index < count; index++) {
        summary.line_ends += bytes[index] == '\n';
        summary.has_byte |= bytes[index] == byte;
        summary.has_high |= bytes[index] >= 128;
    }
    return summary;
}

/// Prints a double like "%g" with `digits` significant digits; returns the number of bytes before the 0 at the end.
static inline int zl_print_double(char *text, size_t capacity, int digits, double value) {
    // why: Swift cannot call what takes any number of arguments, and its list of them is allocated and cast for each
    return snprintf(text, capacity, "%.*g", digits, value);
}

#endif
