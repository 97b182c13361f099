import fs from 'node:fs';
import path from 'node:path';
import type { DatasetMeta } from '../../core/contract/datasets.ts';
import { AppError } from '../../core/errors.ts';
import { linkFileName, readLinkedPaths, type LinkedPaths } from '../../node/images/linkedPaths.ts';
import type { SampleSource } from './sampleSource.ts';

/** Images of one thread that are read and decoded at the same time. */
const atOnce = 8;

function readPaths(file: string, root: string): LinkedPaths {
  try {
    return readLinkedPaths(fs.readFileSync(file), root);
  } catch (error) {
    throw new AppError(
      'datasetCorrupt',
      `${file} cannot be opened (${(error as Error).message}). Import the dataset again.`,
      { cause: error },
    );
  }
}

/** Samples of images that lie outside of the dataset's folder. Throws AppError `datasetCorrupt`. */
export function openLinkedImages(
  dir: string,
  { rows, shape }: Pick<DatasetMeta, 'rows' | 'shape'>,
  { root, fit }: NonNullable<DatasetMeta['linked']>,
): SampleSource {
  const file = path.join(dir, linkFileName);
  const paths = readPaths(file, root);
  if (paths.count !== rows) {
    throw new AppError('datasetCorrupt', `${file} should name ${rows} files, but does not. Import the dataset again.`);
  }
  const [height, width, channels] = shape as [number, number, 1 | 3];
  return {
    async read(rowsToRead, { take, partOf }) {
      // its decoders take a while to load, which only runs that need them spend
      const { decodeLinked } = await import('../../node/images/decodeLinked.ts');
      const sample = { height, width, channels, fit };
      let next = 0;
      const work = async (): Promise<void> => {
        while (next < rowsToRead.length) {
          const index = next++;
          const pixels = await decodeLinked(paths, rowsToRead[index]!, sample, (size) => partOf?.(index, size) ?? null);
          take(index, pixels);
        }
      };
      await Promise.all(Array.from({ length: Math.min(atOnce, rowsToRead.length) }, work));
    },
    close() {},
  };
}
