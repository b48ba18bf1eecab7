#ifndef FORESTKERNELS_H
#define FORESTKERNELS_H

#include <stddef.h>
#include <stdint.h>

// Many rows down many trees without a branch: every node of a tree is compared for 64 rows at once, and takes from each row's
// set of leaves those that it does not reach (Lucchese et al., QuickScorer, SIGIR 2015). The instruction set is chosen by the call.

enum { ZL_FOREST_ROWS = 256, ZL_FOREST_LEAVES = 64, ZL_FOREST_BOUNDS = 253 };

/// Rows whose rank in a plane is larger than `cut` go right and keep the leaves in `keep`; others keep all.
typedef struct {
  uint64_t keep;
  uint32_t plane;
  uint32_t cut;
} ZLForestNode;

/// Leaves are numbered from left to right, at most ZL_FOREST_LEAVES.
typedef struct {
  uint32_t first_node;
  uint32_t node_count;
  uint32_t first_leaf;
  uint32_t leaf_count;
} ZLForestTree;

/// out[r] += the value of the leaf of row r, tree after tree, for `count` rows rounded up to 64, at most ZL_FOREST_ROWS.
///
/// A plane has ZL_FOREST_ROWS ranks, one a row, and begins at an address divisible by 64.
void zl_forest_add(const ZLForestTree *trees, size_t tree_count, const ZLForestNode *nodes, const double *leaf_values,
                   const uint8_t *ranks, size_t count, double *out);

#endif
