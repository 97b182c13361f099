import type { Evaluation } from '../contract/results.ts';
import { metricName } from '../studies/studyFigures.ts';
import { leastSeeds, verdictOf, verdictRule, type Verdict } from '../studies/statistics/verdict.ts';
import { valueText } from './reportText.ts';
import { wilsonInterval } from './wilson.ts';

/** Metrics by which runs are judged, the first that all of them have. */
export const judgingMetrics = [
  'testAccuracy',
  'validationAccuracy',
  'testMae',
  'validationMae',
  'testLoss',
  'validationLoss',
  'trainLoss',
] as const;

export const isBetterHigher = (metric: string): boolean => metric.endsWith('Accuracy');

export interface JudgedRun {
  seed: number;
  isWhole: boolean;
  /** null where they are not known: another program trained it */
  epochs: number | null;
  final: Readonly<Record<string, number | null>>;
}

export interface JudgedGroup {
  label: string;
  runs: readonly JudgedRun[];
}

/** The metric all groups can be judged by; null when there is none. */
export function judgingMetric(groups: readonly JudgedGroup[]): string | null {
  const has = (metric: string): boolean =>
    groups.every(({ runs }) => runs.some(({ final }) => Number.isFinite(final[metric] ?? Number.NaN)));
  return judgingMetrics.find(has) ?? null;
}

export function judgeGroups(groups: readonly JudgedGroup[], metric: string): Verdict {
  const contenders = groups.map(({ runs }, i) => ({
    id: String(i),
    isWhole: runs.every(({ isWhole }) => isWhole),
    values: new Map(
      runs.flatMap(({ seed, final, isWhole }) => {
        const value = final[metric];
        return isWhole && typeof value === 'number' && Number.isFinite(value) ? [[seed, value] as const] : [];
      }),
    ),
  }));
  return verdictOf(contenders, isBetterHigher(metric) ? 'maximize' : 'minimize');
}

/** What may be said of several groups of runs. */
export function comparisonVerdict(groups: readonly JudgedGroup[]): { sentence: string; rule: string } {
  const metric = judgingMetric(groups);
  if (metric === null) return { sentence: 'These runs have no metric in common to be judged by.', rule: '' };
  const verdict = judgeGroups(groups, metric);
  const rule = `Judged by ${metricName(metric)} at the end of the runs. ${verdictRule}`;
  const best = verdict.bestId === null ? null : groups[Number(verdict.bestId)]!;
  if (!best) return { sentence: verdict.reason, rule };
  const mean = meanOf(best, metric);
  const says = `“${best.label}” has the best mean ${metricName(metric)}, ${valueText(metric, mean)}`;
  if (verdict.kind === 'winner') return { sentence: `${says}, and is better than every other setting here.`, rule };
  const isSaid = verdict.reason.includes(`at least ${leastSeeds}`);
  const least = isSaid ? [] : [`At least ${leastSeeds} common seeds are needed.`];
  const needed =
    verdict.seedsNeeded === null
      ? least
      : [`About ${verdict.seedsNeeded} seeds would be needed, if means and spreads stayed as they are.`];
  const sentences = [`${says}, but more seeds are needed to name a winner.`, verdict.reason, ...needed];
  return { sentence: sentences.join(' '), rule };
}

function meanOf({ runs }: JudgedGroup, metric: string): number {
  const values = runs.flatMap(({ final }) => {
    const value = final[metric];
    return typeof value === 'number' && Number.isFinite(value) ? [value] : [];
  });
  return values.reduce((a, b) => a + b, 0) / values.length;
}

/** What may be said of a single run. */
export function singleVerdict(run: JudgedRun, evaluation: Evaluation | null): { sentence: string; rule: string } {
  const metric = judgingMetric([{ label: '', runs: [run] }]);
  if (metric === null) return { sentence: 'The run has no result yet.', rule: '' };
  const value = run.final[metric]!;
  const name = metricName(metric);
  const { epochs } = run;
  const whole = epochs === null ? '' : ` after ${epochs} ${epochs === 1 ? 'epoch' : 'epochs'}`;
  const state = run.isWhole ? whole : ' when it ended early';
  const oneSeed = 'It is one seed: how much another one would differ is not known.';
  const isSame = evaluation?.accuracy !== null && evaluation?.accuracy !== undefined && metric === 'testAccuracy';
  if (!isSame || Math.abs(evaluation!.accuracy! - value) > 1e-6) {
    return { sentence: `The run ended with a ${name} of ${valueText(metric, value)}${state}. ${oneSeed}`, rule: '' };
  }
  const { low, high } = wilsonInterval(Math.round(value * evaluation!.rows), evaluation!.rows);
  return {
    sentence:
      `The run ended with a ${name} of ${valueText(metric, value)}${state} ` +
      `(95 % interval ${valueText(metric, low)} to ${valueText(metric, high)} for ${evaluation!.rows} test rows). ${oneSeed}`,
    rule: 'The interval is Wilson’s for a share; it covers the choice of the test rows alone.',
  };
}
