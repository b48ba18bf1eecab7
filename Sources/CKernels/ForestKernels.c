#include "ForestKernels.h"

typedef uint8_t bytes16 __attribute__((vector_size(16)));
typedef int8_t flags16 __attribute__((vector_size(16)));
typedef int32_t sets32 __attribute__((vector_size(64)));
typedef int8_t flags8 __attribute__((vector_size(8)));
typedef uint8_t bytes8 __attribute__((vector_size(8)));
typedef int64_t sets64 __attribute__((vector_size(64)));

#define INLINE static inline __attribute__((always_inline))

// Rows that go right lose the leaves on the left.
#define VISIT(place)                                                                                             \
  {                                                                                                              \
    flags16 right = (flags16)(*(const bytes16 *)(ranks + 16 * place) > cut);                                     \
    v##place &= ~(__builtin_convertvector(right, sets32) & drop);                                                \
  }

#define VISIT_WIDE(place)                                                                                        \
  {                                                                                                              \
    flags8 right = (flags8)(*(const bytes8 *)(ranks + 8 * place) > cut);                                         \
    v##place &= ~(__builtin_convertvector(right, sets64) & drop);                                                \
  }

INLINE void leaves32(const ZLForestNode *nodes, size_t count, const uint8_t *block, sets32 *out) {
  sets32 v0 = (sets32){0} - 1, v1 = v0, v2 = v0, v3 = v0;
  for (size_t index = 0; index < count; index++) {
    const uint8_t *ranks = block + (size_t)nodes[index].plane * ZL_FOREST_ROWS;
    bytes16 cut = (bytes16){0} + (uint8_t)nodes[index].cut;
    sets32 drop = (sets32){0} + (int32_t)~(uint32_t)nodes[index].keep;
    VISIT(0) VISIT(1) VISIT(2) VISIT(3)
  }
  out[0] = v0;
  out[1] = v1;
  out[2] = v2;
  out[3] = v3;
}

INLINE void leaves64(const ZLForestNode *nodes, size_t count, const uint8_t *block, sets64 *out) {
  sets64 v0 = (sets64){0} - 1, v1 = v0, v2 = v0, v3 = v0, v4 = v0, v5 = v0, v6 = v0, v7 = v0;
  for (size_t index = 0; index < count; index++) {
    const uint8_t *ranks = block + (size_t)nodes[index].plane * ZL_FOREST_ROWS;
    bytes8 cut = (bytes8){0} + (uint8_t)nodes[index].cut;
    sets64 drop = (sets64){0} + (int64_t)~nodes[index].keep;
    VISIT_WIDE(0) VISIT_WIDE(1) VISIT_WIDE(2) VISIT_WIDE(3) VISIT_WIDE(4) VISIT_WIDE(5) VISIT_WIDE(6) VISIT_WIDE(7)
  }
  out[0] = v0;
  out[1] = v1;
  out[2] = v2;
  out[3] = v3;
  out[4] = v4;
  out[5] = v5;
  out[6] = v6;
  out[7] = v7;
}

INLINE void forest_add(const ZLForestTree *trees, size_t tree_count, const ZLForestNode *nodes, const double *leaf_values,
                       const uint8_t *ranks, size_t count, double *out) {
  union {
    sets32 narrow[4];
    uint32_t narrow_rows[64];
    sets64 wide[8];
    uint64_t wide_rows[64];
  } sets;
  for (size_t tree = 0; tree < tree_count; tree++) {
    const ZLForestNode *first = nodes + trees[tree].first_node;
    const double *values = leaf_values + trees[tree].first_leaf;
    for (size_t begin = 0; begin < count; begin += 64) {
      if (trees[tree].leaf_count <= 32) {
        leaves32(first, trees[tree].node_count, ranks + begin, sets.narrow);
        for (size_t row = 0; row < 64; row++) out[begin + row] += values[__builtin_ctz(sets.narrow_rows[row])];
      } else {
        leaves64(first, trees[tree].node_count, ranks + begin, sets.wide);
        for (size_t row = 0; row < 64; row++) out[begin + row] += values[__builtin_ctzll(sets.wide_rows[row])];
      }
    }
  }
}

#define PARAMETERS                                                                                               \
  const ZLForestTree *trees, size_t tree_count, const ZLForestNode *nodes, const double *leaf_values, const uint8_t *ranks, size_t count, \
      double *out
#define ARGUMENTS trees, tree_count, nodes, leaf_values, ranks, count, out

static void forest_add_plain(PARAMETERS) { forest_add(ARGUMENTS); }

#if defined(__x86_64__)
__attribute__((target("avx2,bmi,lzcnt"))) static void forest_add_avx2(PARAMETERS) { forest_add(ARGUMENTS); }
__attribute__((target("avx2,bmi,lzcnt,avx512f,avx512bw,avx512vl,avx512dq"))) static void forest_add_avx512(PARAMETERS) {
  forest_add(ARGUMENTS);
}
#endif

void zl_forest_add(PARAMETERS) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")) return forest_add_avx512(ARGUMENTS);
  if (__builtin_cpu_supports("avx2")) return forest_add_avx2(ARGUMENTS);
#endif
  forest_add_plain(ARGUMENTS);
}
