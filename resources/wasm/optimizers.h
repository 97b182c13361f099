// Optimizer updates in one pass over memory: weight and state are rewritten in place. Formulas and names are those of
// src/core/optimizers; decoupled decay is summed as theta - lr (direction + wd theta), so that no factor near 1 is
// rounded. Sums of squares are taken in float32 over a few numbers, then in float64.
#pragma once
#include "common.h"

// x / (|x| + epsilon)^rho for 0 <= rho <= 1; 0 for 0; not a number stays so.

// For an epsilon of 2^-62 and more, within 2.3e-6 (2e-3 for sizes above 2^60): between two sizes that differ by 1 in their
// first eight binary digits the power is nearly a line of the size, whose two numbers a table made for this rho has for
// each exponent and each eight digits. One multiplication and one addition take the place of logarithm and exponential.
#define HEAD_DIGITS 8
typedef struct {
  // in registers, because the engine makes a constant anew wherever it is used
  v128_t table, placeMask, signMask;
  f32x4 epsilon;
} LpNorm;

ALWAYS LpNorm lpNorm(const Args *args) {
  LpNorm n = {wasm_i32x4_splat(INT(7)), wasm_i32x4_splat(INT(8)), wasm_i32x4_splat(INT(9)), splat((float)REAL(4))};
  return n;
}

ALWAYS f32x4 sizeOf(f32x4 x, LpNorm n) { return add(wasm_v128_andnot(x, n.signMask), n.epsilon); }

// Where the lines of four sizes are: the eight bits of the exponent and the first digits, times 8 bytes.
ALWAYS v128_t placesOf(f32x4 size, LpNorm n) {
  return wasm_i32x4_add(wasm_v128_and(wasm_u32x4_shr(size, 23 - HEAD_DIGITS - 3), n.placeMask), n.table);
}

#define LINE(place) ((const void *)(uintptr_t)(place))
// x times the power of its size, by the lines at four places
ALWAYS f32x4 scaledByLines(f32x4 x, f32x4 size, uint32_t a, uint32_t b, uint32_t c, uint32_t d) {
  v128_t low = wasm_v128_load64_lane(LINE(b), wasm_v128_load64_zero(LINE(a)), 1);
  v128_t high = wasm_v128_load64_lane(LINE(d), wasm_v128_load64_zero(LINE(c)), 1);
  f32x4 start = wasm_i32x4_shuffle(low, high, 0, 2, 4, 6), slope = wasm_i32x4_shuffle(low, high, 1, 3, 5, 7);
  return mul(x, madd(size, slope, start));
}

ALWAYS f32x4 lpDirection(f32x4 x, LpNorm n) {
  f32x4 size = sizeOf(x, n);
  v128_t places = placesOf(size, n);
  uint64_t first = (uint64_t)wasm_i64x2_extract_lane(places, 0), second = (uint64_t)wasm_i64x2_extract_lane(places, 1);
  return scaledByLines(x, size, (uint32_t)first, (uint32_t)(first >> 32), (uint32_t)second, (uint32_t)(second >> 32));
}

// For any epsilon: log2(size) = e + log2(1 + z) with 1 + z in [sqrt(1/2), sqrt(2)). rho e is split so that its part that
// counts is exact: rho = high + low, high a multiple of 2^-12, |e| < 256. The power of two is applied in halves, for the
// whole range of float32, denormals included. Polynomials: minimax fits of ours, 1.2e-9 (log2) and 1.9e-9 (exp2).
typedef struct {
  f32x4 epsilon, rho, high, low;
} LpNormAny;

ALWAYS LpNormAny lpNormAny(double rho, double epsilon) {
  double high = __builtin_nearbyint(rho * 4096) / 4096;
  LpNormAny n = {splat((float)epsilon), splat((float)rho), splat((float)high), splat((float)(rho - high))};
  return n;
}

