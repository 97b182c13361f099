import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';

/** Names of folders that hold nothing anybody needs once their user is gone. */
export const tempPrefix = '.import-';

/** Folders for the time of one use, inside one parent. */
export interface TempFolders {
  /** Makes a folder, and removes it when `use` has ended, whatever way. */
  use<Result>(use: (dir: string) => Promise<Result>): Promise<Result>;
}

/** `parent` must belong to this process: folders there that are not in use were left by one that was killed, and go. */
export function createTempFolders(parent: string): TempFolders {
  const inUse = new Set<string>();

  const removeLeftovers = async (): Promise<void> => {
    for (const name of await readdir(parent)) {
      const dir = path.join(parent, name);
      if (name.startsWith(tempPrefix) && !inUse.has(dir)) await rm(dir, { recursive: true, force: true });
    }
  };

  return {
    async use(use) {
      const dir = path.join(parent, `${tempPrefix}${randomBytes(6).toString('hex')}`);
      inUse.add(dir);
      try {
        await mkdir(dir, { recursive: true });
        await removeLeftovers();
        return await use(dir);
      } finally {
        await rm(dir, { recursive: true, force: true });
        inUse.delete(dir);
      }
    },
  };
}
