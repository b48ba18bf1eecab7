#ifndef NUMBERKERNELS_H
#define NUMBERKERNELS_H

#include <stddef.h>
#include <stdint.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

// Columns of numbers as text. Each goes to a slot of its own, from `slots` on at a distance of `ZL_SLOT_SIZE`, and what it took to `lengths`:
// 0 where the number is left to its caller. All of a slot may be overwritten.

enum { ZL_SLOT_SIZE = 64, ZL_NULL_LENGTH = 255 };

/// Writes doubles in their shortest form as `TextFormat` does: those of at least 0.0001 and below 10^16 whose form is not in doubt.
void zl_write_doubles(const double *values, size_t count, uint8_t *slots, uint8_t *lengths);

/// Writes integers of up to sixteen digits.
void zl_write_integers(const int64_t *values, size_t count, uint8_t *slots, uint8_t *lengths);

/// Puts slots of one row together at `place`, each with `delimiter` behind it; those of `ZL_NULL_LENGTH` are empty. The next slot of the row, and
/// its length, is `stride` slots further on.
///
/// `place` has room for `ZL_SLOT_SIZE + 1` bytes a slot. Returns the end.
static inline uint8_t *zl_join_slots(const uint8_t *slots, const uint8_t *lengths, size_t stride, size_t count, uint8_t delimiter, uint8_t *place) {
    for (size_t index = 0; index < count; index++) {
        const uint8_t *slot = slots + index * stride * ZL_SLOT_SIZE;
        const uint8_t length = lengths[index * stride];
        // why: a copy of known length is two or three instructions, and the next value covers what was too much
        __builtin_memcpy(place, slot, 32);
        if (length > 32 && length != ZL_NULL_LENGTH) __builtin_memcpy(place + 32, slot + 32, ZL_SLOT_SIZE - 32);
        place += length == ZL_NULL_LENGTH ? 0 : length;
        *place++ = delimiter;
    }
    return place;
}

/// Copies a text of 1 to 12 bytes to `place`, which has room for 12; the end, or NULL where it is none, begins with `#` or holds one of
/// the four bytes of `special`.
///
/// A view is the length in 32 bits and, for such a text, its bytes.
static inline uint8_t *zl_copy_plain_text(const void *view, uint32_t special, uint8_t *place) {
    uint32_t length;
    __builtin_memcpy(&length, view, sizeof length);
    const uint8_t *text = (const uint8_t *)view + sizeof length;
    if (length - 1 >= 12 || text[0] == '#') return NULL;
#if defined(__SSE2__)
    const __m128i bytes = _mm_loadu_si128((const __m128i *)view);
    __m128i hits = _mm_setzero_si128();
    for (int bit = 0; bit < 32; bit += 8) hits = _mm_or_si128(hits, _mm_cmpeq_epi8(bytes, _mm_set1_epi8((char)(special >> bit))));
    if ((((unsigned)_mm_movemask_epi8(hits) >> sizeof length) & ((1u << length) - 1)) != 0) return NULL;
#else
    for (uint32_t index = 0; index < length; index++) {
        for (int bit = 0; bit < 32; bit += 8) if (text[index] == (uint8_t)(special >> bit)) return NULL;
    }
#endif
    __builtin_memcpy(place, text, 12);
    return place + length;
}

#endif
