import { describe, expect, test } from 'vitest';
import { seedStatistics, type Curve } from '../../../src/core/metrics/seedStatistics.ts';
import { golden } from './golden.ts';

const curve = (xs: number[], ys: number[]): Curve => ({ xs, ys, length: xs.length });

function expectClose(actual: ArrayLike<number>, expected: readonly number[]): void {
  expect(actual.length).toBe(expected.length);
  expected.forEach((value, i) => expect(actual[i]).toBeCloseTo(value, 12));
}

describe('statistics over seeds', () => {
  test('equal NumPy for curves of different spacing and length', () => {
    const { curves, xs, means, deviations, minimums, maximums, counts } = golden.seeds;
    const result = seedStatistics(curves.map((example) => curve(example.xs, example.ys)));
    expectClose(result.xs, xs);
    expectClose(result.means, means);
    expectClose(result.deviations, deviations);
    expectClose(result.minimums, minimums);
    expectClose(result.maximums, maximums);
    expect([...result.counts]).toEqual(counts);
  });

  test('of two seeds on the same steps', () => {
    const { means, deviations } = seedStatistics([curve([1, 2], [1, 4]), curve([1, 2], [3, 4])]);
    expect([...means]).toEqual([2, 4]);
    // sample deviation of 1 and 3: sqrt((1 + 1) / 1)
    expectClose(deviations, [Math.SQRT2, 0]);
  });

  test('a curve counts only where it has values', () => {
    const { xs, means, counts } = seedStatistics([curve([0, 2, 4], [0, NaN, 8]), curve([1, 2, 3], [1, 1, 1])]);
    expect([...xs]).toEqual([0, 1, 2, 3, 4]);
    expect([...counts]).toEqual([1, 1, 1, 1, 1]);
    expect([...means]).toEqual([0, 1, 1, 1, 8]);
  });

  test('equal large values have a spread of exactly 0', () => {
    const ys = [1e9 + 0.1, 1e9 + 0.1];
    expect([...seedStatistics([curve([1, 2], ys), curve([1, 2], ys), curve([1, 2], ys)]).deviations]).toEqual([0, 0]);
  });

  test('nothing gives nothing', () => {
    expect(seedStatistics([]).xs.length).toBe(0);
    expect(seedStatistics([curve([], [])]).means.length).toBe(0);
  });
});
