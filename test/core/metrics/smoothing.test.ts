import { describe, expect, test } from 'vitest';
import { createSmoother, smooth } from '../../../src/core/metrics/smoothing.ts';
import { golden } from './golden.ts';

describe('smoothing', () => {
  test.each(golden.smoothing)('equals weighted sums over all earlier points at factor $factor', (example) => {
    const smoothed = smooth(
      example.values.map((value) => value ?? NaN),
      example.factor,
    );
    expect([...smoothed].map((value) => Number.isNaN(value))).toEqual(example.smoothed.map((value) => value === null));
    expect(Math.max(...example.smoothed.map((value, i) => Math.abs((value ?? 0) - (smoothed[i] || 0))))).toBeLessThan(
      1e-12,
    );
  });

  test('starts at the first value instead of being drawn to 0', () => {
    // 0.9 * 0 + 0.1 * 5 = 0.5, debiased by 1 - 0.9 = 0.1
    expect(smooth([5], 0.9)[0]).toBeCloseTo(5, 14);
    // (0.9 * 0.1 * 5 + 0.1 * 7) / (1 - 0.81)
    expect(smooth([5, 7], 0.9)[1]).toBeCloseTo((0.9 * 5 + 7) / 1.9, 14);
  });

  test('leaves a constant series as it is', () => {
    for (const value of smooth(new Float64Array(500).fill(0.25), 0.999)) expect(value).toBeCloseTo(0.25, 12);
  });

  test('a value that is not finite leaves a gap and does not poison what follows', () => {
    const [first, gap, endless, last] = smooth([1, NaN, Infinity, 3], 0.5);
    expect(first).toBe(1);
    expect(gap).toBeNaN();
    expect(endless).toBeNaN();
    // weights 0.5 and 1 for the values 1 and 3
    expect(last).toBeCloseTo((0.5 * 1 + 3) / 1.5, 14);
  });

  test('factor 0 shows the values themselves', () => {
    expect([...smooth([3, 1, 2], 0)]).toEqual([3, 1, 2]);
  });

  test('a value that stands for k equal points moves the average as k of them would', () => {
    const points = createSmoother(0.9);
    points.push(1);
    for (let i = 0; i < 5; i++) points.push(4);
    const merged = createSmoother(0.9, 5);
    for (let i = 0; i < 5; i++) merged.push(1);
    // both forget 0.9^5 of what was before; only the weight of the beginning differs
    expect(merged.push(4) - 1).toBeCloseTo((3 * (1 - 0.9 ** 5)) / (1 - 0.9 ** 30), 12);
    expect(points.push(4)).toBeGreaterThan(3);
  });
});
