#include "SortKernels.h"

// The compiler makes vectors of the loop, as wide as the function around it may use. There is no unsigned comparison of 64 bits among
// their instructions, so the highest bit is turned around.
#define EXTENT                                                                          \
  const uint64_t first = words[0];                                                      \
  int64_t least = (int64_t)(first ^ (1ull << 63)), greatest = least;                    \
  uint64_t differing = 0;                                                               \
  for (size_t i = 0; i < count; i++) {                                                  \
    const int64_t word = (int64_t)(words[i] ^ (1ull << 63));                            \
    least = word < least ? word : least;                                                \
    greatest = word > greatest ? word : greatest;                                       \
    differing |= words[i] ^ first;                                                      \
  }                                                                                     \
  return (struct zl_extent){(uint64_t)least ^ (1ull << 63), (uint64_t)greatest ^ (1ull << 63), differing};

#if defined(__x86_64__)
__attribute__((target("avx2"))) static struct zl_extent wide(const uint64_t *words, size_t count) { EXTENT }
static struct zl_extent plain(const uint64_t *words, size_t count) { EXTENT }

struct zl_extent zl_extent_uint64s(const uint64_t *words, size_t count) {
  return __builtin_cpu_supports("avx2") ? wide(words, count) : plain(words, count);
}
#else
struct zl_extent zl_extent_uint64s(const uint64_t *words, size_t count) { EXTENT }
#endif
