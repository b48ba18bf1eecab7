#ifndef RECURSIONKERNELS_H
#define RECURSIONKERNELS_H

#include <stddef.h>

/// A recursion value += factor * (x - value) over `count` values: before the first of them `value` holds the state, afterwards that
/// behind the last. `out[i]` becomes the state behind x[i].
typedef struct {
  const double *x;
  double *out;
  size_t count;
  double value;
  double factor;
} zl_chain;

/// Runs all chains, several side by side since each step waits for the one before. The results are those of one after the other.
///
/// Chains have an `out` all, or none (NULL) has. Their `x`, `out` and `count` are used up.
void zl_run_chains(zl_chain *chains, size_t count);

#endif
