/** One seed's curve: the first `length` points count, x ascending. */
export interface Curve {
  xs: ArrayLike<number>;
  ys: ArrayLike<number>;
  length: number;
}

/** Several curves as one, on the common x of all of them. Columns of equal length. */
export interface SeedStatistics {
  xs: Float64Array;
  means: Float64Array;
  /** sample standard deviation (n - 1); 0 where only one curve counts */
  deviations: Float64Array;
  minimums: Float64Array;
  maximums: Float64Array;
  /** curves that have a value at this x */
  counts: Uint16Array;
}

/**
 * Mean and spread of curves at every x at which any of them has a point. A curve counts between its first and its last
 * point, in between interpolated linearly, and not across a value that is not finite. Where no curve counts there is NaN.
 */
export function seedStatistics(curves: readonly Curve[]): SeedStatistics {
  const xs = commonX(curves);
  const sampled = curves.map((curve) => sampleAt(curve, xs));
  const result: SeedStatistics = {
    xs,
    means: new Float64Array(xs.length).fill(NaN),
    deviations: new Float64Array(xs.length).fill(NaN),
    minimums: new Float64Array(xs.length).fill(NaN),
    maximums: new Float64Array(xs.length).fill(NaN),
    counts: new Uint16Array(xs.length),
  };
  for (let i = 0; i < xs.length; i++) summarise(sampled, i, result);
  return result;
}

function summarise(sampled: readonly Float64Array[], i: number, result: SeedStatistics): void {
  let count = 0;
  let mean = 0;
  let squares = 0;
  let minimum = Infinity;
  let maximum = -Infinity;
  for (const values of sampled) {
    const value = values[i]!;
    if (!Number.isFinite(value)) continue;
    count++;
    // Welford's update: exact for equal values, stable for large ones
    const difference = value - mean;
    mean += difference / count;
    squares += difference * (value - mean);
    minimum = Math.min(minimum, value);
    maximum = Math.max(maximum, value);
  }
  if (count === 0) return;
  result.counts[i] = count;
  result.means[i] = mean;
  result.deviations[i] = count > 1 ? Math.sqrt(squares / (count - 1)) : 0;
  result.minimums[i] = minimum;
  result.maximums[i] = maximum;
}

/** Every x of any curve once, ascending. */
function commonX(curves: readonly Curve[]): Float64Array {
  const longest = curves.reduce((sum, { length }) => sum + length, 0);
  const merged = new Float64Array(longest);
  const next = curves.map(() => 0);
  let length = 0;
  for (;;) {
    let least = Infinity;
    curves.forEach(({ xs, length: end }, c) => {
      if (next[c]! < end && xs[next[c]!]! < least) least = xs[next[c]!]!;
    });
    if (least === Infinity) return merged.subarray(0, length);
    merged[length++] = least;
    curves.forEach(({ xs, length: end }, c) => {
      while (next[c]! < end && xs[next[c]!]! <= least) next[c]!++;
    });
  }
}

/** A curve at ascending places; NaN outside its range. Walks both once. */
function sampleAt({ xs, ys, length }: Curve, places: Float64Array): Float64Array {
  const sampled = new Float64Array(places.length).fill(NaN);
  let after = 0;
  for (let i = 0; i < places.length; i++) {
    const x = places[i]!;
    while (after < length && xs[after]! < x) after++;
    if (after === length) break;
    if (xs[after] === x) sampled[i] = ys[after]!;
    else if (after > 0) {
      const left = xs[after - 1]!;
      const share = (x - left) / (xs[after]! - left);
      sampled[i] = ys[after - 1]! * (1 - share) + ys[after]! * share;
    }
  }
  return sampled;
}
