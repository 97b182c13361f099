import type { Checkpoint } from '../../core/contract/runs.ts';
import type { CheckpointInfo } from '../../core/contract/workerMessages.ts';
import type { CheckpointStore } from '../storage/checkpointStore.ts';
import type { RunFiles } from './runFiles.ts';

/** What is known of the checkpoints of runs, kept true to the folders on disk. Paths given out are absolute. */
export interface RunCheckpoints {
  list(runId: string): Checkpoint[];
  /** A worker wrote one and is about to remove others. */
  record(runId: string, info: CheckpointInfo, removed: readonly string[]): void;
  forget(runId: string, absolutePath: string): void;
  /**
   * Compares with the folders: forgets checkpoints that are gone or no longer whole, learns of those whose worker was
   * killed before it could tell. Answers those that exist, newest first.
   */
  reconcile(runId: string, stepsPerEpoch: number | null): Promise<Checkpoint[]>;
  /**
   * Notes what is there now of steps after `step` and answers how to remove it. A run that goes on from `step` takes
   * those steps again; on a device that is not reproducible they come out differently.
   */
  outdatedAfter(runId: string, step: number): Promise<() => Promise<void>>;
}

/**
 * Where a run goes on: the newest checkpoint that the stored metrics reach, so that its series have no gap. A machine
 * that lost power can have kept a checkpoint and lost the last metrics; when no other is left, that one is taken.
 */
export function checkpointToResume(newestFirst: readonly Checkpoint[], storedStep: number): Checkpoint | undefined {
  return newestFirst.find(({ step }) => step <= storedStep) ?? newestFirst.at(-1);
}

export function createRunCheckpoints(store: CheckpointStore, files: RunFiles, nowMs: () => number): RunCheckpoints {
  const list = (runId: string): Checkpoint[] =>
    store.list(runId).map((row) => ({ ...row, path: files.checkpointPath(runId, row.path) }));
  return {
    list,
    record(runId, { path, step, epoch, bytes, kind, monitored }, removed) {
      const name = files.checkpointName(runId, path);
      store.put({ runId, path: name, step, epoch, bytes, kind, monitored, createdAtMs: nowMs() });
      for (const gone of removed) store.remove(runId, files.checkpointName(runId, gone));
    },
    forget: (runId, absolutePath) => store.remove(runId, files.checkpointName(runId, absolutePath)),
    async reconcile(runId, stepsPerEpoch) {
      const found = await files.findCheckpoints(runId);
      const known = store.list(runId);
      for (const row of known) {
        if (!found.some((checkpoint) => checkpoint.name === row.path)) store.remove(runId, row.path);
      }
      for (const { name, step, isBest, bytes } of found) {
        if (known.some((row) => row.path === name)) continue;
        const epoch = stepsPerEpoch ? step / stepsPerEpoch : 0;
        const kind = isBest ? 'best' : 'periodic';
        store.put({ runId, path: name, step, epoch, bytes, kind, monitored: null, createdAtMs: nowMs() });
      }
      return list(runId);
    },
    async outdatedAfter(runId, step) {
      const outdated = (await files.findCheckpoints(runId)).filter((checkpoint) => checkpoint.step > step);
      return async () => {
        for (const checkpoint of outdated) {
          if (await files.removeCheckpoint(runId, checkpoint)) store.remove(runId, checkpoint.name);
        }
      };
    },
  };
}
