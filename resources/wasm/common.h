// Training kernels that work in place on the heap of tfjs' WebAssembly backend.
//
// The module imports that heap and owns no memory of its own: no data segments, no stack in memory (every local lives
// in a wasm local), no start function. build.ts checks this, because anything else would overwrite tfjs' data.
// Layouts are tfjs': NHWC images, HWIO filters, row-major matrices, float32.
#pragma once
#include <stdint.h>
#include <wasm_simd128.h>

typedef v128_t f32x4;

#define EXPORT(name) __attribute__((export_name(#name), visibility("default")))
#define ALWAYS static inline __attribute__((always_inline))

// The numbers of one job, written by the caller: pointers and counts, then real numbers.
typedef struct {
  int32_t i[32];
  double f[16];
} Args;

// Computes one chunk of a job. A function of its own each, so that the engine optimises the busy ones first.
#define KERNEL(name) __attribute__((noinline)) static void name(const Args *args, int chunk, int worker)

#define F32(index) ((float *)(uintptr_t)(uint32_t)args->i[index])
#define INT(index) (args->i[index])
#define REAL(index) (args->f[index])

ALWAYS f32x4 load(const float *p) { return wasm_v128_load(p); }
ALWAYS void store(float *p, f32x4 v) { wasm_v128_store(p, v); }
ALWAYS f32x4 splat(float x) { return wasm_f32x4_splat(x); }
ALWAYS f32x4 add(f32x4 a, f32x4 b) { return wasm_f32x4_add(a, b); }
ALWAYS f32x4 sub(f32x4 a, f32x4 b) { return wasm_f32x4_sub(a, b); }
ALWAYS f32x4 mul(f32x4 a, f32x4 b) { return wasm_f32x4_mul(a, b); }
// a * b + c, rounded once where the processor can
ALWAYS f32x4 madd(f32x4 a, f32x4 b, f32x4 c) { return wasm_f32x4_relaxed_madd(a, b, c); }
ALWAYS int least(int a, int b) { return a < b ? a : b; }
ALWAYS int most(int a, int b) { return a > b ? a : b; }

// The first n (1 to 3) numbers at p; zeros in the other lanes.
ALWAYS f32x4 loadPart(const float *p, int n) {
  f32x4 v = wasm_v128_load32_zero(p);
  if (n > 1) v = wasm_v128_load32_lane(p + 1, v, 1);
  if (n > 2) v = wasm_v128_load32_lane(p + 2, v, 2);
  return v;
}

ALWAYS void storePart(float *p, f32x4 v, int n) {
  wasm_v128_store32_lane(p, v, 0);
  if (n > 1) wasm_v128_store32_lane(p + 1, v, 1);
  if (n > 2) wasm_v128_store32_lane(p + 2, v, 2);
}

// n (0 to 4, or more) numbers: a whole vector where it fits
ALWAYS f32x4 loadUpTo(const float *p, int n) { return n >= 4 ? load(p) : loadPart(p, n); }
ALWAYS void storeUpTo(float *p, f32x4 v, int n) {
  if (n >= 4) store(p, v);
  else if (n > 0) storePart(p, v, n);
}

ALWAYS void zero(float *p, int n) {
  int i = 0;
  for (; i + 4 <= n; i += 4) store(p + i, splat(0));
  for (; i < n; i++) p[i] = 0;
}

ALWAYS void copy(float *to, const float *from, int n) {
  int i = 0;
  for (; i + 4 <= n; i += 4) store(to + i, load(from + i));
  for (; i < n; i++) to[i] = from[i];
}

// -1, 0, 1, or not a number
ALWAYS f32x4 signOf(f32x4 x) {
  f32x4 zeroes = splat(0), one = splat(1);
  f32x4 sign = sub(wasm_v128_and(wasm_f32x4_gt(x, zeroes), one), wasm_v128_and(wasm_f32x4_lt(x, zeroes), one));
  return wasm_v128_bitselect(x, sign, wasm_f32x4_ne(x, x));
}
