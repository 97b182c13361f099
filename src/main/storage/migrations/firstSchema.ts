import type { Migration } from './migration.ts';

/**
 * Text ids and plain columns, so that the tables can be queried by hand. A value that is not finite is NULL.
 * metric_buckets holds, at level l, one row per 16^l steps of a series.
 */
export const firstSchema: Migration = {
  version: 1,
  name: 'runs, metrics, checkpoints, datasets, settings and logs',
  up(db) {
    db.exec(`
      CREATE TABLE runs (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        note TEXT NOT NULL DEFAULT '',
        status TEXT NOT NULL CHECK (status IN ('queued', 'starting', 'running', 'paused', 'completed', 'stopped',
          'failed', 'interrupted', 'cancelled')),
        status_before_queue TEXT,
        end_reason TEXT CHECK (end_reason IN ('completed', 'stopped', 'earlyStopped')),
        failure TEXT,
        software_version TEXT NOT NULL,
        dataset_id TEXT NOT NULL,
        dataset_hash TEXT,
        device TEXT,
        parameter_count INTEGER,
        created_at_ms INTEGER NOT NULL,
        started_at_ms INTEGER,
        ended_at_ms INTEGER,
        deleted_at_ms INTEGER,
        queue_position INTEGER,
        step INTEGER NOT NULL DEFAULT 0,
        total_steps INTEGER,
        steps_per_epoch INTEGER,
        train_seconds REAL NOT NULL DEFAULT 0,
        extend TEXT CHECK (extend IN ('keepHorizon', 'annealAgain')),
        parent_run_id TEXT,
        parent_step INTEGER
      ) STRICT;
      CREATE INDEX runs_by_status ON runs (status, queue_position);

      -- a configuration is never changed; extending a run adds one that counts from its step on
      CREATE TABLE run_configs (
        run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
        version INTEGER NOT NULL,
        from_step INTEGER NOT NULL,
        created_at_ms INTEGER NOT NULL,
        config TEXT NOT NULL,
        PRIMARY KEY (run_id, version)
      ) STRICT, WITHOUT ROWID;
      CREATE TRIGGER run_configs_are_immutable BEFORE UPDATE ON run_configs
        BEGIN SELECT RAISE(ABORT, 'a run configuration never changes'); END;

      CREATE TABLE run_tags (
        run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
        position INTEGER NOT NULL,
        tag TEXT NOT NULL,
        PRIMARY KEY (run_id, position)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE metric_keys (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE) STRICT;
      CREATE TABLE metrics (
        run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
        key_id INTEGER NOT NULL REFERENCES metric_keys (id),
        step INTEGER NOT NULL,
        value REAL,
        PRIMARY KEY (run_id, key_id, step)
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE metric_buckets (
        run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
        key_id INTEGER NOT NULL REFERENCES metric_keys (id),
        level INTEGER NOT NULL,
        bucket INTEGER NOT NULL,
        minimum REAL,
        maximum REAL,
        last_step INTEGER NOT NULL,
        last_value REAL,
        points INTEGER NOT NULL,
        PRIMARY KEY (run_id, key_id, level, bucket)
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE run_series (
        run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
        key_id INTEGER NOT NULL REFERENCES metric_keys (id),
        points INTEGER NOT NULL,
        first_step INTEGER NOT NULL,
        last_step INTEGER NOT NULL,
        last_value REAL,
        PRIMARY KEY (run_id, key_id)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE checkpoints (
        run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
        path TEXT NOT NULL,
        step INTEGER NOT NULL,
        epoch REAL NOT NULL,
        bytes INTEGER NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('periodic', 'best', 'pause', 'final')),
        monitored REAL,
        created_at_ms INTEGER NOT NULL,
        PRIMARY KEY (run_id, path)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE logs (
        id INTEGER PRIMARY KEY,
        run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
        at_ms INTEGER NOT NULL,
        level TEXT NOT NULL CHECK (level IN ('info', 'warn', 'error')),
        message TEXT NOT NULL
      ) STRICT;
      CREATE INDEX logs_by_run ON logs (run_id, id);

      CREATE TABLE datasets (
        id TEXT PRIMARY KEY,
        hash TEXT NOT NULL,
        recipe TEXT NOT NULL,
        meta TEXT NOT NULL,
        created_at_ms INTEGER NOT NULL
      ) STRICT;

      CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
    `);
  },
};
