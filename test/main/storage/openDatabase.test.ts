import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { dataDirLayout, type DataDirLayout } from '../../../src/main/storage/dataDirLayout.ts';
import type { Migration } from '../../../src/main/storage/migrations/migration.ts';
import { migrations } from '../../../src/main/storage/migrations/index.ts';
import { openDatabase, openDatabaseReadOnly } from '../../../src/main/storage/openDatabase.ts';
import { openStorage } from '../../../src/main/storage/openStorage.ts';
import { runCommand } from '../cli/runCommand.ts';
import { temporaryFolders } from '../services/testApp.ts';
import { storedRun, thrownBy } from './storageFixtures.ts';

const folders = temporaryFolders();
afterAll(folders.remove);
let layout: DataDirLayout;
beforeEach(() => {
  layout = dataDirLayout(folders.create());
});

/** Stores runs of these ids and a thousand points, and backs up between the first and the others. */
async function fill(backedUp: string, ...later: string[]): Promise<void> {
  const storage = openStorage({ dataDir: layout.root, readOnly: false });
  storage.runs.insert(storedRun(backedUp));
  await storage.backUp();
  for (const id of later) {
    storage.runs.insert(storedRun(id));
    const steps = Array.from({ length: 5_000 }, (_, i) => i + 1);
    storage.metrics.commit({ runId: id, step: 5_000, series: { loss: { steps, values: steps } }, trainSeconds: 1 });
  }
  await storage.close();
}

/** Overwrites every page but the first. */
function scribble(file: string): void {
  const bytes = readFileSync(file);
  bytes.fill(0x5a, 4_096);
  writeFileSync(file, bytes);
}

const damages: { how: string; damage: (file: string) => void }[] = [
  { how: 'is no database at all', damage: (file) => writeFileSync(file, 'Hello, I am a text file.\n'.repeat(1_000)) },
  { how: 'has unreadable pages', damage: scribble },
  { how: 'is cut short', damage: (file) => truncateSync(file, 3 * 4_096 + 17) },
  { how: 'has become empty', damage: (file) => truncateSync(file, 0) },
];

describe.each(damages)('a database that $how', ({ damage }) => {
  it('is refused for writing with what to do, and left as it is', async () => {
    await fill('old', 'new');
    damage(layout.database);
    const before = readFileSync(layout.database);
    const error = thrownBy(() => openStorage({ dataDir: layout.root, readOnly: false }));
    expect(error.code).toBe('databaseCorrupt');
    expect(error.message).toMatch(
      /^The database .*lp-workbench\.db is damaged \(.+\) and was left as it is\. A backup from /,
    );
    expect(error.message).toContain(
      `move ${layout.database}, ${layout.database}-wal and ${layout.database}-shm elsewhere and rename ${layout.backup} to ${layout.database}.`,
    );
    expect(readFileSync(layout.database).equals(before)).toBe(true);

    // what the sentence says helps
    renameSync(layout.backup, layout.database);
    const repaired = openStorage({ dataDir: layout.root, readOnly: false });
    expect(repaired.runs.list().map(({ id }) => id)).toEqual(['old']);
    await repaired.close();
  });

  it('is read from its backup with a warning', async () => {
    await fill('old', 'new');
    damage(layout.database);
    const storage = openStorage({ dataDir: layout.root, readOnly: true });
    expect(storage.warning).toContain('is damaged');
    expect(storage.runs.list().map(({ id }) => id)).toEqual(['old']);
    await storage.close();
  });
});

it('a damaged database without a backup is refused for reading too, and says how to begin anew', async () => {
  await fill('old', 'new');
  rmSync(layout.backup);
  scribble(layout.database);
  for (const readOnly of [true, false]) {
    const error = thrownBy(() => openStorage({ dataDir: layout.root, readOnly }));
    expect(error).toMatchObject({ code: 'databaseCorrupt', details: { backup: null } });
    expect(error.message).toContain('There is no backup yet: move');
  }
});

it('a damaged backup of a damaged database is reported, not thrown as something else', async () => {
  await fill('old', 'new');
  scribble(layout.database);
  scribble(layout.backup);
  expect(thrownBy(() => openDatabaseReadOnly(layout)).code).toBe('databaseCorrupt');
});

it('the command line reads a damaged database from its backup and refuses to train on it', async () => {
  await fill('old', 'new');
  scribble(layout.database);
  const list = await runCommand(['runs', 'list', '--json', '--data-dir', layout.root]);
  expect(list.code, list.stderr).toBe(0);
  expect((JSON.parse(list.stdout) as { id: string }[]).map(({ id }) => id)).toEqual(['old']);
  expect(list.stderr).toContain('is damaged');
  const train = await runCommand(['train', '--epochs', '1', '--json', '--data-dir', layout.root]);
  expect(train).toMatchObject({ code: 1, stdout: '' });
  expect(JSON.parse(train.stderr)).toMatchObject({ error: { code: 'databaseCorrupt' } });
});

