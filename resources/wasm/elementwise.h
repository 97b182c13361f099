// Element by element, and sums along one axis.
#pragma once
#include "common.h"

enum { OP_ADD, OP_SUB, OP_MUL, OP_DIV, OP_RELU_GRADIENT, OP_RELU, OP_SIGN };

ALWAYS f32x4 apply(int op, f32x4 a, f32x4 b) {
  if (op == OP_ADD) return add(a, b);
  if (op == OP_SUB) return sub(a, b);
  if (op == OP_MUL) return mul(a, b);
  if (op == OP_DIV) return wasm_f32x4_div(a, b);
  // a is the gradient of relu(b)
  if (op == OP_RELU_GRADIENT) return wasm_v128_and(a, wasm_f32x4_gt(b, splat(0)));
  if (op == OP_SIGN) return signOf(a);
  // keeps what is not a number visible
  return wasm_f32x4_max(a, splat(0));
}

ALWAYS void applyRow(int op, const float *a, int aScalar, const float *b, int bScalar, float *out, int n) {
  f32x4 aOne = wasm_v128_load32_splat(a), bOne = wasm_v128_load32_splat(b);
  int i = 0;
  if (aScalar) {
    for (; i + 4 <= n; i += 4) store(out + i, apply(op, aOne, load(b + i)));
    if (i < n) storePart(out + i, apply(op, aOne, loadPart(b + i, n - i)), n - i);
  } else if (bScalar) {
    for (; i + 4 <= n; i += 4) store(out + i, apply(op, load(a + i), bOne));
    if (i < n) storePart(out + i, apply(op, loadPart(a + i, n - i), bOne), n - i);
  } else {
    for (; i + 4 <= n; i += 4) store(out + i, apply(op, load(a + i), load(b + i)));
    if (i < n) storePart(out + i, apply(op, loadPart(a + i, n - i), loadPart(b + i, n - i)), n - i);
  }
}

// out[r][i] = op(a, b) over rows of `inner` numbers; a side's row step is 0 where the same row serves all.
// i: 0 a, 1 b, 2 out, 3 total numbers, 4 inner, 5 a's row step, 6 b's row step, 7 a is one number, 8 b is one number,
//    9 rows per chunk, 10 op
KERNEL(elementwise) {
  (void)worker;
  int total = INT(3), inner = INT(4), perChunk = INT(9);
#define ROWS_OF(OP)                                                                                              \
  for (int r = chunk * perChunk, n = least(inner, total - r * inner); r < (chunk + 1) * perChunk && n > 0;       \
       r++, n = least(inner, total - r * inner))                                                                 \
    applyRow(OP, F32(0) + r * INT(5), INT(7), F32(1) + r * INT(6), INT(8), F32(2) + r * inner, n);
  switch (INT(10)) {
    case OP_ADD: ROWS_OF(OP_ADD) break;
    case OP_SUB: ROWS_OF(OP_SUB) break;
    case OP_MUL: ROWS_OF(OP_MUL) break;
    case OP_DIV: ROWS_OF(OP_DIV) break;
    case OP_RELU_GRADIENT: ROWS_OF(OP_RELU_GRADIENT) break;
    case OP_SIGN: ROWS_OF(OP_SIGN) break;
    default: ROWS_OF(OP_RELU)
  }
#undef ROWS_OF
}

// Numbers that are added up before they join a longer sum: keeps float32 rounding from growing with the length.
#define SUM_BLOCK 128

// out[chunk][i] = scale * sum over the chunk's rows of x[row][i].
// i: 0 x, 1 out, 2 total rows, 3 rows per chunk, 4 inner. f: 0 scale
KERNEL(sumRows) {
  (void)worker;
  int inner = INT(4), first = chunk * INT(3), end = least(first + INT(3), INT(2));
  float *out = F32(1) + (intptr_t)chunk * inner;
  f32x4 scale = splat((float)REAL(0));
  for (int c = 0; c < inner; c += 4) {
    f32x4 total = splat(0);
    for (int r = first; r < end;) {
      int blockEnd = least(r + SUM_BLOCK, end);
      const float *x = F32(0) + (intptr_t)r * inner + c;
      f32x4 sum = splat(0);
      if (inner - c >= 4) {
        for (; r < blockEnd; r++, x += inner) sum = add(sum, load(x));
      } else {
        for (; r < blockEnd; r++, x += inner) sum = add(sum, loadPart(x, inner - c));
      }
      total = add(total, sum);
    }
    storeUpTo(out + c, mul(total, scale), inner - c);
  }
}

ALWAYS float laneSum(f32x4 v) {
  return (wasm_f32x4_extract_lane(v, 0) + wasm_f32x4_extract_lane(v, 1)) +
         (wasm_f32x4_extract_lane(v, 2) + wasm_f32x4_extract_lane(v, 3));
}

// out[row] = scale * sum of the row's n numbers, the last row possibly shorter.
// i: 0 x, 1 out, 2 total numbers, 3 n, 4 rows, 5 rows per chunk. f: 0 scale
KERNEL(sumLast) {
  (void)worker;
  int n = INT(3), end = least((chunk + 1) * INT(5), INT(4));
  for (int r = chunk * INT(5); r < end; r++) {
    const float *x = F32(0) + (intptr_t)r * n;
    int length = least(n, INT(2) - r * n);
    f32x4 total = splat(0);
    for (int i = 0; i < length;) {
      f32x4 sum = splat(0);
      int blockEnd = least(i + 4 * SUM_BLOCK, length);
      for (; i + 4 <= blockEnd; i += 4) sum = add(sum, load(x + i));
      if (i < blockEnd) sum = add(sum, loadPart(x + i, blockEnd - i)), i = blockEnd;
      total = add(total, sum);
    }
    F32(1)[r] = laneSum(total) * (float)REAL(0);
  }
}
