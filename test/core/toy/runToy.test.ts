import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { optimizerIds } from '../../../src/core/optimizers/catalogue.ts';
import { learningRateScheduleSchema } from '../../../src/core/schedules/learningRateSchedule.ts';
import { pScheduleSchema } from '../../../src/core/schedules/pSchedule.ts';
import { paperToyPresets } from '../../../src/core/toy/paperPresets.ts';
import { runToy } from '../../../src/core/toy/runToy.ts';
import { namedToyFunctions, toyFunction } from '../../../src/core/toy/toyFunctions.ts';
import type { Point } from '../../../src/core/toy/toyFunctions.ts';

interface GoldenCase {
  function: string;
  optimizer: string;
  hyperparameters: Record<string, number | boolean>;
  learningRate: number;
  pSchedule: Record<string, unknown>;
  start: [number, number];
  trajectory: [number, number, number][];
}

const golden = JSON.parse(readFileSync(new URL('../../golden/optimizers/toy.json', import.meta.url), 'utf8')) as {
  steps: number;
  cases: GoldenCase[];
};

function largestDifference(a: readonly (readonly number[])[], b: readonly (readonly number[])[]): number {
  expect(a.length).toBe(b.length);
  const differences = a.flatMap((row, i) =>
    row.map((x, j) => Math.abs(x - b[i]![j]!) / Math.max(1, Math.abs(b[i]![j]!))),
  );
  return differences.reduce((worst, x) => (x > worst || Number.isNaN(x) ? x : worst), 0);
}

describe('100 steps equal an independent NumPy float64 trajectory to 1e-12', () => {
  test.each(golden.cases.map((each) => [`${each.optimizer} on ${each.function}`, each] as const))('%s', (_, each) => {
    const { trajectory, diverged } = runToy({
      ...each,
      pSchedule: pScheduleSchema.parse(each.pSchedule),
      steps: golden.steps,
    });
    expect(diverged).toBeUndefined();
    expect(trajectory).toHaveLength(golden.steps + 1);
    expect(largestDifference(trajectory, each.trajectory)).toBeLessThanOrEqual(1e-12);
  });

  test('every optimizer is among them, on every function', () => {
    for (const id of optimizerIds) {
      const functions = golden.cases.filter(({ optimizer }) => optimizer === id).map((each) => each.function);
      expect(new Set(functions)).toEqual(new Set(Object.keys(namedToyFunctions)));
    }
  });
});

describe('functions', () => {
  test.each(Object.entries(namedToyFunctions))('the gradient of %s is the slope of its value', (_, target) => {
    const h = 1e-6;
    for (const [a, b] of [
      [-2, 9],
      [0.3, -0.7],
      [1.5, 4.2],
    ] as const) {
      const [slopeA, slopeB] = target.gradient([a, b]);
      expect(slopeA).toBeCloseTo((target.value([a + h, b]) - target.value([a - h, b])) / (2 * h), 3);
      expect(slopeB).toBeCloseTo((target.value([a, b + h]) - target.value([a, b - h])) / (2 * h), 3);
    }
  });

  test('the least value of the paper functions is 0 at (1, 4), of Rosenbrock at (1, 1)', () => {
    expect(toyFunction('strong').value([1, 4])).toBe(0);
    expect(toyFunction('weak').value([1, 4])).toBe(0);
    expect(toyFunction('rosenbrock').value([1, 1])).toBe(0);
    // 200/2 (-2-1)^2 + 0.05/2 (9-4)^2 = 900 + 0.625
    expect(toyFunction('strong').value([-2, 9])).toBeCloseTo(900.625, 12);
    // 1.2/2 (-2-1)^2 + 0.8/2 (9-4)^2 = 5.4 + 10
    expect(toyFunction('weak').value([-2, 9])).toBeCloseTo(15.4, 12);
  });

  test('a diagonal quadratic of your own', () => {
    const own = toyFunction({ kind: 'quadratic', curvatures: [2, 4], centre: [1, -1] });
    expect(own.value([3, 1])).toBe(4 + 8);
    expect(own.gradient([3, 1])).toEqual([4, 8]);
  });

  test('an unknown function names the nearest', () => {
    expect(() => toyFunction('stong')).toThrow(/"stong".*did you mean "strong"/);
    expect(() => toyFunction('toString')).toThrow(expect.objectContaining({ code: 'unknownFunction' }));
  });
});

