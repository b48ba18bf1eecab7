#ifndef HISTOGRAMKERNELS_H
#define HISTOGRAMKERNELS_H

#include "GroupKernels.h"

/// Gradient and hessian of a row.
typedef struct {
  float gradient;
  float hessian;
} ZLPair;

/// Sums rows into the histograms of groups of columns, for each bin in the order of the rows. Row r begins at matrix + r * stride, in
/// bytes; bins are a byte each, or two where `is_wide`. `pairs` go by row number. `is_clear` says that the histograms hold zeros.
void zl_sum_rows(const void *matrix, size_t stride, int is_wide, const int32_t *rows, const ZLPair *pairs, size_t count,
                 const ZLColumnGroup *groups, size_t group_count, ZLSums *histograms, int is_clear);

#endif
