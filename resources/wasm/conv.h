// conv2d and its two gradients, one image after the other, without im2col: in NHWC the columns (kw, c) that one filter
// row meets lie side by side, so a convolution is a matrix product whose rows overlap. Images are first copied into
// worker scratch with their zero border, unless they need none.
#pragma once
#include "common.h"
#include "gemm.h"

// i: 0 X, 1 panels or dY, 2 out, 3 scratch, 4 scratch per worker, 5 H, 6 W, 7 C, 8 outH, 9 outW, 10 outC, 11 KH, 12 KW,
//    13 strideH, 14 strideW, 15 top, 16 left, 17 padded H, 18 padded W, 19 needs a border,
//    20 images per chunk, 21 images
#define CONV_SHAPE                                                                                     \
  int H = INT(5), W = INT(6), C = INT(7), outH = INT(8), outW = INT(9), outC = INT(10), KH = INT(11),  \
      KW = INT(12), strideH = INT(13), strideW = INT(14), top = INT(15), left = INT(16), PH = INT(17), \
      PW = INT(18), bordered = INT(19);                                                                \
  (void)H, (void)W, (void)C, (void)outH, (void)outW, (void)outC, (void)KH, (void)KW, (void)strideH,    \
      (void)strideW, (void)top, (void)left, (void)PH, (void)PW, (void)bordered

// Copies one image into a zero frame of PH x PW pixels at (top, left); rows that do not fit are left out.
ALWAYS void frameImage(float *to, const float *image, int H, int W, int C, int PH, int PW, int top, int left) {
  int width = least(W, PW - left);
  for (int y = 0; y < PH; y++, to += PW * C) {
    int from = y - top;
    if (from < 0 || from >= H) {
      zero(to, PW * C);
      continue;
    }
    zero(to, left * C);
    copy(to + left * C, image + (intptr_t)from * W * C, width * C);
    zero(to + (left + width) * C, (PW - left - width) * C);
  }
}

// Y[n,y,x,o] = sum over kh, kw, c of X[n, strideH y + kh - top, strideW x + kw - left, c] F[kh,kw,c,o]
KERNEL(convForward) {
  CONV_SHAPE;
  const float *image = F32(0) + (intptr_t)chunk * H * W * C;
  const float *panels = F32(1);
  float *out = F32(2) + (intptr_t)chunk * outH * outW * outC;
  if (bordered) {
    float *frame = F32(3) + (intptr_t)worker * INT(4);
    frameImage(frame, image, H, W, C, PH, PW, top, left);
    image = frame;
  }
  int rowLength = PW * C, depth = KW * C, pixels = outH * outW;
  // as many panels as stay in the cache together are used on each group of pixels
  int together = most(1, 16384 / (KH * depth * PANEL)) * PANEL;
  for (int o0 = 0; o0 < outC; o0 += together) {
    int oEnd = least(o0 + together, outC);
    int y = 0, x = 0;
    for (int p = 0; p < pixels; p += ROWS) {
#define NEXT_PIXEL(r)                                                                            \
  const float *pixel##r = image + (intptr_t)y * strideH * rowLength + x * strideW * C;           \
  float *to##r = out + (y * outW + x) * outC;                                                    \
  /* pixels past the end repeat the last one */                                                  \
  if (p + r + 1 < pixels && ++x == outW) x = 0, y++;
      NEXT_PIXEL(0) NEXT_PIXEL(1) NEXT_PIXEL(2) NEXT_PIXEL(3)
#undef NEXT_PIXEL
      for (int o = o0; o < oEnd; o += PANEL) {
        const float *panel = panels + (intptr_t)o * KH * depth;
        f32x4 acc[8] = {splat(0), splat(0), splat(0), splat(0), splat(0), splat(0), splat(0), splat(0)};
        const float *a0 = pixel0, *a1 = pixel1, *a2 = pixel2, *a3 = pixel3;
        for (int kh = 0; kh < KH; kh++) {
          MULTIPLY(acc, a0, a1, a2, a3, 1, panel, depth)
          panel += depth * PANEL;
          a0 += rowLength, a1 += rowLength, a2 += rowLength, a3 += rowLength;
        }
        int columns = outC - o;
        storePanelRow(to0 + o, acc[0], acc[1], columns);
        storePanelRow(to1 + o, acc[2], acc[3], columns);
        storePanelRow(to2 + o, acc[4], acc[5], columns);
        storePanelRow(to3 + o, acc[6], acc[7], columns);
      }
    }
  }
}

