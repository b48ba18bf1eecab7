#ifndef GROUPKERNELS_H
#define GROUPKERNELS_H

#include "SplitKernels.h"

// Histograms of four columns side by side, so that a chain of additions is one of all four.

enum { ZL_GROUP_COLUMNS = 4 };

/// A group: the sums of place p of column c are at 4 * p + c of its entries, which begin on a border of 64 bytes. A place is a bin,
/// but for the bin of NaNs of two-sided columns, which is the last place.
typedef struct {
  /// Where the bins are in a row, in bytes.
  size_t position;
  /// The first entry in the histograms of a leaf.
  size_t offset;
  /// Places of a column, at least 2; those beyond its bins hold zeros.
  size_t count;
  /// The places of the most frequent bins.
  int32_t frequent[ZL_GROUP_COLUMNS];
  /// Whether missing values are tried on both sides.
  int32_t is_two_sided;
} ZLColumnGroup;

/// Sets the most frequent bin of every column to what the other bins, subtracted in their order, leave of the leaf's sums; 0 where
/// that is bin 0.
void zl_complete_groups(ZLSums *histograms, const ZLColumnGroup *groups, size_t group_count, ZLSums leaf);

/// Estimates the largest gain of a split of each column into `largest`: below 0 where no split leaves enough on both sides, NaN where
/// some gain is beyond all measure.
void zl_group_estimates(const ZLSums *histograms, const ZLColumnGroup *group, const ZLSplitTerms *terms, double *largest);

/// The same for two leaves, after larger -= smaller. Where `smaller_terms` is null, for the larger one only, and the smaller one's sums
/// become zeros.
void zl_subtract_group(ZLSums *smaller, ZLSums *larger, const ZLColumnGroup *group, const ZLSplitTerms *smaller_terms,
                       const ZLSplitTerms *larger_terms, double *smaller_largest, double *larger_largest);

#endif
