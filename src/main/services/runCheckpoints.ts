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
   * killed before it could tell. Answers those that exist, best to continue from first.
   */
  reconcile(runId: string, stepsPerEpoch: number | null): Promise<Checkpoint[]>;
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
  };
}