ALWAYS f32x4 lpDirectionAny(f32x4 x, LpNormAny norm) {
  f32x4 size = add(wasm_f32x4_abs(x), norm.epsilon);
  v128_t tiny = wasm_f32x4_lt(size, splat(0x1p-126f));
  size = wasm_v128_bitselect(mul(size, splat(0x1p24f)), size, tiny);
  v128_t shifted = wasm_i32x4_sub(size, wasm_i32x4_splat(0x3f3504f3));
  v128_t exponent = wasm_i32x4_shr(shifted, 23);
  f32x4 z = sub(wasm_i32x4_sub(size, wasm_i32x4_shl(exponent, 23)), splat(1));
  exponent = wasm_i32x4_sub(exponent, wasm_v128_and(tiny, wasm_i32x4_splat(24)));
  f32x4 e = wasm_f32x4_convert_i32x4(exponent);

  f32x4 p = splat(-0x1.c18a4ap-4f);
  p = madd(p, z, splat(0x1.81d2d2p-3f));
  p = madd(p, z, splat(-0x1.89f060p-3f));
  p = madd(p, z, splat(0x1.a2627ep-3f));
  p = madd(p, z, splat(-0x1.ea46d4p-3f));
  p = madd(p, z, splat(0x1.27814cp-2f));
  p = madd(p, z, splat(-0x1.715da6p-2f));
  p = madd(p, z, splat(0x1.ec7090p-2f));
  p = madd(p, z, splat(-0x1.71546ap-1f));
  p = madd(p, z, splat(0x1.715476p+0f));
  f32x4 logarithm = mul(p, z);

  // -rho log2(size) = whole + fraction
  f32x4 exact = mul(norm.high, e);
  f32x4 rest = madd(norm.low, e, mul(norm.rho, logarithm));
  f32x4 whole = wasm_f32x4_nearest(add(exact, rest));
  f32x4 fraction = wasm_f32x4_neg(add(sub(exact, whole), rest));
  v128_t power = wasm_i32x4_neg(wasm_i32x4_trunc_sat_f32x4(whole));

  f32x4 q = splat(0x1.448fe8p-13f);
  q = madd(q, fraction, splat(0x1.5f48c8p-10f));
  q = madd(q, fraction, splat(0x1.3b2a76p-7f));
  q = madd(q, fraction, splat(0x1.c6ae8ap-5f));
  q = madd(q, fraction, splat(0x1.ebfbdep-3f));
  q = madd(q, fraction, splat(0x1.62e430p-1f));
  f32x4 mantissa = madd(q, fraction, splat(1));

  v128_t half = wasm_i32x4_shr(power, 1);
  v128_t bias = wasm_i32x4_splat(127);
  f32x4 first = wasm_i32x4_shl(wasm_i32x4_add(half, bias), 23);
  f32x4 second = wasm_i32x4_shl(wasm_i32x4_add(wasm_i32x4_sub(power, half), bias), 23);
  // the mantissa last: scaling a denormal up is exact, multiplying it is not
  return mul(mul(mul(x, first), second), mantissa);
}

// a / b, and 0 where b is 0
ALWAYS f32x4 quotient(f32x4 a, f32x4 b) {
  return wasm_v128_andnot(wasm_f32x4_div(a, b), wasm_f32x4_eq(b, splat(0)));
}

// sum (two float64) and four float32 more
ALWAYS v128_t addPairs(v128_t sum, f32x4 x) {
  v128_t low = wasm_f64x2_promote_low_f32x4(x);
  v128_t high = wasm_f64x2_promote_low_f32x4(wasm_i32x4_shuffle(x, x, 2, 3, 0, 1));
  return wasm_f64x2_add(sum, wasm_f64x2_add(low, high));
}

ALWAYS double pairSum(v128_t v) { return wasm_f64x2_extract_lane(v, 0) + wasm_f64x2_extract_lane(v, 1); }

// Reads one number of each cache line ahead of the work. The light updates need it on vectors beyond the cache: where
// the processor does not fetch ahead by itself, its window holds too few of their numbers and waits for each line.
ALWAYS void fetch(const float *p, int n) {
  for (int i = 0; i < n; i += 16) (void)*(const volatile float *)(p + i);
}
#define FETCHED 1024
#define BEYOND_CACHE 3000000
enum { HEAVY, LIGHT };
// numbers whose squares are summed in float32
#define SUMMED 256

// Every update: i: 0 theta, 1 g, 2 and 3 state, 4 norms (float64 per chunk: g^2, step^2, theta^2), 5 count, 6 per chunk.
// i: 7 lines of powers, 8 mask of their places, 9 mask of a sign, 10 room for BLOCK integers of each thread.
// f: 0 lr, 1 wd, 2 beta or beta1, 3 beta2, 4 epsilon, 5 rho, 6 1 / (1 - beta1^t), 7 1 / (1 - beta2^t), 8 nesterov,
//    9 momentum, 10 alpha, 11 tau
#define UPDATE(NAME, WEIGHT, STATES, SETUP, BODY)                                  \
  KERNEL(NAME) {                                                                   \
    (void)worker;                                                                  \
    float *theta_ = F32(0), *s_ = F32(2), *t_ = F32(3);                            \
    const float *g_ = F32(1);                                                      \
    int i = chunk * INT(6), last = least(i + INT(6), INT(5)), fetched = i;         \
    int ahead = WEIGHT == LIGHT && INT(5) > BEYOND_CACHE;                          \
    f32x4 lr = splat((float)REAL(0)), wd = splat((float)REAL(1));                  \
    (void)wd, (void)s_, (void)t_;                                                  \
    v128_t gTotal = splat(0), stepTotal = splat(0), thetaTotal = splat(0);         \
    SETUP                                                                          \
    while (i < last) {                                                             \
      if (ahead && i == fetched) {                                                 \
        fetched = least(i + FETCHED, last);                                        \
        fetch(theta_ + i, fetched - i), fetch(g_ + i, fetched - i);                \
        if (STATES > 0) fetch(s_ + i, fetched - i);                                \
      }                                                                            \
      int end = least(i + SUMMED, last);                                           \
      f32x4 gSum = splat(0), stepSum = splat(0), thetaSum = splat(0);              \
      for (; i + 4 <= end; i += 4) UPDATE_FOUR(STATES, BODY, 4)                    \
      if (i < end) {                                                               \
        UPDATE_FOUR(STATES, BODY, end - i)                                         \
        i = end;                                                                   \
      }                                                                            \
      gTotal = addPairs(gTotal, gSum), stepTotal = addPairs(stepTotal, stepSum);   \
      thetaTotal = addPairs(thetaTotal, thetaSum);                                 \
    }                                                                              \
    double *norms = (double *)F32(4) + chunk * 3;                                  \
    norms[0] = pairSum(gTotal), norms[1] = pairSum(stepTotal), norms[2] = pairSum(thetaTotal); \
  }
