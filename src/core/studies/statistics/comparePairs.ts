import { confidence, summarize, type Interval } from './summarize.ts';
import { tQuantile, twoSidedP } from './studentT.ts';

/** What two settings differ by, seed for seed: the values of the first minus those of the second. */
export interface PairedDifference {
  /** seeds that both have a value for */
  count: number;
  mean: number;
  /** sample standard deviation of the differences; null for a single one */
  spread: number | null;
  /** 95 % interval of the mean difference by Student's t; null for a single one */
  interval: Interval | null;
  /** two-sided p of a paired t-test; null where the differences show no spread to judge by */
  p: number | null;
}

/** Values of one setting by seed. */
export type BySeed = ReadonlyMap<number, number>;

/**
 * Differences over the seeds that both settings have, as a paired t-test looks at them: equal weights and equal batches
 * make a seed's values rise and fall together, and the difference leaves that out. Null without a common seed.
 */
export function comparePairs(first: BySeed, second: BySeed): PairedDifference | null {
  const differences = differencesOf(first, second);
  const summary = summarize(differences);
  return summary && { ...summary, p: pOf(differences) };
}

/** The p of `comparePairs` alone, for families of many pairs. */
export const pairedP = (first: BySeed, second: BySeed): number | null => pOf(differencesOf(first, second));

function differencesOf(first: BySeed, second: BySeed): number[] {
  return [...first].flatMap(([seed, value]) => {
    const other = second.get(seed);
    return other === undefined ? [] : [value - other];
  });
}

function pOf(differences: readonly number[]): number | null {
  const count = differences.length;
  if (count < 2) return null;
  const mean = differences.reduce((sum, value) => sum + value, 0) / count;
  const squares = differences.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const spread = Math.sqrt(squares / (count - 1));
  // equal differences would make any of them significant, however few seeds there are
  if (spread <= 1e-12 * Math.max(Math.abs(mean), 1e-300)) return null;
  return twoSidedP(mean / (spread / Math.sqrt(count)), count - 1);
}

/**
 * Holm's step-down adjustment: the i-th smallest of m p-values times (m - i + 1), never below the one before it and at
 * most 1. A comparison whose adjusted p is below 0.05 may be claimed together with all others of that kind: the chance
 * of one false claim or more stays below 5 %. Those that are null count as comparisons and stay null.
 */
export function holmAdjusted(ps: readonly (number | null)[]): (number | null)[] {
  const order = ps.flatMap((p, i) => (p === null ? [] : [{ p, i }])).toSorted((a, b) => a.p - b.p);
  const adjusted: (number | null)[] = ps.map(() => null);
  let least = 0;
  order.forEach(({ p, i }, rank) => {
    least = Math.max(least, Math.min(1, p * (ps.length - rank)));
    adjusted[i] = least;
  });
  return adjusted;
}

const mostSeeds = 1_000;

/**
 * About how many seeds would be needed for the interval of this difference to leave 0 out, if its mean and spread stayed
 * as they are: the least n with t(n - 1) * spread / sqrt(n) < |mean|. Null when nothing can be said or 1,000 are not enough.
 */
export function seedsNeeded({ mean, spread }: Pick<PairedDifference, 'mean' | 'spread'>): number | null {
  if (spread === null || spread === 0 || mean === 0) return null;
  const isEnough = (n: number): boolean => (tQuantile(confidence, n - 1) * spread) / Math.sqrt(n) < Math.abs(mean);
  if (!isEnough(mostSeeds)) return null;
  // the interval shrinks with every seed
  let [tooFew, enough] = [2, mostSeeds];
  while (enough - tooFew > 1) {
    const middle = Math.floor((tooFew + enough) / 2);
    if (isEnough(middle)) enough = middle;
    else tooFew = middle;
  }
  return enough;
}
