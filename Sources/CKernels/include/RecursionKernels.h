#ifndef RECURSIONKERNELS_H
#define RECURSIONKERNELS_H

#include <stddef.h>

enum {
  /// Chains that are run side by side.
  ZL_CHAIN_LANES = 16
};

/// A recursion value += factor * (x - value) over `count` values: before the first of them `value` holds the state, afterwards that
/// behind the last. `out[i]` becomes the state behind x[i].
typedef struct {
  const double *x;
  double *out;
  size_t count;
  double value;
  double factor;
} zl_chain;

/// Runs all chains, several side by side since each step waits for the one before. The results are those of one after the other. It goes
/// faster where the second half of the lanes goes over the values of the first.
///
/// Chains have an `out` all, or none (NULL) has. Their `x`, `out` and `count` are used up.
void zl_run_chains(zl_chain *chains, size_t count);

#endif
