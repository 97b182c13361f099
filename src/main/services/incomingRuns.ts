import type { RunConfig } from '../../core/contract/runConfig.ts';
import type { Checkpoint, LogLine, Run } from '../../core/contract/runs.ts';
import { nextTurn } from '../../node/pacing.ts';
import type { Storage } from '../storage/openStorage.ts';

/** A run that was trained elsewhere, as it is taken in. */
export interface IncomingRun {
  run: Run;
  /** oldest first, each with the step from which it counts */
  configs: readonly { config: RunConfig; fromStep: number; createdAtMs: number }[];
  checkpoints: readonly Checkpoint[];
  log: readonly LogLine[];
  points: AsyncIterable<{ key: string; steps: readonly number[]; values: readonly (number | null)[] }>;
}

export interface IncomingRuns {
  /** Stores a run whole, or leaves nothing of it. Until it is whole it lies in the trash. */
  admit(incoming: IncomingRun): Promise<void>;
  /** Takes a run out again that was just taken in. */
  remove(runId: string): void;
  /** Removes what a program that ended in the middle of taking runs in has left. Answers their ids. */
  removePartial(): string[];
}

const partialPrefix = 'partialRun.';
const purgeChunk = 50_000;

export function createIncomingRuns(
  storage: Pick<Storage, 'runs' | 'metrics' | 'checkpoints' | 'logs' | 'settings'>,
  nowMs: () => number,
): IncomingRuns {
  const { runs, metrics, checkpoints, logs, settings } = storage;
  const remove = (runId: string): void => {
    while (metrics.removeSome(runId, purgeChunk));
    runs.remove(runId);
    settings.remove(`${partialPrefix}${runId}`);
  };
  return {
    async admit({ run, configs, checkpoints: saved, log, points }) {
      const [first, ...later] = configs;
      runs.atomically(() => {
        settings.set(`${partialPrefix}${run.id}`, { sinceMs: nowMs() });
        runs.insert({
          ...run,
          config: first!.config,
          step: first!.fromStep,
          status: 'interrupted',
          queuePosition: null,
        });
        // in the trash, where no view and no queue looks
        runs.update(run.id, { deletedAtMs: nowMs(), ...(run.origin ? { origin: run.origin } : {}) });
      });
      try {
        for await (const { key, steps, values } of points) {
          metrics.commit({
            runId: run.id,
            step: run.step,
            trainSeconds: run.trainSeconds,
            series: { [key]: { steps: [...steps], values: values.map((value) => value ?? Number.NaN) } },
          });
          await nextTurn();
        }
        runs.atomically(() => {
          for (const { config, fromStep, createdAtMs } of later) runs.addConfig(run.id, config, fromStep, createdAtMs);
          for (const checkpoint of saved) checkpoints.put(checkpoint);
          for (const line of log) logs.append(line);
          const { name, note, status, endReason, failure, datasetHash, device, parameterCount } = run;
          const { startedAtMs, endedAtMs, deletedAtMs, step, totalSteps, stepsPerEpoch, trainSeconds } = run;
          runs.update(run.id, { name, note, status, endReason, failure, datasetHash, device, parameterCount });
          runs.update(run.id, { startedAtMs, endedAtMs, deletedAtMs, step, totalSteps, stepsPerEpoch, trainSeconds });
          settings.remove(`${partialPrefix}${run.id}`);
        });
      } catch (error) {
        remove(run.id);
        throw error;
      }
    },
    remove,
    removePartial() {
      const partial = Object.keys(settings.all()).filter((key) => key.startsWith(partialPrefix));
      const ids = partial.map((key) => key.slice(partialPrefix.length));
      ids.forEach(remove);
      return ids;
    },
  };
}
