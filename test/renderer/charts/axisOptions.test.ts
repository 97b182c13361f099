import { expect, it } from 'vitest';
import { formatTick } from '../../../src/renderer/charts/axisOptions.ts';

const labels = (ticks: number[], unit: 'plain' | 'bytes' = 'plain'): string[] =>
  ticks.map((tick) => formatTick(tick, unit, { min: Math.min(...ticks), max: Math.max(...ticks) }));

it('gridlines of a curve that hardly moves have labels of their own', () => {
  expect(labels([5.99985, 5.9999, 5.99995, 6])).toEqual(['5.99985', '5.9999', '5.99995', '6']);
  expect(new Set(labels([0.799995, 0.799996, 0.799997, 0.8])).size).toBe(4);
  expect(new Set(labels([1.0001e30, 1.0002e30, 1.0003e30])).size).toBe(3);
  expect(new Set(labels([150_100_000, 150_200_000, 150_300_000], 'bytes')).size).toBe(3);
});

it('gridlines of usual curves keep short labels', () => {
  expect(labels([0, 0.5, 1])).toEqual(['0', '0.5', '1']);
  expect(labels([0, 20_000, 40_000])).toEqual(['0', '20,000', '40,000']);
  expect(labels([1e-6, 2e-6])).toEqual(['1e-6', '2e-6']);
});
