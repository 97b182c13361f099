import type { Migration } from './migration.ts';

/** A study keeps its runs by place; a run that is removed for good leaves its place empty. */
export const studies: Migration = {
  version: 2,
  name: 'studies',
  up(db) {
    db.exec(`
      CREATE TABLE studies (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        note TEXT NOT NULL DEFAULT '',
        status TEXT NOT NULL CHECK (status IN ('draft', 'running', 'stopped', 'interrupted', 'completed')),
        spec TEXT NOT NULL,
        created_at_ms INTEGER NOT NULL,
        started_at_ms INTEGER,
        ended_at_ms INTEGER
      ) STRICT;

      CREATE TABLE study_runs (
        study_id TEXT NOT NULL REFERENCES studies (id) ON DELETE CASCADE,
        position INTEGER NOT NULL,
        setting_id TEXT NOT NULL,
        seed INTEGER NOT NULL,
        run_id TEXT REFERENCES runs (id) ON DELETE SET NULL,
        pruned_epoch INTEGER,
        pruned_value REAL,
        PRIMARY KEY (study_id, position)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX study_runs_by_run ON study_runs (run_id);
    `);
  },
};
