#include "JoinKernels.h"

#include <string.h>

#include "CKernels.h"

// Tables of fewer entries stay in the cache by themselves.
enum { AHEAD = 16, PREFETCH_FROM = 1 << 18 };

void zl_dense_find(const int64_t *keys, size_t count, int64_t least, uint64_t limit, const uint32_t *rows, uint32_t *numbers) {
  if (rows == NULL) {
    for (size_t i = 0; i < count; i++) {
      uint64_t distance = (uint64_t)keys[i] - (uint64_t)least;
      numbers[i] = distance < limit ? (uint32_t)distance : UINT32_MAX;
    }
    return;
  }
  // A key out of range reads the first entry for nothing, so that the loop has no branch.
  for (size_t i = 0; i < count; i++) {
    if (limit >= PREFETCH_FROM && i + AHEAD < count) {
      uint64_t next = (uint64_t)keys[i + AHEAD] - (uint64_t)least;
      zl_prefetch(rows + (next < limit ? next : 0));
    }
    uint64_t distance = (uint64_t)keys[i] - (uint64_t)least;
    uint32_t row = rows[distance < limit ? distance : 0];
    numbers[i] = distance < limit ? row : UINT32_MAX;
  }
}

void zl_dense_place(const int64_t *keys, size_t count, int64_t least, uint32_t first, uint32_t *rows) {
  for (size_t i = 0; i < count; i++) {
    if (i + AHEAD < count) zl_prefetch_write(rows + ((uint64_t)keys[i + AHEAD] - (uint64_t)least));
    __atomic_store_n(rows + ((uint64_t)keys[i] - (uint64_t)least), first + (uint32_t)i, __ATOMIC_RELAXED);
  }
}

size_t zl_filled_bits(const uint32_t *rows, size_t count, uint64_t *bits) {
  size_t filled = 0;
  for (size_t start = 0; start < count; start += 64) {
    uint64_t word = 0;
    size_t length = count - start < 64 ? count - start : 64;
    for (size_t i = 0; i < length; i++) word |= (uint64_t)(rows[start + i] != UINT32_MAX) << i;
    bits[start / 64] = word;
    filled += (size_t)__builtin_popcountll(word);
  }
  return filled;
}

enum { ROWS_AT_ONCE = 64 };

#define EACH_WIDTH(COPY)        \
  switch (width) {              \
    case 1: COPY(1); break;     \
    case 2: COPY(2); break;     \
    case 4: COPY(4); break;     \
    case 8: COPY(8); break;     \
    default: COPY(16); break;   \
  }

void zl_rows_pack(const struct zl_row_field *fields, size_t field_count, size_t count, uint8_t *rows, size_t stride) {
  for (size_t start = 0; start < count; start += ROWS_AT_ONCE) {
    size_t length = count - start < ROWS_AT_ONCE ? count - start : ROWS_AT_ONCE;
    for (size_t f = 0; f < field_count; f++) {
      size_t width = fields[f].width;
      const uint8_t *from = (const uint8_t *)fields[f].values + start * width;
      uint8_t *to = rows + start * stride + fields[f].offset;
#define COPY(WIDTH) for (size_t i = 0; i < length; i++) memcpy(to + i * stride, from + i * WIDTH, WIDTH)
      EACH_WIDTH(COPY)
#undef COPY
    }
  }
}

void zl_rows_unpack(const struct zl_row_field *fields, size_t field_count, const uint8_t *rows, size_t stride, const uint32_t *numbers, size_t count, uint32_t filler) {
  const uint8_t *places[2 * ROWS_AT_ONCE];
  size_t known = 0;
  for (size_t start = 0; start < count; start += ROWS_AT_ONCE) {
    size_t length = count - start < ROWS_AT_ONCE ? count - start : ROWS_AT_ONCE;
    // The rows of the next round are asked for before those of this one are copied.
    size_t next = start + 2 * ROWS_AT_ONCE < count ? start + 2 * ROWS_AT_ONCE : count;
    for (; known < next; known++) {
      const uint8_t *place = rows + (size_t)(numbers[known] == UINT32_MAX ? filler : numbers[known]) * stride;
      zl_prefetch(place);
      zl_prefetch(place + stride - 1);
      places[known % (2 * ROWS_AT_ONCE)] = place;
    }
    const uint8_t **here = places + start % (2 * ROWS_AT_ONCE);
    for (size_t f = 0; f < field_count; f++) {
      size_t width = fields[f].width, offset = fields[f].offset;
      uint8_t *to = (uint8_t *)fields[f].values + start * width;
#define COPY(WIDTH) for (size_t i = 0; i < length; i++) memcpy(to + i * WIDTH, here[i] + offset, WIDTH)
      EACH_WIDTH(COPY)
#undef COPY
    }
  }
}

static inline size_t place(int64_t key, unsigned bits) {
  uint64_t hash = (uint64_t)key * 0x9E3779B97F4A7C15u;
  return (hash ^ hash >> 32) * 0xD6E8FEB86659FD93u >> (64 - bits);
}

size_t zl_keys_insert(struct zl_key_slot *slots, unsigned bits, const int64_t *keys, size_t count, size_t used, uint32_t *numbers) {
  size_t mask = ((size_t)1 << bits) - 1;
  for (size_t i = 0; i < count; i++) {
    if (i + AHEAD < count) zl_prefetch_write(slots + place(keys[i + AHEAD], bits));
    size_t at = place(keys[i], bits);
    while (slots[at].number != 0 && slots[at].key != keys[i]) at = (at + 1) & mask;
    if (slots[at].number == 0) {
      slots[at].key = keys[i];
      slots[at].number = ++used;
    }
    numbers[i] = (uint32_t)(slots[at].number - 1);
  }
  return used;
}

void zl_keys_find(const struct zl_key_slot *slots, unsigned bits, const int64_t *keys, size_t count, uint32_t *numbers) {
  size_t mask = ((size_t)1 << bits) - 1;
  for (size_t i = 0; i < count; i++) {
    if (i + AHEAD < count) zl_prefetch(slots + place(keys[i + AHEAD], bits));
    size_t at = place(keys[i], bits);
    while (slots[at].number != 0 && slots[at].key != keys[i]) at = (at + 1) & mask;
    numbers[i] = (uint32_t)(slots[at].number - 1);
  }
}

size_t zl_keys_among(const int64_t *keys, const uint32_t *rows, size_t count, int64_t least, uint64_t limit, const uint64_t *bits, uint32_t *kept) {
  size_t found = 0;
  for (size_t i = 0; i < count; i++) {
    uint32_t row = rows == NULL ? (uint32_t)i : rows[i];
    uint64_t distance = (uint64_t)keys[row] - (uint64_t)least;
    uint64_t within = distance < limit ? distance : 0;
    kept[found] = row;
    found += (distance < limit) & (bits == NULL ? 1 : bits[within >> 6] >> (within & 63) & 1);
  }
  return found;
}

int zl_all_found(const uint32_t *found, size_t count) {
  uint32_t missing = 0;
  for (size_t i = 0; i < count; i++) missing |= found[i] == UINT32_MAX ? UINT32_MAX : 0;
  return missing == 0;
}

size_t zl_matched_rows(const uint32_t *found, size_t count, uint32_t *rows, uint32_t *matches) {
  size_t matched = 0;
  for (size_t i = 0; i < count; i++) {
    rows[matched] = (uint32_t)i;
    matches[matched] = found[i];
    matched += found[i] != UINT32_MAX;
  }
  return matched;
}