// dX for a stride above 1: each dY pixel times the filter is added to the frame of dX where it came from. Here X is dY
// as seen by the caller: 0 dY, 1 panels [kh][panel of (kw, c)][o][8], 2 dX; shapes are those of the forward pass.
KERNEL(convInputGradient) {
  CONV_SHAPE;
  const float *dy = F32(0) + (intptr_t)chunk * outH * outW * outC;
  const float *panels = F32(1);
  float *dx = F32(2) + (intptr_t)chunk * H * W * C;
  float *frame = F32(3) + (intptr_t)worker * INT(4);
  zero(frame, PH * PW * C);
  int depth = KW * C, rowLength = PW * C, perRow = (depth + PANEL - 1) / PANEL;
  for (int y = 0; y < outH; y++) {
    for (int kh = 0; kh < KH; kh++) {
      float *row = frame + (intptr_t)(y * strideH + kh) * rowLength;
      for (int j = 0; j < perRow; j++) {
        const float *panel = panels + (intptr_t)(kh * perRow + j) * outC * PANEL;
        int columns = depth - j * PANEL;
        for (int x = 0; x < outW; x += ROWS) {
          int valid = least(outW - x, ROWS);
          const float *a0 = dy + ((intptr_t)y * outW + x) * outC;
          const float *a1 = a0 + least(1, valid - 1) * outC, *a2 = a0 + least(2, valid - 1) * outC,
                      *a3 = a0 + least(3, valid - 1) * outC;
          f32x4 acc[8] = {splat(0), splat(0), splat(0), splat(0), splat(0), splat(0), splat(0), splat(0)};
          MULTIPLY(acc, a0, a1, a2, a3, 1, panel, outC)
          float *to = row + x * strideW * C + j * PANEL;
#define SCATTER(r)                                                                                          \
  if (valid > r) {                                                                                          \
    float *t = to + r * strideW * C;                                                                        \
    storeUpTo(t, add(loadUpTo(t, columns), acc[2 * r]), columns);                                           \
    if (columns > 4) storeUpTo(t + 4, add(loadUpTo(t + 4, columns - 4), acc[2 * r + 1]), columns - 4);      \
  }
          SCATTER(0) SCATTER(1) SCATTER(2) SCATTER(3)
#undef SCATTER
        }
      }
    }
  }
  int width = least(W, PW - left);
  for (int y = 0; y < H; y++) {
    float *to = dx + (intptr_t)y * W * C;
    if (y + top >= PH) {
      zero(to, W * C);
      continue;
    }
    copy(to, frame + (intptr_t)(y + top) * rowLength + left * C, width * C);
    zero(to + width * C, (W - width) * C);
  }
}

// Rows of an image whose frame and gradient stay in the first-level cache together
#define BLOCK_ROWS 4

