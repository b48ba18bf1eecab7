#ifndef HISTOGRAMKERNELS_H
#define HISTOGRAMKERNELS_H

#include "GroupKernels.h"

/// Gradient and hessian of a row.
typedef struct {
  float gradient;
  float hessian;
} ZLPair;

/// Sums rows into the histograms of groups of columns, for each bin in the order of the rows. Row r begins at matrix + r * stride, in
/// bytes; bins are a byte each, or two where `is_wide`. `pairs` go by row number.
void zl_sum_rows(const void *matrix, size_t stride, int is_wide, const int32_t *rows, const ZLPair *pairs, size_t count,
                 const ZLColumnGroup *groups, size_t group_count, ZLSums *histograms);

/// Subtracts what `zl_sum_rows` and `zl_complete_groups` would make of these rows, at most ZL_MOST_FEW_ROWS of them, from histograms,
/// where they are other than 0. `scratch` holds zeros, as many as the widest group has entries, before and after.
void zl_subtract_rows(const void *matrix, size_t stride, int is_wide, const int32_t *rows, const ZLPair *pairs, size_t count,
                      const ZLColumnGroup *groups, size_t group_count, ZLSums leaf, ZLSums *scratch, ZLSums *histograms);

enum { ZL_MOST_FEW_ROWS = 512 };

#endif
