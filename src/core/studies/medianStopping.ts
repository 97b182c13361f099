import type { Stopping } from './studySpec.ts';

/** The objective of a run, once per epoch from the first; null where it was not measured. */
export type EpochValues = readonly (number | null)[];

/** The rule in words, for every place that offers it. */
export const medianRule = (minEpochs: number, minRuns: number): string =>
  `Median stopping: a run is ended after an epoch when its best value so far is worse than the median of what the other runs ` +
  `of the same seed had on average up to that epoch; never before epoch ${minEpochs}, and never before ${minRuns} other runs came that far.`;

/** Means of a curve over its epochs 1..e, at place e - 1; null before the first value. */
export function runningMeans(curve: EpochValues): (number | null)[] {
  let sum = 0;
  let count = 0;
  return curve.map((value) => {
    if (value !== null) {
      sum += value;
      count++;
    }
    return count === 0 ? null : sum / count;
  });
}

/**
 * The epoch (from 1) after which a run is to be ended, or null: the first e >= minEpochs with at least minRuns others that
 * came to epoch e, where the best value of the run over epochs 1..e is worse than the median of the others' means over
 * epochs 1..e (Golovin et al., Google Vizier, KDD 2017). Looks at every epoch from `fromEpoch` on, so that it tells the
 * same whenever asked.
 */
export function medianStopEpoch(
  rule: Extract<Stopping, { kind: 'median' }>,
  direction: 'maximize' | 'minimize',
  own: EpochValues,
  othersMeans: readonly EpochValues[],
  fromEpoch = 1,
): number | null {
  const sign = direction === 'maximize' ? 1 : -1;
  let best = -Infinity;
  for (let epoch = 1; epoch <= own.length; epoch++) {
    const value = own[epoch - 1];
    if (value !== null && value !== undefined) best = Math.max(best, sign * value);
    if (epoch < Math.max(fromEpoch, rule.minEpochs) || best === -Infinity) continue;
    const means = othersMeans.flatMap((curve) => {
      const mean = curve[epoch - 1];
      return mean === null || mean === undefined ? [] : [sign * mean];
    });
    if (means.length >= rule.minRuns && best < median(means)) return epoch;
  }
  return null;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
