import { chmod, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';

const hostFileSchema = z.object({ url: z.url(), token: z.string().min(16), pid: z.int() });
/** How programs of the same user reach the server of a data folder. */
export type HostFile = z.infer<typeof hostFileSchema>;

const nameOf = (dataDir: string): string => path.join(dataDir, 'host.json');

/** Writes `host.json`, readable only by this user. The answered function removes it again. */
export async function writeHostFile(dataDir: string, host: HostFile): Promise<() => Promise<void>> {
  const file = nameOf(dataDir);
  // an older file would keep its mode while its content is replaced
  await rm(file, { force: true });
  await writeFile(file, JSON.stringify(host), { mode: 0o600, flag: 'wx' });
  await chmod(file, 0o600);
  return () => rm(file, { force: true });
}

/** null when no server wrote one; one that ended without a word may have left it. */
export async function readHostFile(dataDir: string): Promise<HostFile | null> {
  try {
    return hostFileSchema.parse(JSON.parse(await readFile(nameOf(dataDir), 'utf8')));
  } catch {
    return null;
  }
}