#define UPDATE_FOUR(STATES, BODY, n)                                               \
  {                                                                                \
    f32x4 theta = loadUpTo(theta_ + i, n), g = loadUpTo(g_ + i, n), next;          \
    f32x4 s = STATES > 0 ? loadUpTo(s_ + i, n) : splat(0);                         \
    f32x4 t = STATES > 1 ? loadUpTo(t_ + i, n) : splat(0);                         \
    gSum = madd(g, g, gSum), thetaSum = madd(theta, theta, thetaSum);              \
    BODY;                                                                          \
    f32x4 moved = sub(next, theta);                                                \
    stepSum = madd(moved, moved, stepSum);                                         \
    storeUpTo(theta_ + i, next, n);                                                \
    if (STATES > 0) storeUpTo(s_ + i, s, n);                                       \
    if (STATES > 1) storeUpTo(t_ + i, t, n);                                       \
    (void)t;                                                                       \
  }

#define BETA(name, index) \
  f32x4 name = splat((float)REAL(index));  \
  f32x4 name##Rest = splat((float)(1 - REAL(index)));
#define AVERAGE(beta, old, fresh) madd(old, beta, mul(fresh, beta##Rest))
#define COUPLED g = madd(theta, wd, g)
// theta - lr direction, rounded once where the processor can
#define DESCEND(direction) next = wasm_f32x4_relaxed_nmadd(direction, lr, theta)
#define DESCEND_WITH_DECAY(direction) DESCEND(madd(theta, wd, direction))

UPDATE(sgd, LIGHT, 0, , COUPLED; DESCEND(g))

UPDATE(sgdm, LIGHT, 1, f32x4 beta = splat((float)REAL(2)); v128_t nesterov = wasm_f32x4_ne(splat((float)REAL(8)), splat(0));
       , COUPLED; s = madd(s, beta, g); DESCEND(wasm_v128_bitselect(madd(s, beta, g), s, nesterov)))

// The bulk of lpsgd and lpsgdm, in two loops over each block: the first finds the places, the second follows them. As one,
// the chain from a gradient to its weight is so long that the processor cannot work on enough weights at a time. Each loop
// takes 16 numbers a turn. What is left of a chunk goes the usual way.
#define BLOCK 256
#define LP_BLOCKS(STATES, FRESH)                                                           \
  uint32_t *places = (uint32_t *)F32(10) + worker * BLOCK, *end = places + BLOCK;          \
  float *x_ = STATES > 0 ? s_ : (float *)F32(1);                                           \
  for (; i + BLOCK <= last; i += BLOCK) {                                                  \
    f32x4 gSum = splat(0), stepSum = splat(0), thetaSum = splat(0);                        \
    const float *gAt = g_ + i;                                                             \
    float *xAt = x_ + i, *thetaAt = theta_ + i;                                            \
    uint32_t *place = places;                                                              \
    do {                                                                                   \
      LP_PLACES(STATES, FRESH, 0) LP_PLACES(STATES, FRESH, 4)                              \
      LP_PLACES(STATES, FRESH, 8) LP_PLACES(STATES, FRESH, 12)                             \
      gAt += 16, xAt += 16, place += 16;                                                   \
    } while (place != end);                                                                \
    xAt = x_ + i, place = places;                                                          \
    do {                                                                                   \
      LP_DESCEND(0) LP_DESCEND(4) LP_DESCEND(8) LP_DESCEND(12)                             \
      thetaAt += 16, xAt += 16, place += 16;                                               \
    } while (place != end);                                                                \
    gTotal = addPairs(gTotal, gSum), stepTotal = addPairs(stepTotal, stepSum);             \
    thetaTotal = addPairs(thetaTotal, thetaSum);                                           \
  }                                                                                        \
  fetched = i;
