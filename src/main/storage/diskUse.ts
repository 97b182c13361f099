import { opendir, stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import type { DiskUse } from '../../core/contract/application.ts';
import type { DataDirLayout } from './dataDirLayout.ts';

/** Files come and go while a folder is walked; one that is gone holds nothing. */
async function fileBytes(file: string): Promise<number> {
  return stat(file).then(
    (found) => found.size,
    () => 0,
  );
}

export async function folderBytes(folder: string): Promise<number> {
  let bytes = 0;
  try {
    for await (const entry of await opendir(folder, { recursive: true })) {
      if (entry.isFile()) bytes += await fileBytes(path.join(entry.parentPath, entry.name));
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  return bytes;
}

/** What the parts of a data folder take on disk now, and what is free beside them (null where the system does not say). */
export async function measureDiskUse(layout: DataDirLayout): Promise<DiskUse> {
  const databases = [layout.database, layout.backup, layout.previousBackup].flatMap((file) => [
    file,
    `${file}-wal`,
    `${file}-shm`,
  ]);
  let databaseBytes = 0;
  for (const file of databases) databaseBytes += await fileBytes(file);
  const freeBytes = await statfs(layout.root).then(
    (found) => found.bavail * found.bsize,
    () => null,
  );
  return {
    databaseBytes,
    checkpointBytes: (await folderBytes(layout.runs)) + (await folderBytes(layout.weights)),
    datasetBytes: await folderBytes(layout.datasets),
    freeBytes,
  };
}
