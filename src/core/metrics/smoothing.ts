/** An exponential moving average that is given its values one after the other. */
export interface Smoother {
  /** The average with this value taken in; NaN for a value that is not finite, which changes nothing. */
  push(value: number): number;
}

/**
 * Debiased exponential moving average: a = factor a + (1 - factor) x from a = 0, shown as a / (1 - factor^n) after n
 * finite values, so that the first values are not drawn towards 0. `factor` lies in [0, 1); 0 shows the values themselves.
 * `pointsPerValue` says how many points a value stands for where neighbours were merged; it reaches as far as they would.
 */
export function createSmoother(factor: number, pointsPerValue = 1): Smoother {
  const keep = factor ** pointsPerValue;
  let average = 0;
  let weight = 0;
  return {
    push(value) {
      if (!Number.isFinite(value)) return NaN;
      average = keep * average + (1 - keep) * value;
      weight = keep * weight + (1 - keep);
      return average / weight;
    },
  };
}

/** All values smoothed, at the places of the values. */
export function smooth(values: ArrayLike<number>, factor: number, pointsPerValue = 1): Float64Array {
  const smoother = createSmoother(factor, pointsPerValue);
  const smoothed = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) smoothed[i] = smoother.push(values[i]!);
  return smoothed;
}
