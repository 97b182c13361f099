import { expect, test } from 'vitest';
import { extrapolateAt, interpolateAt } from '../../../src/core/metrics/interpolate.ts';
import { lowerBound, nearestIndex } from '../../../src/core/metrics/search.ts';

test('a value between two points lies on the line through them, outside there is none', () => {
  const at = (x: number): number => interpolateAt([1, 3, 4], [10, 20, 0], 3, x);
  expect([at(1), at(2), at(3), at(3.25)]).toEqual([10, 15, 20, 15]);
  expect(at(0.5)).toBeNaN();
  expect(at(4.5)).toBeNaN();
});

test('only the first points count when a length is given', () => {
  expect(interpolateAt([1, 2, 0, 0], [5, 7, 0, 0], 2, 1.5)).toBe(6);
  expect(interpolateAt([1, 2, 0, 0], [5, 7, 0, 0], 2, 3)).toBeNaN();
});

test('a clock that has seen two points goes on at their pace', () => {
  expect(extrapolateAt([10, 20], [1, 3], 2, 30)).toBe(5);
  expect(extrapolateAt([10, 20], [1, 3], 2, 0)).toBe(-1);
  expect(extrapolateAt([10], [1], 1, 30)).toBe(1);
  expect(extrapolateAt([], [], 0, 30)).toBeNaN();
});

test('the nearest point is found among many', () => {
  const steps = Array.from({ length: 1_000 }, (_, i) => i * 10);
  expect(nearestIndex(steps, 1_000, 4_444)).toBe(444);
  expect(nearestIndex(steps, 1_000, 4_446)).toBe(445);
  expect(nearestIndex(steps, 1_000, -5)).toBe(0);
  expect(nearestIndex(steps, 1_000, 1e9)).toBe(999);
  expect(nearestIndex(steps, 0, 3)).toBe(-1);
  expect(lowerBound(steps, 1_000, 15)).toBe(2);
});
