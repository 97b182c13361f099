import { describe, expect, test } from 'vitest';
import { findOptimizer, hyperparameterNumbers, optimizerCatalogue } from '../../../src/core/optimizers/catalogue.ts';
import type { OptimizerSpec, ScalarSlots, StepNumbers } from '../../../src/core/optimizers/optimizerSpec.ts';
import { createPSchedule, pScheduleSchema } from '../../../src/core/schedules/pSchedule.ts';
import { rhoOf } from '../../../src/core/schedules/rho.ts';
import { startSlots } from '../../../src/core/toy/runToy.ts';

/** Gradients of several sizes and both signs, zero among them. */
const gradients = Array.from({ length: 60 }, (_, k) => (k % 11 === 3 ? 0 : Math.sin(k * 1.7) * 10 ** ((k % 7) - 4)));

interface Path {
  learningRate?: number;
  hyperparameters?: Readonly<Record<string, number | boolean>>;
  p?: number;
}

/** Every weight on the way through `gradients`, from 0.7. */
function path(id: string, { learningRate = 0.01, hyperparameters = {}, p = 2 }: Path = {}): number[] {
  const spec = findOptimizer(id);
  const numbers = hyperparameterNumbers(spec, hyperparameters);
  let theta = 0.7;
  let slots = startSlots(spec, theta);
  return gradients.map((gradient, k) => {
    const step = { ...numbers, learningRate, rho: rhoOf(p), t: k + 1 };
    ({ theta, slots } = spec.updateScalar(theta, gradient, slots, step));
    return theta;
  });
}

const plain = { weightDecay: 0 };

describe('relations between the methods hold exactly', () => {
  test('LPSGDM with beta 0 and weight decay 0 is LPSGD', () => {
    for (const p of [2, 2.7, 6, 100]) {
      const lpsgdm = path('lpsgdm', { hyperparameters: { ...plain, beta: 0 }, p });
      expect(lpsgdm).toEqual(path('lpsgd', { hyperparameters: plain, p }));
    }
  });

  test('LPSGD at p = 2 is SGD', () => {
    expect(path('lpsgd', { hyperparameters: plain })).toEqual(path('sgd', { hyperparameters: plain }));
  });

  test('SGDM with beta 0 is SGD, with and without weight decay', () => {
    for (const weightDecay of [0, 0.1]) {
      const sgdm = path('sgdm', { hyperparameters: { beta: 0, weightDecay } });
      expect(sgdm).toEqual(path('sgd', { hyperparameters: { weightDecay } }));
    }
  });

  test('Signum with beta 0 is signSGD; Lion with equal betas is Signum', () => {
    expect(path('signum', { hyperparameters: { ...plain, beta: 0 } })).toEqual(
      path('signsgd', { hyperparameters: plain }),
    );
    const lion = path('lion', { hyperparameters: { ...plain, beta1: 0.9, beta2: 0.9 } });
    expect(lion).toEqual(path('signum', { hyperparameters: { ...plain, beta: 0.9 } }));
  });

  test('Adam and AdamW are one without weight decay', () => {
    expect(path('adam', { hyperparameters: plain })).toEqual(path('adamw', { hyperparameters: plain }));
  });

  test('Stacey with tau 0 and equal betas is LPSGDM at its p', () => {
    const stacey = path('stacey', {
      hyperparameters: { tau: 0, p: 3, beta1: 0.9, beta2: 0.9, epsilon: 1e-8, weightDecay: 0.01 },
    });
    expect(stacey).toEqual(path('lpsgdm', { hyperparameters: { beta: 0.9, epsilon: 1e-8, weightDecay: 0.01 }, p: 3 }));
  });
});

function distance(a: readonly number[], b: readonly number[]): number {
  return Math.max(...a.map((x, i) => Math.abs(x - b[i]!)));
}

describe('relations between the methods in the limit or up to rounding', () => {
  test('LPSGDM at p = 2 is SGDM with the learning rate divided by 1 - beta', () => {
    const lpsgdm = path('lpsgdm', { learningRate: 0.1, hyperparameters: plain });
    const sgdm = path('sgdm', { learningRate: 0.01, hyperparameters: plain });
    expect(distance(lpsgdm, sgdm)).toBeLessThan(1e-12);
  });

  test('as p grows LPSGD approaches signSGD and LPSGDM approaches Signum', () => {
    const limits = [
      ['lpsgd', 'signsgd'],
      ['lpsgdm', 'signum'],
    ] as const;
    for (const [id, limit] of limits) {
      const sign = path(limit, { hyperparameters: plain });
      const distances = [10, 1e3, 1e5, 1e7].map((p) => {
        const own = path(id, { hyperparameters: { ...plain, epsilon: 0 }, p });
        return distance(own, sign);
      });
      distances.slice(1).forEach((next, i) => expect(next).toBeLessThan(distances[i]! / 10));
      expect(distances.at(-1)).toBeLessThan(1e-6);
    }
  });

  test('Adam without averages, and RMSProp without averages, take the sign of the gradient', () => {
    const sign = path('signsgd', { hyperparameters: plain });
    const adam = path('adam', { hyperparameters: { ...plain, beta1: 0, beta2: 0, epsilon: 0 } });
    const rmsprop = path('rmsprop', { hyperparameters: { ...plain, beta: 0, momentum: 0, epsilon: 0 } });
    expect(distance(adam, sign)).toBeLessThan(1e-12);
    expect(distance(rmsprop, sign)).toBeLessThan(1e-12);
  });
});

