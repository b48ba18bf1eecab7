#ifndef DOUBLEKERNELS_H
#define DOUBLEKERNELS_H

#include <stddef.h>
#include <stdint.h>

// Doubles row by row: out[i] = a[i * a_step] op b[i * b_step], a step being 1 or, for a constant, 0. `out` overlaps neither. Vectors of the
// processor's width; the results are the same with every one.

void zl_add_doubles(const double *a, size_t a_step, const double *b, size_t b_step, double *out, size_t count);
void zl_subtract_doubles(const double *a, size_t a_step, const double *b, size_t b_step, double *out, size_t count);
void zl_multiply_doubles(const double *a, size_t a_step, const double *b, size_t b_step, double *out, size_t count);

/// The nearest doubles; of two as near the even one.
void zl_doubles_from_int64s(const int64_t *values, size_t count, double *out);

/// The sum in sixteen lanes, value i in lane i % 16, which are added up in pairs half their number apart; behind them, in order, the values
/// that fill no lanes any more.
double zl_sum_lanes(const double *values, size_t count);

#endif
