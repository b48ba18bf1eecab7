#ifndef HISTOGRAMKERNELS_H
#define HISTOGRAMKERNELS_H

#include "SplitKernels.h"

/// Gradient and hessian of a row.
typedef struct {
  float gradient;
  float hessian;
} ZLPair;

/// Four columns that stand side by side in a row: where the first bin is, in bytes, and their histograms.
typedef struct {
  ZLSums *histograms[4];
  size_t place;
} ZLColumnGroup;

/// Adds rows to the histograms of groups of columns, row after row. Row r begins at matrix + r * stride, in bytes; bins are a byte
/// each, or two where `is_wide`. `pairs` go by row number. Histograms lie on borders of 16 bytes.
void zl_add_rows(const void *matrix, size_t stride, int is_wide, const int32_t *rows, const ZLPair *pairs, size_t count,
                 const ZLColumnGroup *groups, size_t group_count);

#endif
