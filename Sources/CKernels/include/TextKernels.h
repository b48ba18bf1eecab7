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

/// Prints a double like "%g" with `digits` significant digits; returns the number of bytes before the 0 at the end.
static inline int zl_print_double(char *text, size_t capacity, int digits, double value) {
    // why: Swift cannot call what takes any number of arguments, and its list of them is allocated and cast for each
    return snprintf(text, capacity, "%.*g", digits, value);
}

#endif
