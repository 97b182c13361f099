// Batch normalisation in training over rows of C channels. Sums are taken per chunk of rows, in float32 within a chunk
// that fits the cache, and combined in float64.
#pragma once
#include "common.h"

#define ROW_RANGE                                                                \
  int rows = INT(3), C = INT(4), first = chunk * INT(5), end = least(first + INT(5), rows)

// partials[chunk] = {mean[C], sum of squared distances from it[C]}
// i: 0 x, 1 partials, 3 rows, 4 C, 5 rows per chunk
KERNEL(batchNormMoments) {
  (void)worker;
  ROW_RANGE;
  float *mean = F32(1) + (intptr_t)chunk * 2 * C, *squares = mean + C;
  f32x4 share = splat(1.0f / (float)(end - first));
  for (int c = 0; c < C; c += 4) {
    const float *x = F32(0) + (intptr_t)first * C + c;
    f32x4 sum = splat(0), other = splat(0);
    for (int r = first; r < end; r++, x += C) sum = add(sum, loadUpTo(x, C - c));
    f32x4 middle = mul(sum, share);
    x = F32(0) + (intptr_t)first * C + c;
    for (int r = first; r < end; r++, x += C) {
      f32x4 distance = sub(loadUpTo(x, C - c), middle);
      other = madd(distance, distance, other);
    }
    storeUpTo(mean + c, middle, C - c);
    storeUpTo(squares + c, other, C - c);
  }
}

// Joins the chunks' moments (T. F. Chan, G. H. Golub, R. J. LeVeque, 1979).
// i: 0 mean, 1 partials, 2 variance, 3 rows, 4 C, 5 rows per chunk, 6 parts, 7 inverse deviation. f: 0 epsilon
KERNEL(batchNormJoin) {
  (void)worker, (void)chunk;
  int rows = INT(3), C = INT(4), perChunk = INT(5), parts = INT(6);
  for (int c = 0; c < C; c++) {
    const float *p = F32(1) + c;
    double sum = 0, squares = 0;
    for (int part = 0; part < parts; part++) {
      sum += (double)p[part * 2 * C] * least(perChunk, rows - part * perChunk);
    }
    double mean = sum / rows;
    for (int part = 0; part < parts; part++) {
      double apart = (double)p[part * 2 * C] - mean;
      squares += (double)p[(part * 2 + 1) * C] + apart * apart * least(perChunk, rows - part * perChunk);
    }
    double variance = squares / rows;
    F32(0)[c] = (float)mean;
    F32(2)[c] = (float)variance;
    F32(7)[c] = (float)(1 / __builtin_sqrt(variance + REAL(0)));
  }
}

// y = (x - mean) * (gamma * r) + beta
// i: 0 x, 1 y, 3 rows, 4 C, 5 rows per chunk, 6 mean, 7 inverse deviation r, 8 gamma, 9 beta
KERNEL(batchNormApply) {
  (void)worker;
  ROW_RANGE;
  for (int c = 0; c < C; c += 4) {
    int n = C - c;
    f32x4 mean = loadUpTo(F32(6) + c, n), shift = loadUpTo(F32(9) + c, n);
    f32x4 scale = mul(loadUpTo(F32(7) + c, n), loadUpTo(F32(8) + c, n));
    const float *x = F32(0) + (intptr_t)first * C + c;
    float *y = F32(1) + (intptr_t)first * C + c;
    for (int r = first; r < end; r++, x += C, y += C) storeUpTo(y, madd(sub(loadUpTo(x, n), mean), scale, shift), n);
  }
}

// partials[chunk] = {sum of dy[C], sum of dy (x - mean)[C]}
// i: 0 x, 1 partials, 2 dy, 3 rows, 4 C, 5 rows per chunk, 6 mean
KERNEL(batchNormGradientSums) {
  (void)worker;
  ROW_RANGE;
  float *out = F32(1) + (intptr_t)chunk * 2 * C;
  for (int c = 0; c < C; c += 4) {
    int n = C - c;
    const float *x = F32(0) + (intptr_t)first * C + c, *dy = F32(2) + (intptr_t)first * C + c;
    f32x4 mean = loadUpTo(F32(6) + c, n), sum = splat(0), product = splat(0);
    for (int r = first; r < end; r++, x += C, dy += C) {
      f32x4 d = loadUpTo(dy, n);
      sum = add(sum, d);
      product = madd(d, sub(loadUpTo(x, n), mean), product);
    }
    storeUpTo(out + c, sum, n);
    storeUpTo(out + C + c, product, n);
  }
}

// dBeta = sum dy; dGamma = r sum dy (x - mean). factors = {gamma r, gamma r dBeta / rows, gamma r r dGamma / rows}[C]
// i: 0 dGamma, 1 partials, 2 dBeta, 3 rows, 4 C, 6 parts, 7 inverse deviation r, 8 gamma, 9 factors
KERNEL(batchNormGradientJoin) {
  (void)worker, (void)chunk;
  int rows = INT(3), C = INT(4), parts = INT(6);
  for (int c = 0; c < C; c++) {
    const float *p = F32(1) + c;
    double sum = 0, product = 0;
    for (int part = 0; part < parts; part++) sum += p[part * 2 * C], product += p[(part * 2 + 1) * C];
    double r = F32(7)[c], scale = r * F32(8)[c], dGamma = r * product;
    F32(0)[c] = (float)dGamma;
    F32(2)[c] = (float)sum;
    float *factors = F32(9) + c;
    factors[0] = (float)scale;
    factors[C] = (float)(scale * sum / rows);
    factors[2 * C] = (float)(scale * r * dGamma / rows);
  }
}

// dx = factor0 dy - factor1 - factor2 (x - mean)
// i: 0 x, 1 dx, 2 dy, 3 rows, 4 C, 5 rows per chunk, 6 mean, 9 factors
KERNEL(batchNormGradientApply) {
  (void)worker;
  ROW_RANGE;
  for (int c = 0; c < C; c += 4) {
    int n = C - c;
    f32x4 mean = loadUpTo(F32(6) + c, n), f0 = loadUpTo(F32(9) + c, n), f1 = loadUpTo(F32(9) + C + c, n),
          f2 = loadUpTo(F32(9) + 2 * C + c, n);
    const float *x = F32(0) + (intptr_t)first * C + c, *dy = F32(2) + (intptr_t)first * C + c;
    float *dx = F32(1) + (intptr_t)first * C + c;
    for (int r = first; r < end; r++, x += C, dy += C, dx += C) {
      f32x4 rest = madd(f2, sub(loadUpTo(x, n), mean), f1);
      storeUpTo(dx, sub(mul(f0, loadUpTo(dy, n)), rest), n);
    }
  }
}
