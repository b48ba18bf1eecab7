#ifndef SPLITKERNELS_H
#define SPLITKERNELS_H

#include <stddef.h>
#include <stdint.h>

// What the search for a split does with a histogram: wide, with the instruction set chosen by the call. Every result but an
// estimate has the bits of the plain loop.

/// A gradient and a hessian, side by side.
typedef struct {
  double gradient;
  double hessian;
} ZLSums;

/// A leaf's sums and the hessians that a side of a split may have, from `least` to `most`.
typedef struct {
  ZLSums leaf;
  double lambda;
  double least;
  double most;
} ZLSplitTerms;

/// Running sums first ..< end that may be sides of a split, and the largest estimate of their gains; NaN where one is no number.
typedef struct {
  size_t first;
  size_t end;
  double largest;
} ZLSplitRange;

/// Estimates what splits gain, with one division each, into gains[first] ..< gains[end]. Hessians in `sums` never fall.
ZLSplitRange zl_split_estimates(const ZLSums *sums, size_t count, const ZLSplitTerms *terms, double *gains);

/// The first place from `begin` on with a gain of at least `least`, `end` if there is none.
size_t zl_next_gain(const double *gains, size_t begin, size_t end, double least);

/// larger[i] -= smaller[i].
void zl_subtract_sums(const ZLSums *smaller, ZLSums *larger, size_t count);

#endif
