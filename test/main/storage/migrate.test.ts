import { readdirSync, readFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { dataDirLayout, type DataDirLayout } from '../../../src/main/storage/dataDirLayout.ts';
import { migrate, schemaVersion } from '../../../src/main/storage/migrate.ts';
import { firstSchema } from '../../../src/main/storage/migrations/firstSchema.ts';
import { migrations } from '../../../src/main/storage/migrations/index.ts';
import type { Migration } from '../../../src/main/storage/migrations/migration.ts';
import { openDatabase, openDatabaseReadOnly } from '../../../src/main/storage/openDatabase.ts';
import { createMetricStore } from '../../../src/main/storage/metricStore.ts';
import { createStores } from '../../../src/main/storage/openStorage.ts';
import { createRunStore } from '../../../src/main/storage/runStore.ts';
import { temporaryFolders } from '../services/testApp.ts';
import { storedRun, thrownBy } from './storageFixtures.ts';

const folders = temporaryFolders();
afterAll(folders.remove);
let layout: DataDirLayout;
beforeEach(() => {
  layout = dataDirLayout(folders.create());
});

/** The stores that the first schema has tables for. */
const oldStores = (db: Database.Database) => ({ runs: createRunStore(db), metrics: createMetricStore(db) });

/** A database of the first schema with one run in it, closed. */
function databaseOfYesterday(): void {
  const { db } = openDatabase(layout, [firstSchema]);
  const stores = oldStores(db);
  stores.runs.insert(storedRun('a', { tags: ['kept'] }));
  stores.metrics.commit({ runId: 'a', step: 2, series: { loss: { steps: [1, 2], values: [3, 4] } }, trainSeconds: 1 });
  db.close();
}
const tagsOf = (db: Database.Database): unknown[] => db.prepare('SELECT tag FROM run_tags').pluck().all();
const addColour: Migration = {
  version: 2,
  name: 'colours',
  up: (db) => void db.exec("ALTER TABLE runs ADD COLUMN colour TEXT NOT NULL DEFAULT 'red'"),
};

describe('the migrations of this program', () => {
  it('are numbered from 1 without gaps', () => {
    expect(migrations.map(({ version }) => version)).toEqual(migrations.map((_, i) => i + 1));
  });

  it.each(migrations)('$version: $name', ({ version }) => {
    const { db } = openDatabase(layout, migrations.slice(0, version));
    expect(schemaVersion(db)).toBe(version);
    expect(db.pragma('foreign_key_check')).toEqual([]);
    expect(db.pragma('foreign_keys', { simple: true })).toBe(1);
    // opening again changes nothing
    const before = db.prepare('SELECT sql FROM sqlite_master').all();
    migrate(db, migrations.slice(0, version));
    expect(db.prepare('SELECT sql FROM sqlite_master').all()).toEqual(before);
    db.close();
  });

  it('give tables that refuse what is no number, an unknown status and a changed configuration', () => {
    const { db } = openDatabase(layout);
    createStores(db).runs.insert(storedRun('a'));
    expect(() => db.exec("UPDATE runs SET step = 'many'")).toThrow('cannot store TEXT value in INTEGER column');
    expect(() => db.exec("UPDATE runs SET status = 'asleep'")).toThrow('CHECK constraint failed');
    expect(() => db.exec("UPDATE run_configs SET config = '{}'")).toThrow('a run configuration never changes');
    db.close();
  });

  it('keep every row of a database that an earlier program wrote', () => {
    databaseOfYesterday();
    const { db } = openDatabase(layout);
    const stores = createStores(db);
    expect(stores.runs.get('a')).toMatchObject({ tags: ['kept'], step: 2, latest: { loss: 4 } });
    expect(stores.metrics.series('a', 'loss', { maxPoints: 0 })).toMatchObject({ steps: [1, 2], values: [3, 4] });
    db.close();
  });
});

it('copies the database aside before its first change', () => {
  databaseOfYesterday();
  openDatabase(layout, [firstSchema, addColour]).db.close();
  const copy = new Database(`${layout.root}/lp-workbench.before-schema-2.db`, { readonly: true });
  expect(schemaVersion(copy)).toBe(1);
  expect(tagsOf(copy)).toEqual(['kept']);
  expect(copy.prepare('SELECT * FROM runs').get()).not.toHaveProperty('colour');
  copy.close();
  const migrated = new Database(layout.database);
  expect(migrated.prepare('SELECT colour FROM runs').pluck().all()).toEqual(['red']);
  migrated.close();
});

it('makes no copy of a new database', () => {
  openDatabase(layout, [firstSchema, addColour]).db.close();
  expect(readdirSync(layout.root)).toEqual(['lp-workbench.db']);
});

it('a migration that fails changes nothing, names the copy, and can be tried again', () => {
  databaseOfYesterday();
  const failing: Migration = {
    version: 2,
    name: 'colours',
    up(db) {
      addColour.up(db);
      db.exec("UPDATE runs SET colour = 'green'; DELETE FROM run_tags");
      throw new Error('no such colour');
    },
  };
  const error = thrownBy(() => openDatabase(layout, [firstSchema, failing]));
  expect(error.code).toBe('migrationFailed');
  expect(error.message).toBe(
    `The database ${layout.database} could not be brought to schema 2 (colours): no such colour. It still has schema 1; ` +
      `a copy from before is ${layout.root}/lp-workbench.before-schema-2.db. Go on with the version of lp-workbench that wrote it.`,
  );
  const { db } = openDatabase(layout, [firstSchema]);
  expect(tagsOf(db)).toEqual(['kept']);
  expect(db.prepare('SELECT * FROM runs').get()).not.toHaveProperty('colour');
  db.close();
  const again = openDatabase(layout, [firstSchema, addColour]);
  expect(tagsOf(again.db)).toEqual(['kept']);
  again.db.close();
});

it('stops at the first failure of several, with the ones before it done', () => {
  databaseOfYesterday();
  const broken: Migration = { version: 3, name: 'broken', up: (db) => void db.exec('SELECT * FROM nothing') };
  expect(thrownBy(() => openDatabase(layout, [firstSchema, addColour, broken])).code).toBe('migrationFailed');
  const { db } = openDatabase(layout, [firstSchema, addColour]);
  expect(schemaVersion(db)).toBe(2);
  db.close();
});

it('a table may be replaced without losing the rows that refer to it', () => {
  databaseOfYesterday();
  const rebuild: Migration = {
    version: 2,
    name: 'runs, built anew',
    up: (db) =>
      void db.exec(
        'CREATE TABLE fresh AS SELECT * FROM runs; DROP TABLE runs; CREATE TABLE runs (id TEXT PRIMARY KEY, name TEXT) STRICT; INSERT INTO runs SELECT id, name FROM fresh; DROP TABLE fresh',
      ),
  };
  const { db } = openDatabase(layout, [firstSchema, rebuild]);
  expect(tagsOf(db)).toEqual(['kept']);
  expect(() => db.exec("INSERT INTO run_tags VALUES ('nobody', 0, 'x')")).toThrow('FOREIGN KEY constraint failed');
  db.close();
});

it('a migration that leaves rows without what they refer to is refused', () => {
  databaseOfYesterday();
  const careless: Migration = { version: 2, name: 'careless', up: (db) => void db.exec('DELETE FROM runs') };
  const error = thrownBy(() => openDatabase(layout, [firstSchema, careless]));
  expect(error.message).toContain('refer to rows of runs that are not there');
});

describe('a database of a newer program', () => {
  const sentence = (): string =>
    `The database ${layout.database} was written by a newer version of lp-workbench (schema 99, this program knows ${migrations.length}): ` +
    'update lp-workbench, or choose another data folder with --data-dir. Nothing was changed.';

  it('is refused and not touched, for writing and for reading', () => {
    const { db } = openDatabase(layout);
    db.pragma('user_version = 99');
    db.close();
    const before = readFileSync(layout.database);
    for (const open of [openDatabase, openDatabaseReadOnly]) {
      const error = thrownBy(() => open(layout));
      expect(error).toMatchObject({ code: 'databaseTooNew', details: { version: 99, known: migrations.length } });
      expect(error.message).toBe(sentence());
    }
    expect(readFileSync(layout.database).equals(before)).toBe(true);
  });
});
