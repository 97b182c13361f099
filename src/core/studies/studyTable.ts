import type { Run } from '../contract/runs.ts';
import type { Study, StudyRun } from '../contract/studies.ts';
import type { StudyOutline, StudySetting } from './planStudy.ts';
import { summarize, type Summary } from './statistics/summarize.ts';
import { verdictOf, type Comparison, type Verdict } from './statistics/verdict.ts';

/**
 * waiting  not begun, or in the queue
 * active   trains, or is paused
 * done     ended with its last epoch
 * pruned   ended by the study's stopping rule
 * failed   ended by an error, such as a loss that is no number
 * open     stopped by the user or interrupted; goes on when the study does
 */
export type StudyRunState = 'waiting' | 'active' | 'done' | 'pruned' | 'failed' | 'open';

/** What became of one run of a study. */
export interface StudyCell {
  position: number;
  seed: number;
  runId: string | null;
  state: StudyRunState;
  /** the objective: at the end of a run that is done, at its last epoch for a pruned one, else null */
  value: number | null;
  /** the metric to report, likewise */
  report: number | null;
  /** epoch after which the stopping rule ended it */
  prunedEpoch: number | null;
}

export interface StudyRow {
  setting: StudySetting;
  /** one per seed, in the order of the study's seeds */
  cells: StudyCell[];
  /** over the seeds that are done */
  summary: Summary | null;
  reportSummary: Summary | null;
  /** the best setting against this one; null for the best one itself */
  comparison: Comparison | null;
}

export interface StudyTable {
  rows: StudyRow[];
  verdict: Verdict;
  counts: Record<StudyRunState, number>;
}

/** What of a run its state depends on. */
export type RunFacts = Pick<Run, 'status' | 'deletedAtMs'>;
type Runs = ReadonlyMap<string, Run>;

export function stateOf(
  { runId, prunedEpoch }: Pick<StudyRun, 'runId' | 'prunedEpoch'>,
  runs: ReadonlyMap<string, RunFacts>,
): StudyRunState {
  if (prunedEpoch !== null) return 'pruned';
  const run = runId === null ? undefined : runs.get(runId);
  if (!run || run.deletedAtMs !== null) return 'waiting';
  switch (run.status) {
    case 'completed':
      return 'done';
    case 'failed':
      return 'failed';
    case 'queued':
      return 'waiting';
    case 'starting':
    case 'running':
    case 'paused':
      return 'active';
    default:
      return 'open';
  }
}

const finiteOrNull = (value: number | null | undefined): number | null =>
  value !== null && value !== undefined && Number.isFinite(value) ? value : null;

/** The results of a study as they stand: one row per setting, and what may be said of them. */
export function studyTable(
  { spec, runs: studyRuns }: Pick<Study, 'spec' | 'runs'>,
  { settings }: Pick<StudyOutline, 'settings'>,
  runs: Runs,
): StudyTable {
  const { metric, report, direction } = spec.objective;
  const cellOf = (studyRun: StudyRun): StudyCell => {
    const { position, seed, runId, prunedEpoch, prunedValue } = studyRun;
    const state = stateOf(studyRun, runs);
    const latest = runId === null ? undefined : runs.get(runId)?.latest;
    return {
      position,
      seed,
      runId,
      state,
      prunedEpoch,
      value: state === 'pruned' ? prunedValue : state === 'done' ? finiteOrNull(latest?.[metric]) : null,
      report: state === 'done' && report !== null ? finiteOrNull(latest?.[report]) : null,
    };
  };
  const bySetting = Map.groupBy(studyRuns, ({ settingId }) => settingId);
  const unjudged = settings.map((setting) => {
    const cells = (bySetting.get(setting.id) ?? []).toSorted((a, b) => a.position - b.position).map(cellOf);
    const done = cells.filter(({ state }) => state === 'done');
    return {
      setting,
      cells,
      summary: summarize(done.map(({ value }) => value)),
      reportSummary: summarize(done.map(({ report: value }) => value)),
    };
  });
  const verdict = verdictOf(
    unjudged.map(({ setting, cells }) => ({
      id: setting.id,
      values: new Map(
        cells.flatMap(({ state, seed, value }) => (state === 'done' && value !== null ? [[seed, value]] : [])),
      ),
      isWhole: cells.every(({ state, value }) => state === 'done' && value !== null),
    })),
    direction,
  );
  const comparisons = new Map(verdict.comparisons.map((comparison) => [comparison.id, comparison]));
  const rows: StudyRow[] = unjudged.map((row) => ({ ...row, comparison: comparisons.get(row.setting.id) ?? null }));
  return { rows, verdict, counts: stateCounts(studyRuns, runs) };
}

/** How many runs of a study are in each state. */
export function stateCounts(
  studyRuns: readonly StudyRun[],
  runs: ReadonlyMap<string, RunFacts>,
): Record<StudyRunState, number> {
  const counts: Record<StudyRunState, number> = { waiting: 0, active: 0, done: 0, pruned: 0, failed: 0, open: 0 };
  for (const studyRun of studyRuns) counts[stateOf(studyRun, runs)]++;
  return counts;
}

/** Rows with the best mean first; those without a value last, in their order. */
export function rankedRows(rows: readonly StudyRow[], direction: 'maximize' | 'minimize'): StudyRow[] {
  const sign = direction === 'maximize' ? 1 : -1;
  const score = ({ summary }: StudyRow): number => (summary ? sign * summary.mean : -Infinity);
  return rows.toSorted((a, b) => (score(b) === score(a) ? 0 : score(b) - score(a)));
}
