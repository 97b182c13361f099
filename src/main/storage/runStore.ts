import type { Database } from 'better-sqlite3';
import type { RunConfig } from '../../core/contract/runConfig.ts';
import type { Run, RunStatus } from '../../core/contract/runs.ts';
import { atomic } from './atomic.ts';

/** What may change of a run besides its configuration, tags and metrics. */
export type RunChanges = Partial<
  Omit<Run, 'id' | 'config' | 'tags' | 'latest' | 'parent' | 'createdAtMs' | 'softwareVersion' | 'queuePosition'>
> & {
  /** what the run was before it entered the queue, so that leaving it again loses nothing */
  statusBeforeQueue?: RunStatus | null;
  /** how p goes on when the run is longer than its last checkpoint foresaw */
  extend?: 'keepHorizon' | 'annealAgain' | null;
};

/** What the queue knows of a run that the user does not see. */
export interface QueueNotes {
  statusBeforeQueue: RunStatus | null;
  extend: 'keepHorizon' | 'annealAgain' | null;
}

export interface RunStore {
  insert(run: Run): void;
  /** undefined when there is none */
  get(id: string): Run | undefined;
  /** newest first */
  list(options?: { includeDeleted?: boolean; statuses?: readonly RunStatus[] }): Run[];
  withIdPrefix(prefix: string): Run[];
  withName(name: string): Run[];
  update(id: string, changes: RunChanges): void;
  /** Adds the configuration that counts from `fromStep` on; earlier ones stay. */
  addConfig(id: string, config: RunConfig, fromStep: number, atMs: number): void;
  /** every configuration of a run, oldest first */
  configs(id: string): { config: RunConfig; fromStep: number; createdAtMs: number }[];
  setTags(id: string, tags: readonly string[]): void;
  queueNotes(id: string): QueueNotes;
  /** ids of queued runs, next first */
  queue(): string[];
  /** Numbers the queue 0, 1, 2 ... in this order; runs not named leave it. */
  setQueue(ids: readonly string[]): void;
  /** Removes the run with everything that hangs on it. Its metrics should be gone already, or this takes long. */
  remove(id: string): void;
  /** Runs several changes as one: all of them or none. */
  atomically<Result>(work: () => Result): Result;
}

interface RunRow {
  id: string;
  name: string;
  note: string;
  status: RunStatus;
  end_reason: Run['endReason'];
  failure: string | null;
  software_version: string;
  dataset_hash: string | null;
  device: string | null;
  parameter_count: number | null;
  created_at_ms: number;
  started_at_ms: number | null;
  ended_at_ms: number | null;
  deleted_at_ms: number | null;
  queue_position: number | null;
  step: number;
  total_steps: number | null;
  steps_per_epoch: number | null;
  train_seconds: number;
  parent_run_id: string | null;
  parent_step: number | null;
  origin: string | null;
  config: string;
  tags: string;
  latest: string;
}

const columnOf: Record<keyof RunChanges, string> = {
  name: 'name',
  note: 'note',
  status: 'status',
  endReason: 'end_reason',
  failure: 'failure',
  datasetHash: 'dataset_hash',
  device: 'device',
  parameterCount: 'parameter_count',
  startedAtMs: 'started_at_ms',
  endedAtMs: 'ended_at_ms',
  deletedAtMs: 'deleted_at_ms',
  step: 'step',
  totalSteps: 'total_steps',
  stepsPerEpoch: 'steps_per_epoch',
  trainSeconds: 'train_seconds',
  origin: 'origin',
  statusBeforeQueue: 'status_before_queue',
  extend: 'extend',
};

const toColumn = (value: unknown): unknown =>
  value !== null && typeof value === 'object' ? JSON.stringify(value) : value;

function fromRow(row: RunRow): Run {
  return {
    id: row.id,
    name: row.name,
    note: row.note,
    tags: JSON.parse(row.tags) as string[],
    status: row.status,
    endReason: row.end_reason,
    failure: row.failure === null ? null : (JSON.parse(row.failure) as Run['failure']),
    config: JSON.parse(row.config) as RunConfig,
    softwareVersion: row.software_version,
    datasetHash: row.dataset_hash,
    device: row.device === null ? null : (JSON.parse(row.device) as Run['device']),
    parameterCount: row.parameter_count,
    createdAtMs: row.created_at_ms,
    startedAtMs: row.started_at_ms,
    endedAtMs: row.ended_at_ms,
    deletedAtMs: row.deleted_at_ms,
    queuePosition: row.queue_position,
    step: row.step,
    totalSteps: row.total_steps,
    stepsPerEpoch: row.steps_per_epoch,
    trainSeconds: row.train_seconds,
    latest: JSON.parse(row.latest) as Run['latest'],
    ...(row.origin ? { origin: JSON.parse(row.origin) as Run['origin'] } : {}),
    parent: row.parent_run_id === null ? null : { runId: row.parent_run_id, step: row.parent_step ?? 0 },
  };
}

