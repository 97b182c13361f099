// Max pooling and its gradient, one image per chunk, four channels at a time.
#pragma once
#include "common.h"

// i: 0 x, 1 out (gradient: dy), 2 dx, 3 H, 4 W, 5 C, 6 outH, 7 outW, 8 KH, 9 KW, 10 strideH, 11 strideW, 12 top, 13 left
#define POOL_SHAPE                                                                                                  \
  int H = INT(3), W = INT(4), C = INT(5), outH = INT(6), outW = INT(7), KH = INT(8), KW = INT(9), strideH = INT(10), \
      strideW = INT(11), top = INT(12), left = INT(13);                                                             \
  const float *x = F32(0) + (intptr_t)chunk * H * W * C
#define WINDOW(oy, ox)                                                        \
  int y0 = most(oy * strideH - top, 0), y1 = least(oy * strideH - top + KH, H); \
  int x0 = most(ox * strideW - left, 0), x1 = least(ox * strideW - left + KW, W)

KERNEL(maxPool) {
  (void)worker;
  POOL_SHAPE;
  float *out = F32(1) + (intptr_t)chunk * outH * outW * C;
  for (int oy = 0; oy < outH; oy++) {
    for (int ox = 0; ox < outW; ox++, out += C) {
      WINDOW(oy, ox);
      for (int c = 0; c < C; c += 4) {
        f32x4 best = splat(-__builtin_inff());
        for (int y = y0; y < y1; y++) {
          for (int px = x0; px < x1; px++) {
            best = wasm_f32x4_max(best, loadUpTo(x + (y * W + px) * C + c, C - c));
          }
        }
        storeUpTo(out + c, best, C - c);
      }
    }
  }
}

// The whole gradient of a window goes to its first largest number, as on tfjs' cpu device.
KERNEL(maxPoolGradient) {
  (void)worker;
  POOL_SHAPE;
  const float *dy = F32(1) + (intptr_t)chunk * outH * outW * C;
  float *dx = F32(2) + (intptr_t)chunk * H * W * C;
  zero(dx, H * W * C);
  for (int oy = 0; oy < outH; oy++) {
    for (int ox = 0; ox < outW; ox++, dy += C) {
      WINDOW(oy, ox);
      for (int c = 0; c < C; c += 4) {
        f32x4 best = splat(-__builtin_inff());
        v128_t where = wasm_i32x4_splat(-1);
        for (int y = y0; y < y1; y++) {
          for (int px = x0; px < x1; px++) {
            f32x4 v = loadUpTo(x + (y * W + px) * C + c, C - c);
            v128_t larger = wasm_f32x4_gt(v, best);
            best = wasm_v128_bitselect(v, best, larger);
            where = wasm_v128_bitselect(wasm_i32x4_splat(y * W + px), where, larger);
          }
        }
        f32x4 gradient = loadUpTo(dy + c, C - c);
        for (int y = y0; y < y1; y++) {
          for (int px = x0; px < x1; px++) {
            float *to = dx + (y * W + px) * C + c;
            v128_t here = wasm_i32x4_eq(where, wasm_i32x4_splat(y * W + px));
            storeUpTo(to, add(loadUpTo(to, C - c), wasm_v128_and(gradient, here)), C - c);
          }
        }
      }
    }
  }
}
