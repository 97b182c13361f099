import { open } from 'node:fs/promises';
import type { DatasetMeta } from '../../core/contract/datasets.ts';
import { AppError } from '../../core/errors.ts';
import { openNpy } from '../datasets/import/arrays/npyArray.ts';
import { sizeOf } from '../datasets/import/arrays/storedArray.ts';
import { unreadable } from '../datasets/import/importErrors.ts';
import type { FileSample } from './fileSamples.ts';

const maxNumbers = 64 * 2 ** 20;

/** Axes that say something: a picture of one channel may have that axis or not. */
const withoutOnes = (shape: readonly number[]): string => shape.filter((size) => size !== 1).join();

/**
 * At most `most` samples of an array in the stored units of a dataset: [samples, ...shape] or [samples, numbers], or
 * one sample by itself. Throws `fileUnreadable`, or `shapeMismatch`, since the same numbers in another order of axes
 * would be answered without sense.
 */
export async function readNpySamples(file: string, meta: DatasetMeta, most: number): Promise<FileSample[]> {
  const place = { file };
  const handle = await open(file, 'r').catch((error: unknown) => {
    throw unreadable(place, `it cannot be read (${(error as Error).message}).`, error);
  });
  try {
    const { size: length } = await handle.stat();
    const array = await openNpy('samples', { handle, offset: 0, length, place });
    if (array.kind === 'text') throw unreadable(place, 'it holds texts, and a model takes numbers.');
    const sampleSize = sizeOf(meta.shape);
    const isSample = (shape: readonly number[]): boolean =>
      withoutOnes(shape) === withoutOnes(meta.shape) || (shape.length === 1 && shape[0] === sampleSize);
    const [rows = 0, ...rest] = array.shape;
    const isMany = array.shape.length > 0 && (isSample(rest) || (sampleSize === 1 && rest.length === 0));
    if (!isMany && !isSample(array.shape)) {
      const wanted = `(${[...meta.shape].join(', ')})`;
      throw new AppError(
        'shapeMismatch',
        `${file} holds an array of the shape (${array.shape.join(', ')}); the model takes samples of ${wanted}, one or several along a first axis.`,
      );
    }
    const count = isMany ? Math.min(rows, most) : 1;
    if (count === 0) throw unreadable(place, 'it holds no sample.');
    if (count * sampleSize > maxNumbers) {
      throw unreadable(place, 'its samples are too large to be answered together: save fewer of them in a file.');
    }
    // one sample by itself is read along its own first axis
    const numbers = await array.rows(0, isMany ? count : rows);
    return Array.from({ length: count }, (_, i): FileSample => {
      const values = Float32Array.from(numbers.subarray(i * sampleSize, (i + 1) * sampleSize));
      if (values.every(Number.isFinite)) return { values };
      return { problem: `${file}, sample ${i + 1}: a number is missing or infinite.` };
    });
  } finally {
    await handle.close();
  }
}