describe('a place that cannot be written', () => {
  it.each([
    { what: 'a file stands where the folder should be', at: (root: string) => path.join(root, 'file', 'data') },
    { what: 'the file system refuses', at: () => '/proc/lp-workbench' },
  ])('$what', async ({ at }) => {
    writeFileSync(path.join(layout.root, 'file'), '');
    const dataDir = at(layout.root);
    expect(thrownBy(() => openStorage({ dataDir, readOnly: false }))).toMatchObject({ code: 'dataDirNotWritable' });
    const { code, stdout, stderr } = await runCommand(['train', '--epochs', '1', '--data-dir', dataDir]);
    expect(stderr).toMatch(
      /^Error: .+ cannot be written \(\w+\): choose another data folder with --data-dir, or change its permissions\.\n$/,
    );
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  });

  it('a folder stands where the database should be', () => {
    mkdirSync(layout.database);
    expect(thrownBy(() => openDatabase(layout)).code).toBe('dataDirNotWritable');
  });
});

describe('reading', () => {
  it('shows nothing, and makes nothing, where nothing is', async () => {
    rmSync(layout.root, { recursive: true });
    const storage = openStorage({ dataDir: layout.root, readOnly: true });
    expect(storage.runs.list()).toEqual([]);
    await storage.close();
    expect(existsSync(layout.root)).toBe(false);
  });

  it('takes a database that was only just begun for an empty one', async () => {
    writeFileSync(layout.database, '');
    const storage = openStorage({ dataDir: layout.root, readOnly: true });
    expect(storage.runs.list()).toEqual([]);
    await storage.close();
    await openStorage({ dataDir: layout.root, readOnly: false }).close();
  });

  it('brings an older database up to date in memory only', async () => {
    await fill('old');
    const before = readFileSync(layout.database);
    const later: Migration = {
      version: migrations.length + 1,
      name: 'colours',
      up: (db) => void db.exec("ALTER TABLE runs ADD COLUMN colour TEXT DEFAULT 'red'"),
    };
    const { db } = openDatabaseReadOnly(layout, [...migrations, later]);
    expect(db.prepare('SELECT id, colour FROM runs').all()).toEqual([{ id: 'old', colour: 'red' }]);
    db.close();
    expect(readFileSync(layout.database).equals(before)).toBe(true);
    expect(readdirSync(layout.root).filter((name) => name.includes('before-schema'))).toEqual([]);
  });

  it('sees what the owner commits meanwhile, and cannot write', async () => {
    const owner = openStorage({ dataDir: layout.root, readOnly: false });
    const reader = openStorage({ dataDir: layout.root, readOnly: true });
    owner.runs.insert(storedRun('a'));
    expect(reader.runs.list().map(({ id }) => id)).toEqual(['a']);
    expect(thrownBy(() => reader.runs.insert(storedRun('b'))).code).toBe('dataDirNotWritable');
    await reader.close();
    await owner.close();
  });
});

describe('a backup', () => {
  it('holds what was committed when it ended, also while more is written, and keeps the one before it', async () => {
    const storage = openStorage({ dataDir: layout.root, readOnly: false });
    storage.runs.insert(storedRun('a'));
    const steps = Array.from({ length: 2_000 }, (_, i) => i + 1);
    const write = (from: number): void =>
      storage.metrics.commit({
        runId: 'a',
        step: from + 2_000,
        series: { loss: { steps: steps.map((step) => from + step), values: steps } },
        trainSeconds: 0,
      });
    for (let i = 0; i < 10; i++) write(i * 2_000);
    const backingUp = Promise.all([storage.backUp(), storage.backUp()]);
    write(20_000);
    await backingUp;
    storage.runs.insert(storedRun('b'));
    await storage.backUp();
    await storage.close();
    expect(readdirSync(layout.root).toSorted()).toEqual([
      'lp-workbench.backup-previous.db',
      'lp-workbench.backup.db',
      'lp-workbench.db',
    ]);
    for (const [file, ids] of [
      [layout.backup, ['a', 'b']],
      [layout.previousBackup, ['a']],
    ] as const) {
      const at = dataDirLayout(folders.create());
      renameSync(file, at.database);
      const copy = openStorage({ dataDir: at.root, readOnly: true });
      expect(
        copy.runs
          .list()
          .map(({ id }) => id)
          .toSorted(),
      ).toEqual(ids);
      const { steps: copied } = copy.metrics.series('a', 'loss', { maxPoints: 0 });
      expect(copied).toEqual(Array.from({ length: copied.length }, (_, i) => i + 1));
      expect(copied.length).toBeGreaterThanOrEqual(20_000);
      await copy.close();
    }
  });
});
