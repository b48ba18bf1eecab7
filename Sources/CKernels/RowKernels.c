#include "RowKernels.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

static struct zl_text_summary summary_plain(const uint8_t *bytes, size_t count, uint8_t byte) {
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

#if defined(__x86_64__)
#include <immintrin.h>

#define WIDE __attribute__((target("avx2,bmi,bmi2,lzcnt,popcnt,avx512f,avx512bw,avx512vl,avx512vbmi2")))

WIDE static struct zl_text_summary summary_wide(const uint8_t *bytes, size_t count, uint8_t byte) {
  const __m512i newlines = _mm512_set1_epi8('\n'), wanted = _mm512_set1_epi8((char)byte);
  struct zl_text_summary summary = {0, 0, 0};
  __m512i high = _mm512_setzero_si512();
  __mmask64 found = 0;
  for (size_t index = 0; index < count; index += 64) {
    const __mmask64 inside = count - index >= 64 ? UINT64_MAX : ((uint64_t)1 << (count - index)) - 1;
    const __m512i text = _mm512_maskz_loadu_epi8(inside, bytes + index);
    summary.line_ends += (size_t)__builtin_popcountll(_mm512_cmpeq_epi8_mask(text, newlines));
    found |= _mm512_mask_cmpeq_epi8_mask(inside, text, wanted);
    high = _mm512_or_si512(high, text);
  }
  summary.has_byte = found != 0;
  summary.has_high = _mm512_movepi8_mask(high) != 0;
  return summary;
}

// The hits that are line ends, as bits from the next hit's on, where `before` fields of a row are known and every row has `columns`; `every`
// has them for 0.
WIDE static inline uint64_t row_ends(size_t before, size_t columns, unsigned __int128 every) {
  if (columns <= 64) return (uint64_t)(every >> before);
  return columns - before <= 64 ? (uint64_t)1 << (columns - before - 1) : 0;
}

WIDE static size_t split_wide(const uint8_t *base, size_t *position, size_t end, uint8_t delimiter, size_t columns, size_t limit,
                              struct zl_field *fields) {
  const __m512i newlines = _mm512_set1_epi8('\n'), delimiters = _mm512_set1_epi8((char)delimiter);
  const __m512i numbers = _mm512_set_epi8(63, 62, 61, 60, 59, 58, 57, 56, 55, 54, 53, 52, 51, 50, 49, 48, 47, 46, 45, 44, 43, 42, 41, 40, 39, 38, 37,
                                          36, 35, 34, 33, 32, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11,
                                          10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
  const __m512i first_pairs = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  const __m512i last_pairs = _mm512_setr_epi32(8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
  const __m512i ones = _mm512_set1_epi32(1), returns = _mm512_set1_epi8('\r');
  unsigned __int128 every = 0;
  for (size_t bit = columns - 1; bit < 128; bit += columns) every |= (unsigned __int128)1 << bit;
  const size_t wanted = limit * columns;
  size_t count = 0, before = 0;
  __mmask64 has_return = 0;
  // Where the field before the next one ended.
  uint32_t last = (uint32_t)*position - 1;
  for (size_t window = *position; window < end && count < wanted; window += 64) {
    const __m512i text = _mm512_loadu_si512(base + window);
    const uint64_t inside = end - window < 64 ? ((uint64_t)1 << (end - window)) - 1 : UINT64_MAX;
    const uint64_t lines = _mm512_cmpeq_epi8_mask(text, newlines) & inside;
    const uint64_t hits = lines | (_mm512_cmpeq_epi8_mask(text, delimiters) & inside);
    has_return |= _mm512_cmpeq_epi8_mask(text, returns);
    if (hits == 0) continue;
    const unsigned found = (unsigned)_mm_popcnt_u64(hits);
    const uint64_t ends = _pext_u64(lines, hits);
    if (ends != _bzhi_u64(row_ends(before, columns, every), found)) break;
    // why: the number of leading zeros of none is 64
    before = found + _lzcnt_u64(ends) - 64 + (before & -(size_t)(ends == 0));
    __m512i places = _mm512_maskz_compress_epi8(hits, numbers);
    __m512i previous = _mm512_set1_epi32((int)last);
    for (struct zl_field *out = fields + count, *stop = out + found;;) {
      const __m512i stops = _mm512_add_epi32(_mm512_cvtepu8_epi32(_mm512_castsi512_si128(places)), _mm512_set1_epi32((int)window));
      const __m512i starts = _mm512_add_epi32(_mm512_alignr_epi32(stops, previous, 15), ones);
      const __m512i lengths = _mm512_sub_epi32(stops, starts);
      _mm512_storeu_si512(out, _mm512_permutex2var_epi32(starts, first_pairs, lengths));
      if (out + 8 >= stop) break;
      _mm512_storeu_si512(out + 8, _mm512_permutex2var_epi32(starts, last_pairs, lengths));
      if (out + 16 >= stop) break;
      out += 16;
      previous = stops;
      places = _mm512_shuffle_i64x2(places, places, 0x39);
    }
    count += found;
    last = (uint32_t)window + 63 - (uint32_t)_lzcnt_u64(hits);
  }
  size_t rows = count / columns;
  if (rows > limit) rows = limit;
  if (rows == 0) return 0;
  const struct zl_field *final = fields + rows * columns - 1;
  *position = final->start + final->length + 1;
  if (has_return == 0) return rows;
  for (size_t row = 1; row <= rows; row++) {
    struct zl_field *field = fields + row * columns - 1;
    field->length -= field->length != 0 && base[field->start + field->length - 1] == '\r';
  }
  return rows;
}

static int is_wide(void) {
  return __builtin_cpu_supports("avx512vbmi2") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("bmi2");
}
#endif

size_t zl_split_rows(const uint8_t *base, size_t *position, size_t end, uint8_t delimiter, size_t columns, size_t limit, struct zl_field *fields) {
#if defined(__x86_64__)
  if (is_wide()) return split_wide(base, position, end, delimiter, columns, limit, fields);
#endif
  return 0;
}

struct zl_text_summary zl_summarize_text(const uint8_t *bytes, size_t count, uint8_t byte) {
#if defined(__x86_64__)
  if (is_wide()) return summary_wide(bytes, count, byte);
#endif
  return summary_plain(bytes, count, byte);
}
