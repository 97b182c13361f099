import type { DatasetMeta } from '../contract/datasets.ts';
import type { RunConfig } from '../contract/runConfig.ts';
import type { Run } from '../contract/runs.ts';
import { runSize } from '../runs/runSize.ts';

export interface Estimate {
  runs: number;
  /** of all runs one after the other; null where no run like these has ended yet */
  seconds: number | null;
  /** which runs the time was taken from */
  basis: 'sameModel' | 'none';
}

type Facts = Pick<DatasetMeta, 'rows' | 'parts'>;

const speedKey = ({ dataset, model, batchSize, device }: RunConfig): string =>
  JSON.stringify([dataset.id, model, batchSize, device]);

/** Seconds per step that a run took from its start to its end, evaluation and loading included; pauses are left out. */
function secondsPerStep({ startedAtMs, endedAtMs, trainSeconds, step }: Run): number {
  const wall = startedAtMs !== null && endedAtMs !== null ? (endedAtMs - startedAtMs) / 1_000 : Infinity;
  // a run that was paused or resumed has a wall time that means nothing
  const limit = 3 * trainSeconds + 30;
  return Math.min(wall, limit) / step;
}

/**
 * How long runs will take on this machine, from runs of the same model, data, batch size and device that have ended:
 * the median of their seconds per step times the steps to come.
 */
export function estimateSeconds(configs: readonly RunConfig[], facts: Facts | null, known: readonly Run[]): Estimate {
  const paces = new Map<string, number[]>();
  for (const run of known) {
    if (run.status !== 'completed' || run.step === 0) continue;
    const key = speedKey(run.config);
    paces.set(key, [...(paces.get(key) ?? []), secondsPerStep(run)]);
  }
  let seconds = 0;
  for (const config of configs) {
    const pace = paces.get(speedKey(config))?.toSorted((a, b) => a - b);
    if (!pace || !facts) return { runs: configs.length, seconds: null, basis: 'none' };
    seconds += pace[Math.floor(pace.length / 2)]! * runSize(config, facts.rows, facts.parts).totalSteps;
  }
  return { runs: configs.length, seconds, basis: 'sameModel' };
}
