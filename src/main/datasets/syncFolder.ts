import { open } from 'node:fs/promises';

/** Makes names that were made or moved in a folder outlast a loss of power; Windows keeps them by itself. */
export async function syncFolder(dir: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(dir, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
