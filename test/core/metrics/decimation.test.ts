import { describe, expect, test } from 'vitest';
import { decimate, type DrawnPoints, type Points } from '../../../src/core/metrics/decimation.ts';
import { golden } from './golden.ts';

const oneTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);

function whole(points: Points, columns: number, isLog = false): DrawnPoints {
  const { xs } = points;
  return decimate(points, { from: 0, to: xs.length, left: xs[0]!, right: xs[xs.length - 1]!, columns, isLog });
}

const pairs = ({ xs, ys }: DrawnPoints): [number, number][] => [...xs].map((x, i) => [x, ys[i]!]);

describe('decimation', () => {
  test.each(golden.columns)('keeps the minimum and maximum of every column (log x: $isLog)', (example) => {
    const xs = oneTo(example.ys.length);
    const drawn = whole({ xs, ys: example.ys }, example.columns, example.isLog);
    const kept = new Set(drawn.ys);
    for (const value of [...example.minimums, ...example.maximums]) expect(kept).toContain(value);
    expect(drawn.xs.length).toBeLessThanOrEqual(4 * (example.columns + 2));
  });

  test('keeps one peak among a million points', () => {
    const xs = Float64Array.from({ length: 1_000_000 }, (_, i) => i);
    const ys = new Float64Array(1_000_000);
    ys[654_321] = 7;
    ys[654_322] = -7;
    const drawn = whole({ xs, ys }, 500);
    expect(drawn.xs.length).toBeLessThan(2_100);
    expect(pairs(drawn)).toContainEqual([654_321, 7]);
    expect(pairs(drawn)).toContainEqual([654_322, -7]);
  });

  test('keeps all points of a series that fits', () => {
    const drawn = whole({ xs: [0, 1, 2], ys: [5, 3, 4] }, 10);
    expect(pairs(drawn)).toEqual([
      [0, 5],
      [1, 3],
      [2, 4],
    ]);
  });

  test('every kept point is a point of the series, in its order, the first and the last among them', () => {
    const ys = oneTo(900).map((x) => Math.sin(x) * x);
    const drawn = whole({ xs: oneTo(900), ys }, 20);
    const kept = pairs(drawn);
    expect(kept[0]).toEqual([1, ys[0]]);
    expect(kept.at(-1)).toEqual([900, ys[899]]);
    expect(kept.filter(([x, y]) => y !== ys[x - 1])).toEqual([]);
    const order = kept.map(([x]) => x);
    expect(order).toEqual([...new Set(order)].toSorted((a, b) => a - b));
  });

  test('points merged before keep the range of what they stand for', () => {
    const xs = oneTo(300);
    const lows = xs.map((x) => (x === 150 ? -9 : 0));
    const highs = xs.map((x) => (x === 150 ? 9 : 1));
    const ys = xs.map(() => 0.5);
    for (const columns of [10, 1_000]) {
      const kept = pairs(whole({ xs, ys, lows, highs }, columns));
      expect(kept).toContainEqual([150, -9]);
      expect(kept).toContainEqual([150, 9]);
    }
  });

  test('a gap stays a gap where nothing else is, and hides nothing where something is', () => {
    const few = whole({ xs: [0, 1, 2], ys: [1, NaN, 2] }, 10);
    expect(few.ys[1]).toBeNaN();
    const ys = oneTo(1_000).map((x) => (x > 400 && x <= 600 ? NaN : x % 2 === 0 ? NaN : x));
    const drawn = whole({ xs: oneTo(1_000), ys }, 10);
    const inGap = pairs(drawn).filter(([x]) => x > 410 && x <= 590);
    expect(inGap.length).toBeGreaterThan(0);
    expect(inGap.every(([, y]) => Number.isNaN(y))).toBe(true);
    expect(pairs(drawn).filter(([x, y]) => x < 400 && Number.isNaN(y))).toEqual([]);
  });

  test('on a logarithmic axis points at 0 are left out', () => {
    expect(pairs(whole({ xs: [0, 1, 10], ys: [1, 2, 3] }, 10, true))).toEqual([
      [1, 2],
      [10, 3],
    ]);
  });

  test('outside the drawing one column on each side is kept, so that lines reach the edges', () => {
    const xs = oneTo(1_000);
    const drawn = decimate({ xs, ys: xs }, { from: 0, to: 1_000, left: 400, right: 410, columns: 10, isLog: false });
    const kept = pairs(drawn).map(([x]) => x);
    expect(kept).toContain(399);
    // x = 410 is the right edge itself
    expect(kept).toContain(410);
    expect(kept.filter((x) => x < 400).length).toBeLessThanOrEqual(4);
  });
});
