import type { Database } from 'better-sqlite3';
import type { Checkpoint } from '../../core/contract/runs.ts';

/** Paths are as the caller gives them; the run service keeps them relative to the run's checkpoint folder. */
export interface CheckpointStore {
  put(checkpoint: Checkpoint): void;
  /** newest step first */
  list(runId: string): Checkpoint[];
  remove(runId: string, path: string): void;
}

const columns = `run_id AS runId, step, epoch, path, bytes, kind, monitored, created_at_ms AS createdAtMs`;

export function createCheckpointStore(db: Database): CheckpointStore {
  const put =
    db.prepare(`INSERT OR REPLACE INTO checkpoints (run_id, path, step, epoch, bytes, kind, monitored, created_at_ms)
    VALUES (@runId, @path, @step, @epoch, @bytes, @kind, @monitored, @createdAtMs)`);
  const list = db.prepare<[string], Checkpoint>(
    `SELECT ${columns} FROM checkpoints WHERE run_id = ? ORDER BY step DESC, kind = 'best', path`,
  );
  const remove = db.prepare('DELETE FROM checkpoints WHERE run_id = ? AND path = ?');
  return {
    put: (checkpoint) => void put.run(checkpoint),
    list: (runId) => list.all(runId),
    remove: (runId, path) => void remove.run(runId, path),
  };
}