describe('runToy', () => {
  const start: Point = [-2, 9];

  test('a trajectory starts at the start and has one point per step', () => {
    const { trajectory } = runToy({ function: 'strong', optimizer: 'sgd', learningRate: 0.002, steps: 3, start });
    expect(trajectory).toHaveLength(4);
    expect(trajectory[0]).toEqual([-2, 9, 900.625]);
    // a - 0.002 * 200 * (a - 1) = -2 + 1.2
    expect(trajectory[1]![0]).toBeCloseTo(-0.8, 12);
  });

  test('one step is one epoch of the p schedule: the last step of the cosine is an SGD step', () => {
    const { trajectory } = runToy({
      function: 'weak',
      optimizer: 'lpsgd',
      learningRate: 0.1,
      hyperparameters: { weightDecay: 0 },
      steps: 50,
      start,
    });
    const [beforeA, beforeB] = trajectory.at(-2)!;
    const [slopeA, slopeB] = toyFunction('weak').gradient([beforeA, beforeB]);
    expect(trajectory.at(-1)!.slice(0, 2)).toEqual([beforeA - 0.1 * slopeA, beforeB - 0.1 * slopeB]);
  });

  test('a descent that leaves the finite numbers stops there and says at which step', () => {
    const { trajectory, diverged } = runToy({
      function: 'strong',
      optimizer: 'sgd',
      learningRate: 1,
      steps: 500,
      start,
    });
    expect(diverged).toEqual({ step: trajectory.length });
    expect(trajectory.flat().every(Number.isFinite)).toBe(true);
    expect(trajectory.length).toBeLessThan(500);
  });

  test('the learning rate may follow a schedule', () => {
    const learningRate = learningRateScheduleSchema.parse({ kind: 'linear', base: 0.1, warmup: { length: 0 } });
    const { trajectory } = runToy({
      function: { kind: 'quadratic', curvatures: [0, 1], centre: [0, 0] },
      optimizer: 'signsgd',
      learningRate,
      steps: 4,
      start: [0, 5],
    });
    const moves = trajectory.slice(1).map(([, b], i) => trajectory[i]![1] - b);
    [0.1, 0.075, 0.05, 0.025].forEach((expected, i) => expect(moves[i]).toBeCloseTo(expected, 12));
  });

  test.each(paperToyPresets.map(({ id, run }) => [id, run] as const))(
    'the preset %s ends where it should',
    (id, run) => {
      const [a, b] = runToy(run).trajectory.at(-1)!;
      // sign descent circles the minimum within one step of it
      const reach = run.optimizer === 'signsgd' ? (run.learningRate as number) : 1e-6;
      // gradient descent leaves (1 - 0.002 * 0.05)^200 of the way along the flat direction, 98 %
      const restB = id === 'strong-gd' ? 5 * (1 - 0.002 * 0.05) ** 200 : 0;
      expect(Math.abs(a - 1)).toBeLessThanOrEqual(reach);
      expect(Math.abs(b - 4 - restB)).toBeLessThanOrEqual(reach);
    },
  );

  test.each([
    [{ steps: 0 }, /steps must be a whole number of at least 1, got 0/],
    [{ steps: 1.5 }, /steps must be/],
    [{ learningRate: -1 }, /learningRate must be above 0, got -1/],
    [{ hyperparameters: { weightDecay: -1 } }, /weightDecay must be at least 0, got -1/],
    [{ start: [NaN, 0] as const }, /start must be two finite numbers/],
  ])('%j is refused', (change, message) => {
    expect(() => runToy({ function: 'weak', optimizer: 'sgd', steps: 5, start, ...change })).toThrow(message);
  });
});
