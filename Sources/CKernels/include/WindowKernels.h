#ifndef WINDOWKERNELS_H
#define WINDOWKERNELS_H

#include <stddef.h>
#include <stdint.h>

// Order statistics of windows that slide over a block of rows, whose values are put in order once for all windows. The instruction set is
// chosen when they are called; results are the same with every one.

enum {
  /// Values that a block has at most.
  ZL_BLOCK_CAPACITY = 2048,
  /// The place of a value that does not count.
  ZL_NO_PLACE = INT16_MAX
};

/// Puts a block's values in order: places[i] becomes the place of values[i] among those that count, and sorted[places[i]] is values[i]. Equal
/// values have places by their rows, or where `shares_places` one place; `sorted` is then none but scratch.
///
/// Values with kinds[i] other than 1 do not count; where `kinds` is NULL all do. None that counts is NaN. `distinct` becomes the number of
/// places. Returns the number of values that count, or -1 where it gave up: for infinities, and for values that lie too unevenly.
/// `sorted` has room for ZL_BLOCK_CAPACITY + 64 values.
///
/// O(count); fastest where values that lie close together come in their order.
int zl_block_order(const double *values, const uint8_t *kinds, size_t count, int shares_places, double *sorted, int16_t *places,
                   size_t *distinct);

/// out[t] = 2 * (places below places[t + current]) + (places equal to it) among places[t] ... places[t + width - 1], which that is one of.
/// Nothing of meaning where it is ZL_NO_PLACE. `width` is less than 16,384.
///
/// `count` is rounded up to 64: as many places more are read and results written.
void zl_rank_counts(const int16_t *places, size_t width, size_t current, size_t count, int has_ties, uint16_t *out);

/// low_values[t] becomes the value of rank low[t] among those at places[t] ... places[t + width - 1], high_values[t] that of rank high[t];
/// nothing of meaning where there are not so many. No two places are the same.
///
/// O(1) a row.
void zl_sliding_selections(const int16_t *places, const double *sorted, size_t width, size_t count, const int32_t *low,
                           const int32_t *high, double *low_values, double *high_values);

/// valid[i] becomes 1 where values[i] is a number, 0 where it is NaN. Returns whether all are numbers.
int zl_mark_numbers(const double *values, size_t count, uint8_t *valid);

/// signs[i], where it is 0, becomes `less` where values[i] is less than values[i + 1], and `greater` where it is greater.
void zl_neighbour_signs(const int64_t *values, size_t count, int8_t less, int8_t greater, int8_t *signs);

#endif
