import { existsSync, renameSync, rmSync } from 'node:fs';
import Database from 'better-sqlite3';
import type { DataDirLayout } from './dataDirLayout.ts';
import { asStorageError } from './storageErrors.ts';

/** Pages copied between two turns of the event loop. */
const pagesPerTurn = 200;

/**
 * Copies the database aside while it stays in use; the backup before becomes the previous one. Both are complete files
 * without a write-ahead log. Throws `diskFull` or `dataDirNotWritable`; then the earlier backups are as they were.
 */
export async function backUp(db: Database.Database, layout: DataDirLayout): Promise<void> {
  if (db.memory || db.readonly) return;
  const fresh = `${layout.backup}.tmp`;
  try {
    rmSync(fresh, { force: true });
    await db.backup(fresh, { progress: () => pagesPerTurn });
    const copy = new Database(fresh);
    try {
      copy.pragma('journal_mode = DELETE');
    } finally {
      copy.close();
    }
    if (existsSync(layout.backup)) renameSync(layout.backup, layout.previousBackup);
    renameSync(fresh, layout.backup);
  } catch (error) {
    for (const leftover of [fresh, `${fresh}-wal`, `${fresh}-shm`]) rmSync(leftover, { force: true });
    throw asStorageError(error, layout.backup);
  }
}
