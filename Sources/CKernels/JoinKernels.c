#include "JoinKernels.h"

#include "CKernels.h"

enum { AHEAD = 16 };

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
    uint64_t distance = (uint64_t)keys[i] - (uint64_t)least;
    uint32_t row = rows[distance < limit ? distance : 0];
    numbers[i] = distance < limit ? row : UINT32_MAX;
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

size_t zl_matched_rows(const uint32_t *found, size_t count, uint32_t *rows, uint32_t *matches) {
  size_t matched = 0;
  for (size_t i = 0; i < count; i++) {
    rows[matched] = (uint32_t)i;
    matches[matched] = found[i];
    matched += found[i] != UINT32_MAX;
  }
  return matched;
}
