import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { z } from 'zod';
import { AppError } from '../../core/errors.ts';
import { createFolder } from './createFolder.ts';
import { dataDirLayout } from './dataDirLayout.ts';
import { withStorageErrors } from './storageErrors.ts';

const ownerSchema = z.object({ who: z.string(), pid: z.int(), since: z.string() });
type Owner = z.infer<typeof ownerSchema>;

/** Another program that only looks whether the folder is in use holds the lock for a moment. */
const lookMs = 100;

export interface OwnerLock {
  /** Gives the data folder free. Calling it twice does nothing. */
  release(): void;
}

/** Whether some process owns a data folder now. Writes nothing. */
export function isDataDirInUse(dataDir: string): boolean {
  const { ownerLock } = dataDirLayout(dataDir);
  if (!existsSync(ownerLock)) return false;
  return withStorageErrors(ownerLock, () => {
    const probe = new Database(ownerLock, { readonly: true, timeout: 0 });
    try {
      probe.prepare('SELECT count(*) FROM sqlite_master').get();
      return false;
    } catch (error) {
      if (isBusy(error)) return true;
      throw error;
    } finally {
      probe.close();
    }
  });
}

function isBusy(error: unknown): boolean {
  return (error as { code?: string }).code?.startsWith('SQLITE_BUSY') ?? false;
}

function readOwner(file: string): Owner | null {
  try {
    return ownerSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return null;
  }
}

/**
 * Makes this process the one owner of a data folder until it releases it or ends, however it ends: the lock is an
 * exclusive transaction on a file of its own, which the operating system drops with the process.
 * Throws `dataDirInUse` naming the owner, `dataDirNotWritable` or `diskFull`.
 */
export function acquireDataDir(dataDir: string, who: string, nowMs: number): OwnerLock {
  const layout = dataDirLayout(dataDir);
  return withStorageErrors(layout.root, () => {
    createFolder(layout.root);
    const lock = new Database(layout.ownerLock, { timeout: lookMs });
    try {
      lock.exec('BEGIN EXCLUSIVE');
    } catch (error) {
      lock.close();
      if (!isBusy(error)) throw error;
      const owner = readOwner(layout.ownerInfo);
      const name = owner ? `${owner.who} (process ${owner.pid}, since ${owner.since})` : 'another process';
      throw new AppError(
        'dataDirInUse',
        `The data folder ${layout.root} is in use by ${name}: end it, or choose another folder with --data-dir. Reading commands work beside it.`,
        { details: { path: layout.root, pid: owner?.pid ?? null, who: owner?.who ?? null }, cause: error },
      );
    }
    const owner: Owner = { who, pid: process.pid, since: new Date(nowMs).toISOString() };
    try {
      writeFileSync(layout.ownerInfo, JSON.stringify(owner));
    } catch (error) {
      lock.close();
      throw error;
    }
    return {
      release() {
        if (lock.open) lock.close();
      },
    };
  });
}
