#ifndef JOINKERNELS_H
#define JOINKERNELS_H

#include <stddef.h>
#include <stdint.h>

// Joins by one whole number. Row numbers of UINT32_MAX stand for none.

/// The numbers of keys by their distance from `least`: numbers[i] = keys[i] - least where that is below `limit`, else none. Through `rows`,
/// where that is not NULL, the distance's entry instead.
void zl_dense_find(const int64_t *keys, size_t count, int64_t least, uint64_t limit, const uint32_t *rows, uint32_t *numbers);

/// rows[keys[i] - least] = first + i, for keys that are all in range. Threads may write to the same rows at the same time: one of those of
/// a key stays.
void zl_dense_place(const int64_t *keys, size_t count, int64_t least, uint32_t first, uint32_t *rows);
/// Sets bit i where rows[i] is not none, clears it elsewhere, and returns how many are set. `count` is rounded up to whole words of `bits`.
size_t zl_filled_bits(const uint32_t *rows, size_t count, uint64_t *bits);

/// A column among others: its values, and where they stand in a row of all. `width` is 1, 2, 4, 8 or 16 bytes.
struct zl_row_field {
  void *values;
  size_t offset, width;
};

/// Writes `count` values of each column to rows of `stride` bytes.
void zl_rows_pack(const struct zl_row_field *fields, size_t field_count, size_t count, uint8_t *rows, size_t stride);
/// Reads the rows at `numbers` into columns; numbers of UINT32_MAX stand for row `filler`.
void zl_rows_unpack(const struct zl_row_field *fields, size_t field_count, const uint8_t *rows, size_t stride, const uint32_t *numbers, size_t count, uint32_t filler);

/// One place of a hash table with linear probing; `number` is 0 where it is empty, else one more than the key's number.
struct zl_key_slot {
  int64_t key;
  uint64_t number;
};

/// Numbers keys in the order in which they turn up, from `used` on, and returns how many there are then. The 2 to the power of `bits`
/// slots must have room for all.
size_t zl_keys_insert(struct zl_key_slot *slots, unsigned bits, const int64_t *keys, size_t count, size_t used, uint32_t *numbers);
/// The numbers of keys; none where a key has none.
void zl_keys_find(const struct zl_key_slot *slots, unsigned bits, const int64_t *keys, size_t count, uint32_t *numbers);

/// Those of `rows`, or of the first `count` rows where it is NULL, whose key lies at a distance from `least` below `limit` that has its bit
/// in `bits`, or any below it where that is NULL. Returns how many; `kept` may be `rows`.
size_t zl_keys_among(const int64_t *keys, const uint32_t *rows, size_t count, int64_t least, uint64_t limit, const uint64_t *bits, uint32_t *kept);

/// Whether every row has a match.
int zl_all_found(const uint32_t *found, size_t count);
/// The rows that have a match, and their matches. Returns how many.
size_t zl_matched_rows(const uint32_t *found, size_t count, uint32_t *rows, uint32_t *matches);

#endif
