import type { Run } from '../contract/runs.ts';
import type { Study } from '../contract/studies.ts';
import { stateOf } from './studyTable.ts';

type TimedRun = Pick<Run, 'status' | 'deletedAtMs' | 'step' | 'totalSteps' | 'trainSeconds' | 'parent'>;

/** Training seconds per step so far, evaluation included; null while too little is known. */
function paceOf({ step, trainSeconds, parent }: TimedRun): number | null {
  const own = step - (parent?.step ?? 0);
  return own > 0 && trainSeconds > 0 ? trainSeconds / own : null;
}

function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? null;
}

/**
 * Seconds until the last run of a study ends, `atATime` runs at a time: the steps that are left times the pace of the runs
 * of the same setting, or else the median pace. A run that trains now counts, so that something is known long before
 * the first one ends; null before.
 */
export function studySecondsLeft(
  { runs: studyRuns }: Pick<Study, 'runs'>,
  runs: ReadonlyMap<string, TimedRun>,
  atATime = 1,
): number | null {
  const known = new Map<string, { paces: number[]; lengths: number[] }>();
  for (const { settingId, runId } of studyRuns) {
    const run = runId === null ? undefined : runs.get(runId);
    const pace = run ? paceOf(run) : null;
    if (!run || pace === null || run.totalSteps === null) continue;
    const setting = known.get(settingId) ?? { paces: [], lengths: [] };
    known.set(settingId, setting);
    setting.paces.push(pace);
    setting.lengths.push(run.totalSteps);
  }
  const facts = new Map(
    [...known].map(([id, { paces, lengths }]) => [id, { pace: median(paces)!, length: median(lengths)! }]),
  );
  const pace = median([...facts.values()].map((each) => each.pace));
  const length = median([...facts.values()].map((each) => each.length));
  if (pace === null || length === null) return null;
  let seconds = 0;
  let longest = 0;
  for (const studyRun of studyRuns) {
    const state = stateOf(studyRun, runs);
    if (state === 'done' || state === 'pruned' || state === 'failed') continue;
    const run = studyRun.runId === null ? undefined : runs.get(studyRun.runId);
    const like = facts.get(studyRun.settingId) ?? { pace, length };
    const left = Math.max(0, (run?.totalSteps ?? like.length) - (run?.step ?? 0)) * like.pace;
    seconds += left;
    longest = Math.max(longest, left);
  }
  return Math.max(longest, seconds / Math.max(1, atATime));
}
