// Matrix products. The right side is packed once into panels of 8 columns, [panel][k][8], zero-padded; the left side is
// read where it lies, 4 rows at a time.
#pragma once
#include "common.h"

#define PANEL 8
#define ROWS 4

// acc[2 r], acc[2 r + 1] += row r of A (k = 0 .. count-1, `step` apart) times the panel
#define MULTIPLY(acc, a0, a1, a2, a3, step, panel, count)                          \
  for (int k_ = 0; k_ < (count); k_++) {                                           \
    f32x4 b0_ = load((panel) + k_ * PANEL), b1_ = load((panel) + k_ * PANEL + 4);  \
    f32x4 x_ = wasm_v128_load32_splat((a0) + k_ * (step));                         \
    acc[0] = madd(x_, b0_, acc[0]), acc[1] = madd(x_, b1_, acc[1]);                \
    x_ = wasm_v128_load32_splat((a1) + k_ * (step));                               \
    acc[2] = madd(x_, b0_, acc[2]), acc[3] = madd(x_, b1_, acc[3]);                \
    x_ = wasm_v128_load32_splat((a2) + k_ * (step));                               \
    acc[4] = madd(x_, b0_, acc[4]), acc[5] = madd(x_, b1_, acc[5]);                \
    x_ = wasm_v128_load32_splat((a3) + k_ * (step));                               \
    acc[6] = madd(x_, b0_, acc[6]), acc[7] = madd(x_, b1_, acc[7]);                \
  }

ALWAYS void storePanelRow(float *out, f32x4 low, f32x4 high, int columns) {
  storeUpTo(out, low, columns);
  storeUpTo(out + 4, high, columns - 4);
}

// Packs panel `chunk` of B, whose element (k, n) lies at base + (k / inner) outerStride + (k % inner) innerStride
// + n columnStride: one form for matrices, transposed matrices, filters and flipped filters.
// i: 0 base, 1 packed, 2 K, 3 N, 4 inner, 5 outerStride, 6 innerStride, 7 columnStride
KERNEL(packPanels) {
  (void)worker;
  const float *base = F32(0);
  int K = INT(2), N = INT(3), inner = INT(4), outerStride = INT(5), innerStride = INT(6), columnStride = INT(7);
  float *to = F32(1) + (intptr_t)chunk * K * PANEL;
  int n0 = chunk * PANEL, columns = least(N - n0, PANEL);
  base += n0 * columnStride;
  for (int k = 0; k < K;) {
    const float *row = base + (k / inner) * outerStride;
    for (int i = 0; i < inner && k < K; i++, k++, row += innerStride, to += PANEL) {
      if (columns == PANEL && columnStride == 1) {
        store(to, load(row));
        store(to + 4, load(row + 4));
      } else {
        for (int n = 0; n < PANEL; n++) to[n] = n < columns ? row[n * columnStride] : 0;
      }
    }
  }
}

// Depth at which partial sums go to memory: bounds the panel's share of the cache and the rounding of long sums.
#define DEPTH 512

// C = A B for the rows of one chunk. A transposed left side is first copied into worker scratch, [k][4] per row group.
// i: 0 A, 1 packed B, 2 C, 3 M, 4 N, 5 K, 6 A is transposed ([K][M]), 7 rows per chunk, 8 scratch, 9 scratch per worker
KERNEL(gemm) {
  const float *A = F32(0), *B = F32(1);
  float *C = F32(2);
  int M = INT(3), N = INT(4), K = INT(5), transposed = INT(6), rows = INT(7);
  float *scratch = F32(8) + (intptr_t)worker * INT(9);
  int first = chunk * rows, last = least(first + rows, M);
  for (int k0 = 0; k0 < K || k0 == 0; k0 += DEPTH) {
    int depth = least(K - k0, DEPTH);
    if (transposed) {
      for (int m = first; m < last; m += ROWS) {
        float *to = scratch + (m - first) * DEPTH;
        const float *from = A + (intptr_t)k0 * M + m;
        int valid = last - m;
        for (int k = 0; k < depth; k++, from += M, to += ROWS) store(to, loadUpTo(from, valid));
      }
    }
    for (int n = 0; n < N; n += PANEL) {
      const float *panel = B + ((intptr_t)(n / PANEL) * K + k0) * PANEL;
      int columns = N - n;
      for (int m = first; m < last; m += ROWS) {
        // rows past the end repeat the last one: they compute and store the same numbers again
        int m1 = least(m + 1, last - 1), m2 = least(m + 2, last - 1), m3 = least(m + 3, last - 1);
        f32x4 acc[8] = {splat(0), splat(0), splat(0), splat(0), splat(0), splat(0), splat(0), splat(0)};
        if (transposed) {
          const float *a = scratch + (m - first) * DEPTH;
          MULTIPLY(acc, a, a + (m1 - m), a + (m2 - m), a + (m3 - m), ROWS, panel, depth)
        } else {
          const float *a = A + k0;
          MULTIPLY(acc, a + (intptr_t)m * K, a + (intptr_t)m1 * K, a + (intptr_t)m2 * K, a + (intptr_t)m3 * K, 1, panel,
                   depth)
        }
        float *c0 = C + (intptr_t)m * N + n, *c1 = C + (intptr_t)m1 * N + n, *c2 = C + (intptr_t)m2 * N + n,
              *c3 = C + (intptr_t)m3 * N + n;
        if (k0 > 0) {
#define SUM(r, c)                                  \
  acc[2 * r] = add(acc[2 * r], loadUpTo(c, columns)); \
  if (columns > 4) acc[2 * r + 1] = add(acc[2 * r + 1], loadUpTo(c + 4, columns - 4));
          SUM(0, c0) SUM(1, c1) SUM(2, c2) SUM(3, c3)
#undef SUM
        }
        storePanelRow(c0, acc[0], acc[1], columns);
        storePanelRow(c1, acc[2], acc[3], columns);
        storePanelRow(c2, acc[4], acc[5], columns);
        storePanelRow(c3, acc[6], acc[7], columns);
      }
    }
  }
}
