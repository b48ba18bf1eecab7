#include "RecursionKernels.h"

#include <string.h>

// The vectors are passed between inlined functions only.
#pragma clang diagnostic ignored "-Wpsabi"

#define INLINED static inline __attribute__((always_inline))

typedef double doubles __attribute__((vector_size(32)));

// A group of LANES chains of four a vector: enough to hide the time from a step's result to the next step.
enum { LANES = 16, GROUPS = LANES / 4 };

INLINED doubles load(const double *address) {
  doubles value;
  memcpy(&value, address, sizeof value);
  return value;
}

INLINED void store(doubles value, double *address) { memcpy(address, &value, sizeof value); }

INLINED void transpose(doubles *v) {
  doubles a = __builtin_shufflevector(v[0], v[1], 0, 4, 2, 6), b = __builtin_shufflevector(v[0], v[1], 1, 5, 3, 7);
  doubles c = __builtin_shufflevector(v[2], v[3], 0, 4, 2, 6), d = __builtin_shufflevector(v[2], v[3], 1, 5, 3, 7);
  v[0] = __builtin_shufflevector(a, c, 0, 1, 4, 5);
  v[1] = __builtin_shufflevector(b, d, 0, 1, 4, 5);
  v[2] = __builtin_shufflevector(a, c, 2, 3, 6, 7);
  v[3] = __builtin_shufflevector(b, d, 2, 3, 6, 7);
}

// Four steps; x[k] becomes the state behind it.
INLINED doubles step(doubles value, doubles factor, doubles *x) {
  for (int k = 0; k < 4; k++) {
    value += factor * (x[k] - value);
    x[k] = value;
  }
  return value;
}

// `groups` times four chains by `steps` values.
INLINED void run_lanes(zl_chain *const *lanes, size_t groups, size_t steps, int writes) {
  doubles value[GROUPS], factor[GROUPS];
  for (size_t g = 0; g < groups; g++) {
    zl_chain *const *l = lanes + 4 * g;
    value[g] = (doubles){l[0]->value, l[1]->value, l[2]->value, l[3]->value};
    factor[g] = (doubles){l[0]->factor, l[1]->factor, l[2]->factor, l[3]->factor};
  }
  size_t i = 0;
  // A cache line of each lane at once: lanes that lie a power of two apart throw out each other's lines.
  for (; i + 8 <= steps; i += 8) {
    for (size_t g = 0; g < groups; g++) {
      zl_chain *const *l = lanes + 4 * g;
      doubles x[4], y[4];
      for (int k = 0; k < 4; k++) x[k] = load(l[k]->x + i);
      for (int k = 0; k < 4; k++) y[k] = load(l[k]->x + i + 4);
      transpose(x);
      transpose(y);
      value[g] = step(value[g], factor[g], x);
      value[g] = step(value[g], factor[g], y);
      if (!writes) continue;
      transpose(x);
      transpose(y);
      for (int k = 0; k < 4; k++) {
        store(x[k], l[k]->out + i);
        store(y[k], l[k]->out + i + 4);
      }
    }
  }
  for (size_t g = 0; g < groups; g++) {
    for (int k = 0; k < 4; k++) {
      zl_chain *l = lanes[4 * g + k];
      double v = value[g][k];
      for (size_t j = i; j < steps; j++) {
        v += l->factor * (l->x[j] - v);
        if (writes) l->out[j] = v;
      }
      l->value = v;
    }
  }
}

INLINED void run_chains(zl_chain *chains, size_t count, int writes) {
  zl_chain *lanes[LANES];
  size_t active = 0, next = 0;
  for (;;) {
    for (; active < LANES && next < count; next++) {
      if (chains[next].count > 0) lanes[active++] = chains + next;
    }
    if (active == 0) return;
    size_t steps = lanes[0]->count;
    for (size_t l = 1; l < active; l++) steps = lanes[l]->count < steps ? lanes[l]->count : steps;
    // Lanes without a chain repeat the first one's steps.
    for (size_t l = active; l < LANES; l++) lanes[l] = lanes[0];
    switch ((active + 3) / 4) {
      case 1: run_lanes(lanes, 1, steps, writes); break;
      case 2: run_lanes(lanes, 2, steps, writes); break;
      case 3: run_lanes(lanes, 3, steps, writes); break;
      default: run_lanes(lanes, 4, steps, writes);
    }
    size_t kept = 0;
    for (size_t l = 0; l < active; l++) {
      zl_chain *chain = lanes[l];
      chain->x += steps;
      if (writes) chain->out += steps;
      chain->count -= steps;
      if (chain->count > 0) lanes[kept++] = chain;
    }
    active = kept;
  }
}

INLINED void run_all(zl_chain *chains, size_t count) {
  if (count == 0) return;
  if (chains[0].out) {
    run_chains(chains, count, 1);
  } else {
    run_chains(chains, count, 0);
  }
}

#if defined(__x86_64__)

__attribute__((target("avx2"))) static void run_all_wide(zl_chain *chains, size_t count) { run_all(chains, count); }

void zl_run_chains(zl_chain *chains, size_t count) {
  if (__builtin_cpu_supports("avx2")) {
    run_all_wide(chains, count);
  } else {
    run_all(chains, count);
  }
}

#else

void zl_run_chains(zl_chain *chains, size_t count) { run_all(chains, count); }

#endif
