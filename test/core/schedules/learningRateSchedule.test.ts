import { describe, expect, test } from 'vitest';
import {
  createLearningRateSchedule,
  learningRateKinds,
  learningRateScheduleSchema,
  warmupSteps,
} from '../../../src/core/schedules/learningRateSchedule.ts';
import type { z } from 'zod';

type Input = z.input<typeof learningRateScheduleSchema>;
const none = { length: 0 };

function steps(input: Input, epochs: number, stepsPerEpoch: number, count = epochs * stepsPerEpoch): number[] {
  const schedule = createLearningRateSchedule(learningRateScheduleSchema.parse(input), { epochs, stepsPerEpoch });
  return Array.from({ length: count }, (_, k) => schedule.at(Math.floor(k / stepsPerEpoch), k % stepsPerEpoch));
}

const near = (expected: readonly number[]) => expected.map((x) => expect.closeTo(x, 12) as number);

describe('decay', () => {
  test('constant without warm-up is the base from the first step on', () => {
    expect(steps({ kind: 'constant', base: 0.3, warmup: none }, 2, 3)).toEqual(Array(6).fill(0.3));
  });

  test('cosine starts at base and its last step still moves', () => {
    const values = steps({ base: 1, warmup: none }, 2, 4);
    expect(values).toEqual(near(Array.from({ length: 8 }, (_, k) => (1 + Math.cos((Math.PI * k) / 8)) / 2)));
    expect(values[0]).toBe(1);
    expect(values.at(-1)).toBeGreaterThan(0);
  });

  test('linear', () => {
    expect(steps({ kind: 'linear', base: 1, end: 0.2, warmup: none }, 1, 4)).toEqual(near([1, 0.8, 0.6, 0.4]));
  });

  test('step multiplies by gamma per stair and stops at end', () => {
    const input: Input = { kind: 'step', base: 1, gamma: 0.1, stepEveryEpochs: 2, end: 0.05, warmup: none };
    expect(steps(input, 6, 1)).toEqual(near([1, 1, 0.1, 0.1, 0.05, 0.05]));
    expect(steps({ kind: 'step', base: 1, warmup: none }, 6, 1)).toEqual(near([1, 1, 0.1, 0.1, 0.01, 0.01]));
  });

  test('per epoch it holds still within an epoch', () => {
    expect(steps({ kind: 'linear', base: 1, per: 'epoch', warmup: none }, 2, 3)).toEqual(
      near([1, 1, 1, 0.5, 0.5, 0.5]),
    );
  });

  test('past the end of the run it stays at end', () => {
    expect(steps({ kind: 'cosine', base: 1, end: 0.1, warmup: none }, 2, 2, 6).slice(4)).toEqual(near([0.1, 0.1]));
  });
});

describe('warm-up', () => {
  test('rises linearly, reaches base at its last step, then decays from base', () => {
    const values = steps({ base: 1, warmup: { length: 2, unit: 'epochs' } }, 8, 2);
    expect(values.slice(0, 5)).toEqual(near([0.25, 0.5, 0.75, 1, 1]));
    expect(values[5]).toBeLessThan(1);
  });

  test('may be given in steps', () => {
    expect(steps({ kind: 'constant', base: 1, warmup: { length: 3, unit: 'steps' } }, 4, 5).slice(0, 4)).toEqual(
      near([1 / 3, 2 / 3, 1, 1]),
    );
  });

  test('the default is 5 epochs of a 40-epoch run', () => {
    const config = learningRateScheduleSchema.parse({ base: 1 });
    expect(warmupSteps(config, { epochs: 40, stepsPerEpoch: 12 })).toBe(60);
  });

  test('by default takes at most an eighth of a short run, and none of a run of one step', () => {
    const config = learningRateScheduleSchema.parse({ base: 1 });
    expect(warmupSteps(config, { epochs: 200, stepsPerEpoch: 12 })).toBe(60);
    expect(warmupSteps(config, { epochs: 5, stepsPerEpoch: 16 })).toBe(10);
    expect(warmupSteps(config, { epochs: 1, stepsPerEpoch: 1 })).toBe(0);
    expect(steps({ base: 1 }, 1, 1)).toEqual([1]);
  });

  test('that is asked for is kept, up to the whole run', () => {
    const config = learningRateScheduleSchema.parse({ base: 1, warmup: { length: 10 } });
    expect(warmupSteps(config, { epochs: 40, stepsPerEpoch: 12 })).toBe(120);
    expect(warmupSteps(config, { epochs: 4, stepsPerEpoch: 12 })).toBe(48);
    expect(steps({ base: 1, warmup: { length: 10 } }, 2, 2)).toEqual([0.25, 0.5, 0.75, 1]);
  });
});

test.each(learningRateKinds)('%s is finite, above 0 within the run and never above base', (kind) => {
  for (const [epochs, stepsPerEpoch] of [
    [1, 1],
    [1, 12],
    [5, 3],
    [40, 12],
  ] as const) {
    for (const rate of steps({ kind, base: 0.01 }, epochs, stepsPerEpoch)) {
      expect(rate).toBeGreaterThan(0);
      expect(rate).toBeLessThanOrEqual(0.01);
    }
  }
});

test.each([
  [{ base: -1 }, 'learningRate.base must be above 0, got -1'],
  [{}, 'learningRate.base must be a number, got nothing'],
  [{ base: 0.1, end: 0.2 }, 'learningRate.end must not be above base: the learning rate decays'],
  [
    { base: 0.1, kind: 'exponential' },
    'learningRate.kind must be one of cosine, constant, step, linear, sweep, got "exponential"',
  ],
  [{ base: 0.1, warmup: { length: -1 } }, 'learningRate.warmup.length must be at least 0, got -1'],
  [{ base: 0.1, warmup: { unit: 'hours' } }, 'learningRate.warmup.unit must be one of epochs, steps, got "hours"'],
])('%j is refused in one sentence', (input, message) => {
  expect(learningRateScheduleSchema.safeParse(input).error?.issues.map((issue) => issue.message)).toEqual([message]);
});