const selectRuns = `
  SELECT runs.*,
    (SELECT config FROM run_configs c WHERE c.run_id = runs.id ORDER BY version DESC LIMIT 1) AS config,
    (SELECT json_group_array(tag ORDER BY position) FROM run_tags t WHERE t.run_id = runs.id) AS tags,
    (SELECT json_group_object(key, last_value)
      FROM run_series s JOIN metric_keys k ON k.id = s.key_id WHERE s.run_id = runs.id) AS latest
  FROM runs`;

export function createRunStore(db: Database): RunStore {
  const insertRun = db.prepare(`
    INSERT INTO runs (id, name, note, status, software_version, dataset_id, dataset_hash, created_at_ms, queue_position,
      step, parent_run_id, parent_step)
    VALUES (@id, @name, @note, @status, @softwareVersion, @datasetId, @datasetHash, @createdAtMs, @queuePosition,
      @step, @parentRunId, @parentStep)`);
  const insertConfig = db.prepare(`
    INSERT INTO run_configs (run_id, version, from_step, created_at_ms, config)
    SELECT @id, coalesce(max(version), 0) + 1, @fromStep, @atMs, @config FROM run_configs WHERE run_id = @id`);
  const allConfigs = db.prepare<[string], { config: string; fromStep: number; createdAtMs: number }>(
    `SELECT config, from_step AS fromStep, created_at_ms AS createdAtMs FROM run_configs WHERE run_id = ? ORDER BY version`,
  );
  const insertTag = db.prepare('INSERT INTO run_tags (run_id, position, tag) VALUES (?, ?, ?)');
  const deleteTags = db.prepare('DELETE FROM run_tags WHERE run_id = ?');
  const byId = db.prepare<[string], RunRow>(`${selectRuns} WHERE id = ?`);
  const byPrefix = db.prepare<[string, string], RunRow>(`${selectRuns} WHERE id >= ? AND id < ? ORDER BY id`);
  const byName = db.prepare<[string], RunRow>(`${selectRuns} WHERE name = ? ORDER BY id`);
  const all = db.prepare<[], RunRow>(`${selectRuns} ORDER BY created_at_ms DESC, id DESC`);
  const notes = db.prepare<[string], { status_before_queue: RunStatus | null; extend: QueueNotes['extend'] }>(
    'SELECT status_before_queue, extend FROM runs WHERE id = ?',
  );
  const queued = db.prepare<[], string>(
    `SELECT id FROM runs WHERE status = 'queued' AND deleted_at_ms IS NULL ORDER BY queue_position, created_at_ms, id`,
  );
  const clearQueue = db.prepare('UPDATE runs SET queue_position = NULL WHERE queue_position IS NOT NULL');
  const place = db.prepare('UPDATE runs SET queue_position = ? WHERE id = ?');
  const removeRun = db.prepare('DELETE FROM runs WHERE id = ?');

  const setTags = (id: string, tags: readonly string[]): void => {
    deleteTags.run(id);
    tags.forEach((tag, position) => insertTag.run(id, position, tag));
  };
  const addConfig: RunStore['addConfig'] = (id, config, fromStep, atMs) => {
    insertConfig.run({ id, fromStep, atMs, config: JSON.stringify(config) });
  };

  return {
    insert: atomic(db, (run: Run) => {
      insertRun.run({
        ...run,
        datasetId: run.config.dataset.id,
        parentRunId: run.parent?.runId ?? null,
        parentStep: run.parent?.step ?? null,
      });
      addConfig(run.id, run.config, run.step, run.createdAtMs);
      setTags(run.id, run.tags);
    }),
    get(id) {
      const row = byId.get(id);
      return row && fromRow(row);
    },
    list({ includeDeleted = false, statuses } = {}) {
      return all
        .all()
        .filter((row) => (includeDeleted || row.deleted_at_ms === null) && (!statuses || statuses.includes(row.status)))
        .map(fromRow);
    },
    withIdPrefix: (prefix) => byPrefix.all(prefix, `${prefix}\u{10ffff}`).map(fromRow),
    withName: (name) => byName.all(name).map(fromRow),
    update(id, changes) {
      const entries = Object.entries(changes).filter(([, value]) => value !== undefined);
      if (entries.length === 0) return;
      const assignments = entries.map(([key]) => `${columnOf[key as keyof RunChanges]} = ?`).join(', ');
      db.prepare(`UPDATE runs SET ${assignments} WHERE id = ?`).run(...entries.map(([, value]) => toColumn(value)), id);
    },
    addConfig,
    configs: (id) =>
      allConfigs.all(id).map(({ config, ...rest }) => ({ config: JSON.parse(config) as RunConfig, ...rest })),
    setTags: atomic(db, setTags),
    queueNotes(id) {
      const row = notes.get(id);
      return { statusBeforeQueue: row?.status_before_queue ?? null, extend: row?.extend ?? null };
    },
    queue: () => queued.pluck().all(),
    setQueue: atomic(db, (ids: readonly string[]) => {
      clearQueue.run();
      ids.forEach((id, position) => place.run(position, id));
    }),
    remove: (id) => void removeRun.run(id),
    atomically: (work) => atomic(db, work)(),
  };
}
