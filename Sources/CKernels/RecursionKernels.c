#include "RecursionKernels.h"

#include <string.h>

// The vectors are passed between inlined functions only.
#pragma clang diagnostic ignored "-Wpsabi"

#define INLINED static inline __attribute__((always_inline))

typedef double doubles __attribute__((vector_size(32)));

// Lanes are groups of four, a vector each: enough to hide the time from a step's result to the next step.
enum { LANES = ZL_CHAIN_LANES, GROUPS = LANES / 4 };

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

// Eight steps of a group; x and y become the states behind them.
INLINED doubles step_group(doubles value, doubles factor, doubles *x, doubles *y, zl_chain *const *l, size_t i, int writes) {
  value = step(value, factor, x);
  value = step(value, factor, y);
  if (!writes) return value;
  transpose(x);
  transpose(y);
  for (int k = 0; k < 4; k++) {
    store(x[k], l[k]->out + i);
    store(y[k], l[k]->out + i + 4);
  }
  return value;
}

// `groups` times four chains by `steps` values. Where `shared` is 2 the groups of the second half go over the values of those of the first.
INLINED void run_lanes(zl_chain *const *lanes, size_t groups, size_t shared, size_t steps, int writes) {
  doubles value[GROUPS], factor[GROUPS];
  for (size_t g = 0; g < groups; g++) {
    zl_chain *const *l = lanes + 4 * g;
    value[g] = (doubles){l[0]->value, l[1]->value, l[2]->value, l[3]->value};
    factor[g] = (doubles){l[0]->factor, l[1]->factor, l[2]->factor, l[3]->factor};
  }
  size_t i = 0, own = groups / shared;
  // A cache line of each lane at once: lanes that lie a power of two apart throw out each other's lines.
  for (; i + 8 <= steps; i += 8) {
    for (size_t g = 0; g < own; g++) {
      zl_chain *const *l = lanes + 4 * g;
      doubles x[4], y[4];
      for (int k = 0; k < 4; k++) x[k] = load(l[k]->x + i);
      for (int k = 0; k < 4; k++) y[k] = load(l[k]->x + i + 4);
      transpose(x);
      transpose(y);
      if (shared == 2) {
        doubles same_x[4], same_y[4];
        memcpy(same_x, x, sizeof x);
        memcpy(same_y, y, sizeof y);
        value[g + own] = step_group(value[g + own], factor[g + own], same_x, same_y, l + 4 * own, i, writes);
      }
      value[g] = step_group(value[g], factor[g], x, y, l, i, writes);
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

// Whether the second half of `count` lanes goes over the values of the first.
INLINED int shares_values(zl_chain *const *lanes, size_t count) {
  size_t half = count / 2;
  if (count % 8 != 0) return 0;
  for (size_t l = 0; l < half; l++) {
    if (lanes[l]->x != lanes[l + half]->x) return 0;
  }
  return 1;
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
    int shares = shares_values(lanes, active);
    switch ((active + 3) / 4) {
      case 1: run_lanes(lanes, 1, 1, steps, writes); break;
      case 2: shares ? run_lanes(lanes, 2, 2, steps, writes) : run_lanes(lanes, 2, 1, steps, writes); break;
      case 3: run_lanes(lanes, 3, 1, steps, writes); break;
      default: shares ? run_lanes(lanes, 4, 2, steps, writes) : run_lanes(lanes, 4, 1, steps, writes);
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
