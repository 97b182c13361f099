import { existsSync, statSync } from 'node:fs';
import Database from 'better-sqlite3';
import { AppError } from '../../core/errors.ts';
import { latestVersion, migrate, refuseTheFuture, schemaVersion } from './migrate.ts';
import { migrations as allMigrations } from './migrations/index.ts';
import type { Migration } from './migrations/migration.ts';
import { createFolder } from './createFolder.ts';
import type { DataDirLayout } from './dataDirLayout.ts';
import { isCorrupt, withStorageErrors } from './storageErrors.ts';

export interface OpenedDatabase {
  db: Database.Database;
  /** why the contents may be older than expected; null in the normal case */
  warning: string | null;
}

/** Larger files are not read whole at every start; their pages are still checked as they are used. */
const largestCheckedBytes = 256 * 2 ** 20;

function checkPages(db: Database.Database, file: string): void {
  if (statSync(file).size > largestCheckedBytes) return;
  const finding = db.pragma('quick_check(1)', { simple: true }) as string;
  if (finding === 'ok') return;
  throw Object.assign(new Error(finding), { code: 'SQLITE_CORRUPT' });
}

/** A file system that lost power may leave a file of no bytes; with a backup beside it, that was no new database. */
function isEmptied({ database, backup }: DataDirLayout): boolean {
  return statSync(database, { throwIfNoEntry: false })?.size === 0 && existsSync(backup);
}

function corruptError(layout: DataDirLayout, cause: unknown): AppError {
  const { database, backup } = layout;
  const saved = existsSync(backup) ? backup : null;
  const advice = saved
    ? `A backup from ${statSync(saved).mtime.toISOString()} exists: reading commands use it as it is; to go on from it, move ` +
      `${database}, ${database}-wal and ${database}-shm elsewhere and rename ${saved} to ${database}.`
    : `There is no backup yet: move ${database}, ${database}-wal and ${database}-shm elsewhere to begin with an empty one; ` +
      'checkpoints and datasets are files of their own and stay.';
  return new AppError(
    'databaseCorrupt',
    `The database ${database} is damaged (${cause instanceof Error ? cause.message : String(cause)}) and was left as it is. ${advice}`,
    { details: { path: database, backup: saved }, cause },
  );
}

function closeOnFailure<Result>(db: Database.Database, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    db.close();
    throw error;
  }
}

/**
 * Opens the database of a data folder for its one owner, creates it when missing, migrates it when old.
 * Throws `dataDirNotWritable`, `diskFull`, `databaseCorrupt`, `databaseTooNew` or `migrationFailed`.
 */
export function openDatabase(layout: DataDirLayout, migrations: readonly Migration[] = allMigrations): OpenedDatabase {
  return withStorageErrors(layout.database, () => {
    createFolder(layout.root);
    if (isEmptied(layout)) throw corruptError(layout, new Error('the file is empty'));
    const db = new Database(layout.database);
    return closeOnFailure(db, () => {
      try {
        db.pragma('busy_timeout = 5000');
        checkPages(db, layout.database);
        refuseTheFuture(db, migrations);
        db.pragma('journal_mode = WAL');
        db.pragma('synchronous = NORMAL');
        db.pragma('foreign_keys = ON');
        migrate(db, migrations);
      } catch (error) {
        if (isCorrupt(error)) throw corruptError(layout, error);
        throw error;
      }
      return { db, warning: null };
    });
  });
}

function copyToMemory(db: Database.Database): Database.Database {
  const image = db.serialize();
  // bytes 18 and 19 of the header ask for a write-ahead log, which memory does not have
  image[18] = 1;
  image[19] = 1;
  return new Database(image);
}

function readFile(file: string, migrations: readonly Migration[]): Database.Database {
  const db = new Database(file, { readonly: true, fileMustExist: true });
  return closeOnFailure(db, () => {
    db.pragma('busy_timeout = 5000');
    checkPages(db, file);
    refuseTheFuture(db, migrations);
    if (schemaVersion(db) === latestVersion(migrations)) return db;
    const inMemory = copyToMemory(db);
    db.close();
    return closeOnFailure(inMemory, () => {
      migrate(inMemory, migrations);
      return inMemory;
    });
  });
}

/**
 * Opens the database for reading beside a possible owner and writes nothing. A missing file reads as an empty database;
 * an older schema is brought up to date in memory; a damaged file is read from its backup, and `warning` says so.
 */
export function openDatabaseReadOnly(
  layout: DataDirLayout,
  migrations: readonly Migration[] = allMigrations,
): OpenedDatabase {
  return withStorageErrors(layout.database, () => {
    if (!existsSync(layout.database)) {
      const empty = new Database(':memory:');
      migrate(empty, migrations);
      return { db: empty, warning: null };
    }
    try {
      if (isEmptied(layout)) throw Object.assign(new Error('the file is empty'), { code: 'SQLITE_CORRUPT' });
      return { db: readFile(layout.database, migrations), warning: null };
    } catch (error) {
      if (!isCorrupt(error)) throw error;
      if (!existsSync(layout.backup)) throw corruptError(layout, error);
      const db = readFile(layout.backup, migrations);
      return { db, warning: corruptError(layout, error).message };
    }
  });
}