// Partial dF of the images of one chunk, [KH][KW C][outC padded to 8], to be summed by sumPartials.
// 0 X, 1 dY, 2 partials; scratch holds the frame and, where outC is no multiple of 8, dY padded to it.
KERNEL(convFilterGradient) {
  CONV_SHAPE;
  int depth = KW * C, rowLength = PW * C, paddedC = (outC + PANEL - 1) / PANEL * PANEL;
  float *partial = F32(2) + (intptr_t)chunk * KH * depth * paddedC;
  zero(partial, KH * depth * paddedC);
  int end = least((chunk + 1) * INT(20), INT(21));
  for (int n = chunk * INT(20); n < end; n++) {
    const float *image = F32(0) + (intptr_t)n * H * W * C;
    const float *dy = F32(1) + (intptr_t)n * outH * outW * outC;
    float *frame = F32(3) + (intptr_t)worker * INT(4);
    if (bordered) {
      frameImage(frame, image, H, W, C, PH, PW, top, left);
      image = frame;
      frame += PH * rowLength + 8;
    }
    if (paddedC != outC) {
      for (int p = 0; p < outH * outW; p++) {
        copy(frame + p * paddedC, dy + p * outC, outC);
        zero(frame + p * paddedC + outC, paddedC - outC);
      }
      dy = frame;
    }
    for (int y0 = 0; y0 < outH; y0 += BLOCK_ROWS) {
      int yEnd = least(y0 + BLOCK_ROWS, outH);
      for (int kh = 0; kh < KH; kh++) {
        for (int m = 0; m < depth; m += ROWS) {
          for (int o = 0; o < paddedC; o += PANEL) {
            f32x4 acc[8] = {splat(0), splat(0), splat(0), splat(0), splat(0), splat(0), splat(0), splat(0)};
            for (int y = y0; y < yEnd; y++) {
              const float *a = image + (intptr_t)(y * strideH + kh) * rowLength + m;
              const float *b = dy + (intptr_t)y * outW * paddedC + o;
              int aStep = strideW * C;
              for (int x = 0; x < outW; x++, a += aStep, b += paddedC) {
                f32x4 b0 = load(b), b1 = load(b + 4);
                f32x4 v = wasm_v128_load32_splat(a);
                acc[0] = madd(v, b0, acc[0]), acc[1] = madd(v, b1, acc[1]);
                v = wasm_v128_load32_splat(a + 1);
                acc[2] = madd(v, b0, acc[2]), acc[3] = madd(v, b1, acc[3]);
                v = wasm_v128_load32_splat(a + 2);
                acc[4] = madd(v, b0, acc[4]), acc[5] = madd(v, b1, acc[5]);
                v = wasm_v128_load32_splat(a + 3);
                acc[6] = madd(v, b0, acc[6]), acc[7] = madd(v, b1, acc[7]);
              }
            }
            float *to = partial + ((intptr_t)kh * depth + m) * paddedC + o;
            int valid = depth - m;
#define COLLECT(r)                                                        \
  if (valid > r) {                                                        \
    float *t = to + r * paddedC;                                          \
    store(t, add(load(t), acc[2 * r]));                                   \
    store(t + 4, add(load(t + 4), acc[2 * r + 1]));                       \
  }
            COLLECT(0) COLLECT(1) COLLECT(2) COLLECT(3)
#undef COLLECT
          }
        }
      }
    }
  }
}

// out[r][c] = sum over parts, in order, of partials[part][r][c]; rows of `columns` numbers, `padded` apart in partials.
// i: 0 partials, 1 out, 2 parts, 3 rows, 4 columns, 5 padded columns, 6 rows per chunk
KERNEL(sumPartials) {
  (void)worker;
  int parts = INT(2), rows = INT(3), columns = INT(4), padded = INT(5), perChunk = INT(6);
  int end = least((chunk + 1) * perChunk, rows);
  intptr_t partSize = (intptr_t)rows * padded;
  for (int r = chunk * perChunk; r < end; r++) {
    const float *from = F32(0) + (intptr_t)r * padded;
    float *to = F32(1) + (intptr_t)r * columns;
    for (int c = 0; c < columns; c += 4) {
      f32x4 sum = splat(0);
      for (int part = 0; part < parts; part++) sum = add(sum, loadUpTo(from + part * partSize + c, columns - c));
      storeUpTo(to + c, sum, columns - c);
    }
  }
}
