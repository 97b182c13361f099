import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Study } from '../../../src/core/contract/studies.ts';
import { parseStudySpec } from '../../../src/core/studies/studySpec.ts';
import { migrate } from '../../../src/main/storage/migrate.ts';
import { migrations } from '../../../src/main/storage/migrations/index.ts';
import { createStores } from '../../../src/main/storage/openStorage.ts';
import { storedRun } from './storageFixtures.ts';

let db: Database.Database;
let stores: ReturnType<typeof createStores>;
beforeEach(() => {
  db = new Database(':memory:');
  migrate(db, migrations);
  stores = createStores(db);
});
afterEach(() => db.close());

describe('runs', () => {
  it('come back as they were stored', () => {
    const run = storedRun('a', {
      tags: ['second', 'first', 'ärger "x"'],
      note: 'a\nb',
      parent: { runId: 'gone', step: 7 },
      step: 7,
    });
    stores.runs.insert(run);
    expect(stores.runs.get('a')).toEqual(run);
    const changes = {
      status: 'failed',
      failure: { code: 'nonFiniteLoss', message: 'too large', details: { step: 3 } },
      device: { id: 'wasm', description: 'wasm', threads: 2 },
      endedAtMs: 5,
    } as const;
    stores.runs.update('a', changes);
    expect(stores.runs.get('a')).toEqual({ ...run, ...changes });
  });

  it('are all stored or none when several changes belong together', () => {
    stores.runs.insert(storedRun('a'));
    expect(() =>
      stores.runs.atomically(() => {
        stores.runs.update('a', { name: 'other' });
        stores.runs.setTags('a', ['x']);
        stores.runs.insert(storedRun('a'));
      }),
    ).toThrow('UNIQUE constraint failed: runs.id');
    expect(stores.runs.get('a')).toEqual(storedRun('a'));
  });

  it('keep every configuration they had', () => {
    const run = storedRun('a');
    stores.runs.insert(run);
    stores.runs.addConfig('a', { ...run.config, epochs: 80 }, 480, 9);
    expect(stores.runs.get('a')?.config.epochs).toBe(80);
    expect(db.prepare('SELECT version, from_step FROM run_configs ORDER BY version').raw().all()).toEqual([
      [1, 0],
      [2, 480],
    ]);
  });

  it('take everything of theirs along when they go', () => {
    for (const id of ['a', 'b']) {
      stores.runs.insert(storedRun(id, { tags: ['t'] }));
      stores.metrics.commit({ runId: id, step: 1, series: { loss: { steps: [1], values: [1] } }, trainSeconds: 0 });
      stores.logs.append({ runId: id, atMs: 0, level: 'info', message: 'm' });
    }
    stores.runs.remove('a');
    const tables = ['run_configs', 'run_tags', 'metrics', 'metric_buckets', 'run_series', 'logs'];
    const owners = tables.map((table) => db.prepare(`SELECT DISTINCT run_id FROM ${table}`).pluck().all());
    expect(owners).toEqual(tables.map(() => ['b']));
  });
});

it('a run keeps its newest ten thousand log lines, whatever other runs write', () => {
  for (const id of ['a', 'b']) stores.runs.insert(storedRun(id));
  for (let i = 0; i < 10_600; i++) {
    for (const runId of ['a', 'b']) stores.logs.append({ runId, atMs: i, level: 'info', message: `${runId} ${i}` });
  }
  for (const runId of ['a', 'b']) {
    const kept = db.prepare<[string], number>('SELECT count(*) FROM logs WHERE run_id = ?').pluck().get(runId)!;
    expect(kept).toBeGreaterThanOrEqual(10_000);
    expect(kept).toBeLessThan(10_500);
    const newest = stores.logs.list(runId, 2);
    expect(newest.map(({ message }) => message)).toEqual([`${runId} 10598`, `${runId} 10599`]);
  }
  stores.logs.append({ runId: 'a', atMs: 0, level: 'error', message: 'x'.repeat(100_000) });
  expect(stores.logs.list('a', 1)[0]?.message).toHaveLength(8_000);
});

it('settings are plain values by name', () => {
  stores.settings.set('theme', 'dark');
  stores.settings.set('columns', { order: ['a', 'b'], width: 3, hidden: null });
  stores.settings.set('theme', 'light');
  expect(stores.settings.all()).toEqual({
    columns: { order: ['a', 'b'], width: 3, hidden: null },
    theme: 'light',
  });
  stores.settings.remove('columns');
  expect(stores.settings.get('columns')).toBeUndefined();
});

describe('studies', () => {
  const study: Study = {
    id: 's',
    name: 'p of the start',
    note: '',
    status: 'draft',
    spec: parseStudySpec({ optimizers: [{ id: 'lpsgdm' }], seeds: [0, 1] }),
    createdAtMs: 1,
    startedAtMs: null,
    endedAtMs: null,
    runs: [0, 1].map((seed) => ({
      position: seed,
      settingId: '0.0',
      seed,
      runId: null,
      prunedEpoch: null,
      prunedValue: null,
    })),
  };
  beforeEach(() => stores.studies.insert(study));

  it('come back as they were stored, with the changes since', () => {
    expect(stores.studies.get('s')).toEqual(study);
    stores.runs.insert(storedRun('a'));
    stores.studies.update('s', { status: 'running', startedAtMs: 2 });
    stores.studies.link('s', 1, 'a');
    stores.studies.prune('s', 1, 5, 0.25);
    expect(stores.studies.list()).toEqual([
      {
        ...study,
        status: 'running',
        startedAtMs: 2,
        runs: [study.runs[0], { ...study.runs[1], runId: 'a', prunedEpoch: 5, prunedValue: 0.25 }],
      },
    ]);
  });

  it('keep the place of a run that is removed for good, and leave runs alone when they go', () => {
    stores.runs.insert(storedRun('a'));
    stores.runs.insert(storedRun('b'));
    stores.studies.link('s', 0, 'a');
    stores.studies.link('s', 1, 'b');
    stores.runs.remove('a');
    expect(stores.studies.get('s')?.runs.map(({ runId }) => runId)).toEqual([null, 'b']);
    stores.studies.remove('s');
    expect(stores.studies.get('s')).toBeUndefined();
    expect(db.prepare('SELECT count(*) FROM study_runs').pluck().get()).toBe(0);
    expect(stores.runs.get('b')).toBeDefined();
  });

  it('refuse a status that there is not', () => {
    expect(() => db.exec("UPDATE studies SET status = 'asleep'")).toThrow('CHECK constraint failed');
  });
});
