import { open, rename } from 'node:fs/promises';
import path from 'node:path';
import type { DatasetMeta } from '../../core/contract/datasets.ts';

/** Writes `meta.json` anew; whoever reads it sees the old one or the new one, whole. */
export async function replaceMeta(dir: string, meta: DatasetMeta): Promise<void> {
  const file = path.join(dir, 'meta.json');
  const temporary = `${file}.tmp`;
  const handle = await open(temporary, 'w');
  try {
    await handle.writeFile(`${JSON.stringify(meta, null, 2)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
}
