import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import path from 'node:path';
import type { DatasetMeta, DatasetRef } from '../../core/contract/datasets.ts';
import { linkFileName } from '../../node/images/linkedPaths.ts';
import { readDatasetMeta } from './datasetFolder.ts';

/** The recipe of datasets that a user imported, which nothing can make again. */
export const importedRecipe = 'import';

/** What decides how an imported dataset trains, beside its numbers. */
export type HashedFacts = Pick<
  DatasetMeta,
  'task' | 'rows' | 'shape' | 'dtype' | 'scale' | 'offset' | 'classes' | 'features' | 'normalization'
>;

/** sha256, in hex, over the facts and the hashes of the numbers of x, of y and, if there are any, of the parts. */
export function importedHash(facts: HashedFacts, numberHashes: readonly string[]): string {
  const { task, rows, shape, dtype, scale, offset, classes, features, normalization } = facts;
  const head = { task, rows, shape, dtype, scale, offset, classes, features, normalization, numberHashes };
  return createHash('sha256').update(JSON.stringify(head)).digest('hex');
}

/** What linked images add to the hashes of numbers: how they are fitted. Where they lie does not change what they are. */
export function linkHashes(linked: DatasetMeta['linked']): string[] {
  return linked ? [`linked ${linked.fit}`] : [];
}

const headerBytes = 128;
/** Larger files are looked at from outside only, so that starting a run does not read gigabytes. */
const largestReadBytes = 64 * 2 ** 20;

async function hashNumbers(file: string): Promise<string> {
  const hash = createHash('sha256');
  const start = path.basename(file) === linkFileName ? 0 : headerBytes;
  for await (const piece of createReadStream(file, { start })) hash.update(piece as Uint8Array);
  return hash.digest('hex');
}

async function isNpy(file: string): Promise<boolean> {
  const handle = await open(file, 'r');
  try {
    const { buffer } = await handle.read(new Uint8Array(6), 0, 6, 0);
    return Buffer.from(buffer).toString('latin1') === '\x93NUMPY';
  } finally {
    await handle.close();
  }
}

/** Whether the folder of an imported dataset holds what its name says; of large files only the size is compared. */
export async function isImportedFolderWhole(ref: DatasetRef): Promise<boolean> {
  try {
    const meta = await readDatasetMeta(ref.dir);
    if (meta.hash !== ref.hash) return false;
    const names = [meta.linked ? linkFileName : 'x.npy', 'y.npy', ...(meta.parts ? ['parts.npy'] : [])];
    const files = names.map((name) => path.join(ref.dir, name));
    const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size - headerBytes));
    const xBytes = meta.shape.reduce((product, n) => product * n, meta.rows) * (meta.dtype === 'uint8' ? 1 : 4);
    const isRightSize =
      (meta.linked ? sizes[0]! > -headerBytes : sizes[0] === xBytes) &&
      sizes[1]! > 0 &&
      sizes[1]! % (4 * meta.rows) === 0 &&
      (sizes[2] ?? meta.rows) === meta.rows;
    if (!isRightSize || !(await Promise.all(files.slice(meta.linked ? 1 : 0).map(isNpy))).every(Boolean)) return false;
    if (sizes.reduce((sum, size) => sum + size, 0) > largestReadBytes) return true;
    return (
      importedHash(meta, [...linkHashes(meta.linked), ...(await Promise.all(files.map(hashNumbers)))]) === meta.hash
    );
  } catch {
    return false;
  }
}
