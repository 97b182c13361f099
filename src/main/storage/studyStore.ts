import type { Database } from 'better-sqlite3';
import type { RunStatus } from '../../core/contract/runs.ts';
import type { Study, StudyRun } from '../../core/contract/studies.ts';
import type { StudySpec } from '../../core/studies/studySpec.ts';
import { atomic } from './atomic.ts';

export type StudyChanges = Partial<Pick<Study, 'name' | 'note' | 'status' | 'startedAtMs' | 'endedAtMs'>>;

export interface StudyStore {
  insert(study: Study): void;
  get(id: string): Study | undefined;
  /** newest first */
  list(): Study[];
  /** ids and names, newest first, without the runs */
  names(): Pick<Study, 'id' | 'name' | 'status'>[];
  /** where the runs of a study stand, in their order; a place without a run has no status */
  places(id: string): StudyPlaceState[];
  update(id: string, changes: StudyChanges): void;
  /** Gives a place of the study to a run. */
  link(id: string, position: number, runId: string): void;
  /** Notes that the stopping rule ended the run at a place. */
  prune(id: string, position: number, epoch: number, value: number | null): void;
  remove(id: string): void;
}

/** A place of a study with what of its run decides what is to be done next. */
export interface StudyPlaceState {
  position: number;
  runId: string | null;
  prunedEpoch: number | null;
  status: RunStatus | null;
  deletedAtMs: number | null;
  /** code of the error that ended the run, if one did */
  failureCode: string | null;
}

interface StudyRow {
  id: string;
  name: string;
  note: string;
  status: Study['status'];
  spec: string;
  created_at_ms: number;
  started_at_ms: number | null;
  ended_at_ms: number | null;
}

const columnOf: Record<keyof StudyChanges, string> = {
  name: 'name',
  note: 'note',
  status: 'status',
  startedAtMs: 'started_at_ms',
  endedAtMs: 'ended_at_ms',
};

export function createStudyStore(db: Database): StudyStore {
  const insertStudy = db.prepare(`
    INSERT INTO studies (id, name, note, status, spec, created_at_ms, started_at_ms, ended_at_ms)
    VALUES (@id, @name, @note, @status, @spec, @createdAtMs, @startedAtMs, @endedAtMs)`);
  const insertRun = db.prepare(`
    INSERT INTO study_runs (study_id, position, setting_id, seed, run_id, pruned_epoch, pruned_value)
    VALUES (@studyId, @position, @settingId, @seed, @runId, @prunedEpoch, @prunedValue)`);
  const byId = db.prepare<[string], StudyRow>('SELECT * FROM studies WHERE id = ?');
  const all = db.prepare<[], StudyRow>('SELECT * FROM studies ORDER BY created_at_ms DESC, id DESC');
  const runsOf = db.prepare<[string], StudyRun>(`
    SELECT position, setting_id AS settingId, seed, run_id AS runId, pruned_epoch AS prunedEpoch,
      pruned_value AS prunedValue
    FROM study_runs WHERE study_id = ? ORDER BY position`);
  const names = db.prepare<[], Pick<Study, 'id' | 'name' | 'status'>>(
    'SELECT id, name, status FROM studies ORDER BY created_at_ms DESC, id DESC',
  );
  const places = db.prepare<[string], StudyPlaceState>(`
    SELECT position, run_id AS runId, pruned_epoch AS prunedEpoch, r.status AS status, r.deleted_at_ms AS deletedAtMs,
      r.failure ->> '$.code' AS failureCode
    FROM study_runs LEFT JOIN runs r ON r.id = run_id WHERE study_id = ? ORDER BY position`);
  const link = db.prepare('UPDATE study_runs SET run_id = ? WHERE study_id = ? AND position = ?');
  const prune = db.prepare(
    'UPDATE study_runs SET pruned_epoch = ?, pruned_value = ? WHERE study_id = ? AND position = ?',
  );
  const remove = db.prepare('DELETE FROM studies WHERE id = ?');

  const fromRow = (row: StudyRow): Study => ({
    id: row.id,
    name: row.name,
    note: row.note,
    status: row.status,
    spec: JSON.parse(row.spec) as StudySpec,
    createdAtMs: row.created_at_ms,
    startedAtMs: row.started_at_ms,
    endedAtMs: row.ended_at_ms,
    runs: runsOf.all(row.id),
  });

  return {
    insert: atomic(db, (study: Study) => {
      insertStudy.run({ ...study, spec: JSON.stringify(study.spec) });
      for (const run of study.runs) insertRun.run({ ...run, studyId: study.id });
    }),
    get(id) {
      const row = byId.get(id);
      return row && fromRow(row);
    },
    list: () => all.all().map(fromRow),
    names: () => names.all(),
    places: (id) => places.all(id),
    update(id, changes) {
      const entries = Object.entries(changes).filter(([, value]) => value !== undefined);
      if (entries.length === 0) return;
      const assignments = entries.map(([key]) => `${columnOf[key as keyof StudyChanges]} = ?`).join(', ');
      db.prepare(`UPDATE studies SET ${assignments} WHERE id = ?`).run(...entries.map(([, value]) => value), id);
    },
    link: (id, position, runId) => void link.run(runId, id, position),
    prune: (id, position, epoch, value) => void prune.run(epoch, value, id, position),
    remove: (id) => void remove.run(id),
  };
}
