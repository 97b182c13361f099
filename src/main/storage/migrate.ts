import { existsSync, rmSync } from 'node:fs';
import type { Database } from 'better-sqlite3';
import { AppError } from '../../core/errors.ts';
import type { Migration } from './migrations/migration.ts';
import { asStorageError } from './storageErrors.ts';

/** The schema version of a database; 0 for an empty file. */
export function schemaVersion(db: Database): number {
  return db.pragma('user_version', { simple: true }) as number;
}

/** The version that these migrations lead to. */
export function latestVersion(migrations: readonly Migration[]): number {
  return migrations.at(-1)?.version ?? 0;
}

/** Throws AppError `databaseTooNew` when a later version of the program wrote this database. */
export function refuseTheFuture(db: Database, migrations: readonly Migration[]): void {
  const version = schemaVersion(db);
  const known = latestVersion(migrations);
  if (version <= known) return;
  throw new AppError(
    'databaseTooNew',
    `The database ${db.name} was written by a newer version of lp-workbench (schema ${version}, this program knows ${known}): ` +
      'update lp-workbench, or choose another data folder with --data-dir. Nothing was changed.',
    { details: { path: db.name, version, known } },
  );
}

function backUpBefore(db: Database, version: number): string | null {
  if (db.memory || version === 0) return null;
  const target = `${db.name.replace(/\.db$/, '')}.before-schema-${version + 1}.db`;
  if (existsSync(target)) rmSync(target);
  try {
    db.prepare('VACUUM INTO ?').run(target);
  } catch (error) {
    rmSync(target, { force: true });
    throw error;
  }
  return target;
}

/**
 * Brings the schema up to date. The file is copied aside before its first change; each migration is one transaction, so
 * a failure leaves the database at the version before it.
 * Throws `databaseTooNew`, `diskFull`, or `migrationFailed` which names the copy.
 */
export function migrate(db: Database, migrations: readonly Migration[]): void {
  refuseTheFuture(db, migrations);
  const before = schemaVersion(db);
  const pending = migrations.filter((migration) => migration.version > before);
  if (pending.length === 0) return;
  const copy = backUpBefore(db, before);
  // a migration that replaces a table must not take the rows that refer to it along
  const wereEnforced = db.pragma('foreign_keys', { simple: true }) as number;
  db.pragma('foreign_keys = OFF');
  try {
    runAll(db, pending, copy);
  } finally {
    db.pragma(`foreign_keys = ${wereEnforced}`);
  }
}

function runAll(db: Database, pending: readonly Migration[], copy: string | null): void {
  for (const migration of pending) {
    try {
      db.transaction(() => {
        migration.up(db);
        const [broken] = db.pragma('foreign_key_check') as { table: string; parent: string }[];
        if (broken) throw new Error(`rows of ${broken.table} refer to rows of ${broken.parent} that are not there`);
        db.pragma(`user_version = ${migration.version}`);
      }).exclusive();
    } catch (error) {
      const known = asStorageError(error, db.name);
      if (known instanceof AppError) throw known;
      throw new AppError(
        'migrationFailed',
        `The database ${db.name} could not be brought to schema ${migration.version} (${migration.name}): ${(error as Error).message}. ` +
          `It still has schema ${migration.version - 1}${copy ? `; a copy from before is ${copy}` : ''}. Go on with the version of lp-workbench that wrote it.`,
        { details: { path: db.name, version: migration.version, backup: copy }, cause: error },
      );
    }
  }
}
