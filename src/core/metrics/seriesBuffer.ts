import { lowerBound } from './search.ts';

/** Points to add, in ascending steps; null and NaN mark values that are not finite. */
export interface SeriesPoints {
  steps: ArrayLike<number>;
  values: ArrayLike<number | null>;
  /** ranges of points that were merged into one; both or neither */
  minimums?: ArrayLike<number | null>;
  maximums?: ArrayLike<number | null>;
}

/** A growing series as columns. The arrays are longer than `length` and are replaced as the series grows. */
export interface SeriesBuffer {
  readonly length: number;
  readonly steps: Float64Array;
  readonly values: Float64Array;
  /** null as long as every entry is one point */
  readonly lows: Float64Array | null;
  readonly highs: Float64Array | null;
  /** points that were recorded, merged ones counted each */
  readonly totalPoints: number;
  /** raised when entries that were there before have changed; appending leaves it */
  readonly generation: number;
  readonly lastStep: number;
  /** Adds the points after the last step; earlier ones are there already. `totalPoints` counts merged ones. */
  append(points: SeriesPoints, totalPoints?: number): void;
  /** Forgets everything, then takes these points. */
  replace(points: SeriesPoints, totalPoints: number): void;
}

const firstCapacity = 256;

/**
 * An empty series of at most `maxLength` entries. A series that grows beyond it merges neighbours in pairs, keeping minimum,
 * maximum and the later value, so that its memory is bounded and no peak is lost.
 */
export function createSeriesBuffer(maxLength: number): SeriesBuffer {
  let steps = new Float64Array(firstCapacity);
  let values = new Float64Array(firstCapacity);
  let lows: Float64Array | null = null;
  let highs: Float64Array | null = null;
  let length = 0;
  let totalPoints = 0;
  let generation = 0;

  const lastStep = (): number => (length === 0 ? -1 : steps[length - 1]!);

  function reserve(wanted: number): void {
    if (wanted <= steps.length) return;
    const capacity = Math.max(wanted, 2 * steps.length);
    steps = grown(steps, capacity);
    values = grown(values, capacity);
    lows &&= grown(lows, capacity);
    highs &&= grown(highs, capacity);
  }

  function startRanges(): void {
    if (lows) return;
    lows = values.slice();
    highs = values.slice();
  }

  function mergePairs(): void {
    startRanges();
    const half = Math.ceil(length / 2);
    for (let i = 0; i < half; i++) {
      const [a, b] = [2 * i, Math.min(2 * i + 1, length - 1)];
      steps[i] = steps[b]!;
      values[i] = values[b]!;
      lows![i] = lesser(lows![a]!, lows![b]!);
      highs![i] = greater(highs![a]!, highs![b]!);
    }
    length = half;
    generation++;
  }

  function append(points: SeriesPoints, addedPoints?: number): void {
    const from = lowerBound(points.steps, points.steps.length, lastStep() + 1);
    const count = points.steps.length - from;
    if (count === 0) return;
    if (points.minimums && points.maximums) startRanges();
    // a single batch longer than the series may be is merged as it comes
    for (let start = from; start < points.steps.length;) {
      if (length >= maxLength) mergePairs();
      const end = Math.min(points.steps.length, start + maxLength - length);
      write(points, start, end);
      start = end;
    }
    totalPoints += addedPoints ?? count;
  }

  function write(points: SeriesPoints, start: number, end: number): void {
    reserve(length + end - start);
    for (let i = start; i < end; i++) {
      steps[length] = points.steps[i]!;
      const value = points.values[i] ?? NaN;
      values[length] = value;
      if (lows && highs) {
        lows[length] = points.minimums ? (points.minimums[i] ?? NaN) : value;
        highs[length] = points.maximums ? (points.maximums[i] ?? NaN) : value;
      }
      length++;
    }
  }

  return {
    get length() {
      return length;
    },
    get steps() {
      return steps;
    },
    get values() {
      return values;
    },
    get lows() {
      return lows;
    },
    get highs() {
      return highs;
    },
    get totalPoints() {
      return totalPoints;
    },
    get generation() {
      return generation;
    },
    get lastStep() {
      return lastStep();
    },
    append,
    replace(points, total) {
      length = 0;
      totalPoints = 0;
      lows = highs = null;
      generation++;
      append(points, total);
    },
  };
}

function grown(column: Float64Array, capacity: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(capacity);
  larger.set(column);
  return larger;
}

const lesser = (a: number, b: number): number => (b < a || Number.isNaN(a) ? b : a);
const greater = (a: number, b: number): number => (b > a || Number.isNaN(a) ? b : a);
