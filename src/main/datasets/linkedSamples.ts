import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { DatasetMeta } from '../../core/contract/datasets.ts';
import { decodeLinked } from '../../node/images/decodeLinked.ts';
import { linkFileName, readLinkedPaths } from '../../node/images/linkedPaths.ts';

/** The samples of a dataset whose images lie outside of its folder, decoded one by one. */
export async function openLinkedSamples(
  dir: string,
  { shape }: Pick<DatasetMeta, 'shape'>,
  { root, fit }: NonNullable<DatasetMeta['linked']>,
): Promise<{ read(row: number): Promise<Uint8Array>; close(): Promise<void> }> {
  const paths = readLinkedPaths(await readFile(path.join(dir, linkFileName)), root);
  const [height, width, channels] = shape as [number, number, 1 | 3];
  return {
    read: (row) => decodeLinked(paths, row, { height, width, channels, fit }),
    async close() {},
  };
}
