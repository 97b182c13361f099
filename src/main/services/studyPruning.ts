import type { Run } from '../../core/contract/runs.ts';
import type { Study, StudyRun } from '../../core/contract/studies.ts';
import { medianStopEpoch, type EpochValues } from '../../core/studies/medianStopping.ts';
import type { MetricStore } from '../storage/metricStore.ts';
import type { RunStore } from '../storage/runStore.ts';

export interface Pruning {
  epoch: number;
  value: number | null;
}

/**
 * Whether the stopping rule of a study ends one of its runs, by the stored metrics alone. Only runs that were planned
 * earlier are compared with, so that with one run at a time the answer does not depend on when it is asked.
 */
export function pruningOf(
  study: Study,
  studyRun: StudyRun,
  stores: { runs: Pick<RunStore, 'get'>; metrics: Pick<MetricStore, 'series'> },
): Pruning | null {
  const { stopping, objective } = study.spec;
  if (stopping.kind !== 'median') return null;
  const curveOf = ({ runId, prunedEpoch }: StudyRun): EpochValues => {
    const run = runId === null ? undefined : stores.runs.get(runId);
    const curve = run ? epochValues(run, stores.metrics, objective.metric) : [];
    return prunedEpoch === null ? curve : curve.slice(0, prunedEpoch);
  };
  const own = curveOf(studyRun);
  const others = study.runs
    .filter(({ seed, position }) => seed === studyRun.seed && position < studyRun.position)
    .map(curveOf);
  const epoch = medianStopEpoch(stopping, objective.direction, own, others);
  const lastEpoch = studyRun.runId === null ? 0 : (stores.runs.get(studyRun.runId)?.config.epochs ?? 0);
  // after its last epoch nothing is left to save
  return epoch === null || epoch >= lastEpoch ? null : { epoch, value: own[epoch - 1] ?? null };
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
