import type { Stopping } from './studySpec.ts';

/** The objective of a run, once per epoch from the first; null where it was not measured. */
export type EpochValues = readonly (number | null)[];

/** The rule in words, for every place that offers it. */
export const medianRule = (minEpochs: number, minRuns: number): string =>
  `Median stopping: a run is ended after an epoch when its best value so far is worse than the median of what the other runs ` +
  `of the same seed had on average up to that epoch; never before epoch ${minEpochs}, and never before ${minRuns} other runs came that far.`;

/**
 * The epoch (from 1) after which a run is to be ended, or null: the first e >= minEpochs with at least minRuns others that
 * came to epoch e, where the best value of the run over epochs 1..e is worse than the median of the others' means over
 * epochs 1..e (Golovin et al., Google Vizier, KDD 2017). Looks at every epoch anew, so that it tells the same whenever asked.
 */
export function medianStopEpoch(
  rule: Extract<Stopping, { kind: 'median' }>,
  direction: 'maximize' | 'minimize',
  own: EpochValues,
  others: readonly EpochValues[],
): number | null {
  const sign = direction === 'maximize' ? 1 : -1;
  let best = -Infinity;
  for (let epoch = 1; epoch <= own.length; epoch++) {
    const value = own[epoch - 1];
    if (value !== null && value !== undefined) best = Math.max(best, sign * value);
    if (epoch < rule.minEpochs || best === -Infinity) continue;
    const means = others.flatMap((curve) => meanUpTo(curve, epoch)).map((mean) => sign * mean);
    if (means.length >= rule.minRuns && best < median(means)) return epoch;
  }
  return null;
}

function meanUpTo(curve: EpochValues, epoch: number): number[] {
  if (curve.length < epoch) return [];
  const measured = curve.slice(0, epoch).filter((value) => value !== null);
  return measured.length === 0 ? [] : [measured.reduce((sum, value) => sum + value, 0) / measured.length];
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
