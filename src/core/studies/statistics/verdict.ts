import {
  comparePairs,
  holmAdjusted,
  pairedP,
  seedsNeeded,
  type BySeed,
  type PairedDifference,
} from './comparePairs.ts';
import { summarize } from './summarize.ts';

export interface Contender {
  id: string;
  /** finite values by seed */
  values: BySeed;
  /** a setting that lost a run (diverged, stopped, missing) is compared but is never named the winner */
  isWhole: boolean;
}

export interface Comparison {
  /** the setting that the best one is compared with */
  id: string;
  difference: PairedDifference | null;
  /** p adjusted for all pairs of the study (Holm) */
  adjustedP: number | null;
}

/**
 * winner     the best setting beats every other one
 * moreSeeds  the seeds do not tell the best setting from all the others
 * alone      there is nothing to compare
 * none       nothing has a value yet
 */
export interface Verdict {
  kind: 'winner' | 'moreSeeds' | 'alone' | 'none';
  /** the setting with the best mean; null when nothing has a value */
  bestId: string | null;
  /** the best setting against every other one */
  comparisons: Comparison[];
  /** settings that the best one cannot be told from */
  undecidedIds: string[];
  /** about how many seeds would tell it from the nearest of them; null when that cannot be said */
  seedsNeeded: number | null;
  /** why there is no winner, in a sentence */
  reason: string;
}

/** Below this number of common seeds no winner is named, whatever the numbers say. */
export const leastSeeds = 3;
export const significance = 0.05;

/** The rule in words, for every place that shows a verdict. */
export const verdictRule =
  `A setting is named the winner when it has the best mean, all its runs ended, and a paired t-test over at least ` +
  `${leastSeeds} common seeds tells it from every other setting with p < ${significance} after Holm's correction for all pairs of settings. ` +
  `Otherwise more seeds are needed.`;

export function verdictOf(contenders: readonly Contender[], direction: 'maximize' | 'minimize'): Verdict {
  const sign = direction === 'maximize' ? 1 : -1;
  const ranked = contenders
    .flatMap((contender) => {
      const summary = summarize([...contender.values.values()]);
      return summary ? [{ ...contender, score: sign * summary.mean }] : [];
    })
    .toSorted((a, b) => b.score - a.score);
  const [best, ...others] = ranked;
  const nothing = { comparisons: [], undecidedIds: [], seedsNeeded: null };
  if (!best) return { kind: 'none', bestId: null, ...nothing, reason: 'No run has ended yet.' };
  if (others.length === 0) return { kind: 'alone', bestId: best.id, ...nothing, reason: 'There is one setting only.' };

  const adjusted = adjustedOverAllPairs(ranked);
  const comparisons = others.map((other, i) => ({
    id: other.id,
    difference: comparePairs(best.values, other.values),
    adjustedP: adjusted[i] ?? null,
  }));
  const undecided = comparisons.filter(
    ({ difference, adjustedP }) =>
      adjustedP === null || adjustedP >= significance || (difference?.count ?? 0) < leastSeeds,
  );
  const isDecided = undecided.length === 0 && best.isWhole;
  return {
    kind: isDecided ? 'winner' : 'moreSeeds',
    bestId: best.id,
    comparisons,
    undecidedIds: undecided.map(({ id }) => id),
    seedsNeeded: isDecided ? null : mostNeeded(undecided),
    reason: isDecided ? '' : reasonOf(undecided, best.isWhole),
  };
}

/** Adjusted p of the pairs that begin with the first contender, in the order of the others; all pairs are the family. */
function adjustedOverAllPairs(ranked: readonly Contender[]): (number | null)[] {
  const ps = ranked.flatMap((first, i) => ranked.slice(i + 1).map((second) => pairedP(first.values, second.values)));
  return holmAdjusted(ps).slice(0, ranked.length - 1);
}

function mostNeeded(undecided: readonly Comparison[]): number | null {
  const needed = undecided.map(({ difference }) => (difference ? seedsNeeded(difference) : null));
  if (needed.length === 0 || needed.some((count) => count === null)) return null;
  return Math.max(leastSeeds, ...needed.map(Number));
}

function reasonOf(undecided: readonly Comparison[], isBestWhole: boolean): string {
  const fewest = Math.min(...undecided.map(({ difference }) => difference?.count ?? 0));
  if (undecided.length === 0 && !isBestWhole) return 'A run of the best setting did not end.';
  if (fewest < leastSeeds) {
    return `Some pairs of settings have only ${fewest} common ${fewest === 1 ? 'seed' : 'seeds'}; at least ${leastSeeds} are needed.`;
  }
  return undecided.length === 1
    ? 'The best setting cannot be told from one other.'
    : `The best setting cannot be told from ${undecided.length} others.`;
}