#define LP_PLACES(STATES, FRESH, at)                                                       \
  {                                                                                        \
    f32x4 g = load(gAt + at), s = STATES > 0 ? load(xAt + at) : g;                         \
    FRESH;                                                                                 \
    if (STATES > 0) store(xAt + at, s);                                                    \
    gSum = madd(g, g, gSum);                                                               \
    wasm_v128_store(place + at, placesOf(sizeOf(s, norm), norm));                          \
  }
#define LP_DESCEND(at)                                                                     \
  {                                                                                        \
    f32x4 x = load(xAt + at), theta = load(thetaAt + at), next;                            \
    const uint32_t *p = place + at;                                                        \
    DESCEND_WITH_DECAY(scaledByLines(x, sizeOf(x, norm), p[0], p[1], p[2], p[3]));         \
    store(thetaAt + at, next);                                                             \
    f32x4 moved = sub(next, theta);                                                        \
    stepSum = madd(moved, moved, stepSum), thetaSum = madd(theta, theta, thetaSum);        \
  }

// lpsgd, lpsgdm and stacey exist twice: for an epsilon of 2^-62 and more, and for any
#define LP_UPDATES(SUFFIX, NORM, DIRECTION, BLOCKS)                                                           \
  UPDATE(lpsgd##SUFFIX, LIGHT, 0, NORM BLOCKS(0, ), DESCEND_WITH_DECAY(DIRECTION(g, norm)))                   \
  UPDATE(lpsgdm##SUFFIX, LIGHT, 1, NORM BETA(beta, 2) BLOCKS(1, s = AVERAGE(beta, s, g))                      \
         , s = AVERAGE(beta, s, g); DESCEND_WITH_DECAY(DIRECTION(s, norm)))                                   \
  /* state: m, z. theta moves by tau (z - theta) - lr (wd theta + (1 - tau) direction) */                     \
  UPDATE(stacey##SUFFIX, HEAVY, 2, NORM BETA(beta1, 2) BETA(beta2, 3) BETA(tau, 11)                           \
         f32x4 alpha = splat((float)REAL(10));                                                                \
         , f32x4 c = AVERAGE(beta1, s, g); t = sub(t, mul(c, alpha)); s = AVERAGE(beta2, s, g);               \
         f32x4 step = mul(lr, add(mul(DIRECTION(c, norm), tauRest), mul(theta, wd)));                         \
         next = add(theta, sub(mul(sub(t, theta), tau), step)))
#define NO_BLOCKS(STATES, FRESH)
LP_UPDATES(, LpNorm norm = lpNorm(args);, lpDirection, LP_BLOCKS)
LP_UPDATES(Any, LpNormAny norm = lpNormAny(REAL(5), REAL(4));, lpDirectionAny, NO_BLOCKS)

UPDATE(signsgd, LIGHT, 0, , DESCEND_WITH_DECAY(signOf(g)))

UPDATE(signum, LIGHT, 1, BETA(beta, 2), s = AVERAGE(beta, s, g); DESCEND_WITH_DECAY(signOf(s)))

UPDATE(lion, LIGHT, 1, BETA(beta1, 2) BETA(beta2, 3)
       , f32x4 c = AVERAGE(beta1, s, g); s = AVERAGE(beta2, s, g); DESCEND_WITH_DECAY(signOf(c)))

#define ADAM_SETUP                                                    \
  BETA(beta1, 2) BETA(beta2, 3) f32x4 epsilon = splat((float)REAL(4)); \
  f32x4 correction1 = splat((float)REAL(6)); \
  f32x4 correction2 = splat((float)REAL(7));
#define ADAM_DIRECTION                                 \
  s = AVERAGE(beta1, s, g);                            \
  t = AVERAGE(beta2, t, mul(g, g));                    \
  f32x4 direction = quotient(mul(s, correction1), add(wasm_f32x4_sqrt(mul(t, correction2)), epsilon))

UPDATE(adam, HEAVY, 2, ADAM_SETUP, COUPLED; ADAM_DIRECTION; DESCEND(direction))

UPDATE(adamw, HEAVY, 2, ADAM_SETUP, ADAM_DIRECTION; DESCEND_WITH_DECAY(direction))

// state: v, a
UPDATE(rmsprop, HEAVY, 2, BETA(beta, 2) f32x4 epsilon = splat((float)REAL(4)); f32x4 momentum = splat((float)REAL(9));
       , COUPLED; s = AVERAGE(beta, s, mul(g, g));
       t = add(mul(t, momentum), quotient(g, add(wasm_f32x4_sqrt(s), epsilon))); DESCEND(t))
