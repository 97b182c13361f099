import type { Run } from '../../core/contract/runs.ts';
import type { Study, StudyRun } from '../../core/contract/studies.ts';
import { medianStopEpoch, runningMeans, type EpochValues } from '../../core/studies/medianStopping.ts';
import type { MetricStore } from '../storage/metricStore.ts';
import type { RunStore } from '../storage/runStore.ts';
import { createPace } from '../../node/pacing.ts';

export interface Pruning {
  epoch: number;
  value: number | null;
}

/** Judges one run of a study by its stopping rule; null while the rule does not end it. */
export type Pruner = (study: Pick<Study, 'spec' | 'runs'>, studyRun: StudyRun) => Promise<Pruning | null>;

/**
 * The stopping rule of one study, by the stored metrics alone. Only runs that were planned earlier are compared with, so
 * that with one run at a time the answer does not depend on when it is asked. What never changes again is read once, and
 * an epoch is judged once.
 */
export function createPruner(stores: { runs: Pick<RunStore, 'get'>; metrics: Pick<MetricStore, 'series'> }): Pruner {
  const meansOfEnded = new Map<string, EpochValues>();
  const judgedEpochs = new Map<string, number>();

  return async ({ spec: { stopping, objective }, runs }, studyRun) => {
    const run = studyRun.runId === null ? undefined : stores.runs.get(studyRun.runId);
    if (stopping.kind !== 'median' || !run) return null;
    const pace = createPace();
    const own = epochValues(run, stores.metrics, objective.metric);
    const others: EpochValues[] = [];
    for (const { seed, position, runId, prunedEpoch } of runs) {
      if (seed !== studyRun.seed || position >= studyRun.position || runId === null) continue;
      const key = `${runId} ${prunedEpoch}`;
      const known = meansOfEnded.get(key);
      if (known) {
        others.push(known);
        continue;
      }
      await pace();
      const other = stores.runs.get(runId);
      if (!other) continue;
      const curve = epochValues(other, stores.metrics, objective.metric);
      const means = runningMeans(prunedEpoch === null ? curve : curve.slice(0, prunedEpoch));
      if (prunedEpoch !== null || other.status === 'completed') meansOfEnded.set(key, means);
      others.push(means);
    }
    // after its last epoch nothing is left to save
    const last = Math.min(own.length, run.config.epochs - 1);
    for (let epoch = (judgedEpochs.get(run.id) ?? 0) + 1; epoch <= last; epoch++) {
      await pace();
      const found = medianStopEpoch(stopping, objective.direction, own.slice(0, epoch), others, epoch);
      if (found !== null) return { epoch: found, value: own[found - 1] ?? null };
      judgedEpochs.set(run.id, epoch);
    }
    return null;
  };
}

function epochValues({ id, stepsPerEpoch }: Run, metrics: Pick<MetricStore, 'series'>, key: string): (number | null)[] {
  if (stepsPerEpoch === null) return [];
  const { steps, values } = metrics.series(id, key, { maxPoints: 0 });
  const found: (number | null)[] = [];
  steps.forEach((step, i) => {
    const epoch = Math.round(step / stepsPerEpoch);
    while (found.length < epoch) found.push(null);
    if (epoch > 0) found[epoch - 1] = values[i] ?? null;
  });
  return found;
}