test('the size of an LPSGD step is |g|^(1/(p-1))', () => {
  const lpsgd = findOptimizer('lpsgd');
  const move = (gradient: number, p: number): number =>
    -lpsgd.updateScalar(0, gradient, {}, { learningRate: 1, rho: rhoOf(p), epsilon: 0, weightDecay: 0, t: 1 }).theta;
  // 0.001^(1/4) = 0.1778...
  expect(move(1e-3, 5)).toBeCloseTo(0.1778279, 6);
  expect(move(1e-3, 2)).toBe(1e-3);
  expect(move(-1e-3, 5)).toBe(-move(1e-3, 5));
});

const scalars = (spec: OptimizerSpec, hyperparameters: Record<string, number>): StepNumbers => ({
  ...hyperparameterNumbers(spec, {}),
  ...hyperparameters,
  learningRate: 0.01,
});

/** Every weight on the way through `gradients`, with weight and state through JSON before step `storeAt`. */
function walk(spec: OptimizerSpec, storeAt: number): number[] {
  let state = { theta: 0.7, slots: startSlots(spec, 0.7) };
  return gradients.map((gradient, k) => {
    if (k === storeAt) state = JSON.parse(JSON.stringify(state)) as typeof state;
    const step = { ...scalars(spec, {}), rho: 0.5, t: k + 1 };
    state = spec.updateScalar(state.theta, gradient, state.slots, step);
    return state.theta;
  });
}

describe.each(optimizerCatalogue.map((spec) => [spec.id, spec] as const))('%s', (_, spec) => {
  const hasEpsilon = spec.hyperparameters.some(({ key }) => key === 'epsilon');

  test('zero gradients move nothing but weight decay, and never make a NaN, also with epsilon 0', () => {
    const numbers = scalars(spec, { weightDecay: 0, ...(hasEpsilon ? { epsilon: 0 } : {}) });
    for (const rho of [0, 0.5, 0.8, 0.999]) {
      let theta = 0.7;
      let slots: ScalarSlots = startSlots(spec, theta);
      for (let t = 1; t <= 3; t++) ({ theta, slots } = spec.updateScalar(theta, 0, slots, { ...numbers, rho, t }));
      expect(theta).toBe(0.7);
      expect(Object.values(slots).every(Number.isFinite)).toBe(true);
    }
  });

  test('a gradient that is not a number is not hidden', () => {
    const numbers = { ...scalars(spec, {}), rho: 0.8, t: 1 };
    expect(spec.updateScalar(0.7, NaN, startSlots(spec, 0.7), numbers).theta).toBeNaN();
  });

  test('weight decay is what its record says: apart from the gradient, or part of it', () => {
    const after = (gradient: number, weightDecay: number): number =>
      spec.updateScalar(0.7, gradient, startSlots(spec, 0.7), { ...scalars(spec, { weightDecay }), rho: 0.8, t: 1 })
        .theta;
    const expected = spec.weightDecay === 'decoupled' ? after(0.3, 0) - 0.01 * 0.5 * 0.7 : after(0.3 + 0.5 * 0.7, 0);
    expect(after(0.3, 0.5)).toBeCloseTo(expected, 14);
  });

  test('converges on a quadratic', () => {
    const decays = { kind: 'cosine', pMax: 6 } as const;
    const steps = 2000;
    const ps = createPSchedule(pScheduleSchema.parse(decays), { epochs: steps, stepsPerEpoch: 1 });
    // the momentum of Stacey remembers 1000 steps by default, too slow to settle here
    const quick: Record<string, number> = spec.id === 'stacey' ? { alpha: 0.05, tau: 0.01, beta2: 0.9 } : {};
    const numbers = scalars(spec, { ...quick, weightDecay: 0 });
    let theta = 3;
    let slots: ScalarSlots = startSlots(spec, theta);
    for (let t = 1; t <= steps; t++) {
      const learningRate = 0.02 * (1 - (t - 1) / steps);
      const step = { ...numbers, learningRate, rho: ps.at(t - 1, 0).rho, t };
      ({ theta, slots } = spec.updateScalar(theta, 2 * (theta - 1), slots, step));
    }
    expect(Math.abs(theta - 1)).toBeLessThan(0.01);
  });

  test('its state is complete: stored as JSON half-way and continued, it takes the same steps', () => {
    expect(walk(spec, 25)).toEqual(walk(spec, Infinity));
  });
});
