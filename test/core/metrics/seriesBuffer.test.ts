import { describe, expect, test } from 'vitest';
import { createSeriesBuffer, type SeriesBuffer } from '../../../src/core/metrics/seriesBuffer.ts';

const stepsOf = (buffer: SeriesBuffer): number[] => [...buffer.steps.subarray(0, buffer.length)];
const valuesOf = (buffer: SeriesBuffer): number[] => [...buffer.values.subarray(0, buffer.length)];

describe('a series that grows', () => {
  test('takes each step once, whatever batches overlap', () => {
    const buffer = createSeriesBuffer(1_000);
    buffer.append({ steps: [1, 2, 3], values: [10, 20, 30] });
    buffer.append({ steps: [2, 3, 4], values: [99, 99, 40] });
    expect(stepsOf(buffer)).toEqual([1, 2, 3, 4]);
    expect(valuesOf(buffer)).toEqual([10, 20, 30, 40]);
    expect(buffer.totalPoints).toBe(4);
  });

  test('grows past its first capacity without changing what was there', () => {
    const buffer = createSeriesBuffer(10_000);
    for (let step = 0; step < 5_000; step += 10) {
      const steps = Array.from({ length: 10 }, (_, i) => step + i);
      buffer.append({ steps, values: steps });
    }
    expect(buffer.length).toBe(5_000);
    expect(buffer.generation).toBe(0);
    expect(valuesOf(buffer)).toEqual(stepsOf(buffer));
  });

  test('null is a gap', () => {
    const buffer = createSeriesBuffer(10);
    buffer.append({ steps: [1, 2], values: [null, 5] });
    expect(buffer.values[0]).toBeNaN();
  });

  test('beyond its limit it merges neighbours, keeps every peak and still counts all points', () => {
    const buffer = createSeriesBuffer(64);
    for (let step = 0; step < 1_000; step++) {
      buffer.append({ steps: [step], values: [step === 137 ? 100 : step === 500 ? -100 : 0] });
    }
    expect(buffer.length).toBeLessThanOrEqual(64);
    expect(buffer.totalPoints).toBe(1_000);
    expect(buffer.lastStep).toBe(999);
    expect(Math.max(...buffer.highs!.subarray(0, buffer.length))).toBe(100);
    expect(Math.min(...buffer.lows!.subarray(0, buffer.length))).toBe(-100);
    expect(buffer.generation).toBeGreaterThan(0);
    const steps = stepsOf(buffer);
    expect(steps).toEqual(steps.toSorted((a, b) => a - b));
  });

  test('a batch longer than the limit is merged as it comes', () => {
    const buffer = createSeriesBuffer(16);
    const steps = Array.from({ length: 100 }, (_, i) => i);
    buffer.append({ steps, values: steps });
    expect(buffer.length).toBeLessThanOrEqual(16);
    expect(buffer.lastStep).toBe(99);
    expect(buffer.lows![0]).toBe(0);
    expect(buffer.highs![buffer.length - 1]).toBe(99);
  });

  test('ranges of points that the host merged are kept, and later single points are their own range', () => {
    const buffer = createSeriesBuffer(100);
    buffer.replace({ steps: [10, 20], values: [1, 2], minimums: [0, null], maximums: [3, null] }, 20);
    buffer.append({ steps: [21], values: [7] });
    expect([...buffer.lows!.subarray(0, 3)]).toEqual([0, NaN, 7]);
    expect([...buffer.highs!.subarray(0, 3)]).toEqual([3, NaN, 7]);
    expect(buffer.totalPoints).toBe(21);
  });

  test('replacing begins anew', () => {
    const buffer = createSeriesBuffer(100);
    buffer.append({ steps: [5, 6], values: [1, 1] });
    buffer.replace({ steps: [1], values: [2] }, 1);
    expect(stepsOf(buffer)).toEqual([1]);
    expect(buffer.generation).toBe(1);
  });
});
