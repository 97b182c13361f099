import fs from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { DatasetMeta } from '../../core/contract/datasets.ts';
import { AppError } from '../../core/errors.ts';
import type { decodeImage as decodeImageOf, SampleImage } from '../../node/images/decodeImage.ts';
import { readLinkedPaths } from '../../node/images/linkedPaths.ts';
import type { SampleSource, SampleUse } from './sampleSource.ts';

type DecodeImage = typeof decodeImageOf;

/** Images of one thread that are read and decoded at the same time. */
const atOnce = 8;

/** Samples of images that lie outside of the dataset's folder. Throws AppError `datasetCorrupt`. */
export function openLinkedImages(
  dir: string,
  { rows, shape }: Pick<DatasetMeta, 'rows' | 'shape'>,
  { root, fit }: NonNullable<DatasetMeta['linked']>,
): SampleSource {
  const file = path.join(dir, 'files.txt');
  const paths = readLinkedPaths(fs.readFileSync(file), root);
  if (paths.count !== rows) {
    throw new AppError('datasetCorrupt', `${file} should name ${rows} files, but does not. Import the dataset again.`);
  }
  const [height, width, channels] = shape as [number, number, 1 | 3];
  const sample: SampleImage = { height, width, channels, fit };

  const readOne = async (
    decodeImage: DecodeImage,
    row: number,
    index: number,
    { take, partOf }: SampleUse,
  ): Promise<void> => {
    const image = paths.at(row);
    let pixels: Uint8Array;
    try {
      pixels = await decodeImage(await readFile(image), sample, (size) => partOf?.(index, size) ?? null);
    } catch (error) {
      throw new AppError(
        'datasetCorrupt',
        `The image ${image.toString()} of this dataset cannot be used any more: ${(error as Error).message}. Put it back, or import the folder again.`,
        { details: { path: image.toString() }, cause: error },
      );
    }
    take(index, pixels);
  };

  return {
    async read(rowsToRead, use) {
      // its decoders take a while to load, which only runs that need them spend
      const { decodeImage } = await import('../../node/images/decodeImage.ts');
      let next = 0;
      const work = async (): Promise<void> => {
        while (next < rowsToRead.length) {
          const index = next++;
          await readOne(decodeImage, rowsToRead[index]!, index, use);
        }
      };
      await Promise.all(Array.from({ length: Math.min(atOnce, rowsToRead.length) }, work));
    },
    close() {},
  };
}
