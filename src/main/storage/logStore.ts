import type { Database } from 'better-sqlite3';
import type { LogLine } from '../../core/contract/runs.ts';

export interface LogStore {
  append(line: LogLine): void;
  /** the newest `limit` lines, oldest of them first */
  list(runId: string, limit: number): LogLine[];
}

/** A run keeps this many of its newest lines, and as many characters of each. */
const keptLines = 10_000;
const keptCharacters = 8_000;
/** Old lines of a run are looked for once in so many new ones. */
const pruneEvery = 500;

export function createLogStore(db: Database): LogStore {
  const insert = db.prepare('INSERT INTO logs (run_id, at_ms, level, message) VALUES (?, ?, ?, ?)');
  const prune = db.prepare(`DELETE FROM logs WHERE run_id = @runId AND id <=
    (SELECT id FROM logs WHERE run_id = @runId ORDER BY id DESC LIMIT 1 OFFSET @kept)`);
  const sincePrune = new Map<string, number>();
  const list = db.prepare<unknown[], LogLine>(`
    SELECT run_id AS runId, at_ms AS atMs, level, message FROM logs WHERE run_id = ? ORDER BY id DESC LIMIT ?`);
  return {
    append({ runId, atMs, level, message }) {
      insert.run(runId, atMs, level, message.slice(0, keptCharacters));
      const lines = (sincePrune.get(runId) ?? 0) + 1;
      sincePrune.set(runId, lines % pruneEvery);
      if (lines === pruneEvery) prune.run({ runId, kept: keptLines });
    },
    list: (runId, limit) => list.all(runId, limit).toReversed(),
  };
}
