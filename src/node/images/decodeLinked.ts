import { readFile } from 'node:fs/promises';
import { AppError } from '../../core/errors.ts';
import { decodeImage, type ImagePart, type SampleImage } from './decodeImage.ts';
import type { LinkedPaths } from './linkedPaths.ts';

/**
 * A sample of a dataset whose images lie outside of its folder. Throws AppError `datasetCorrupt` naming the image when it is
 * gone, damaged or another one.
 */
export async function decodeLinked(
  paths: LinkedPaths,
  row: number,
  sample: SampleImage,
  partOf?: (size: { width: number; height: number }) => ImagePart | null,
): Promise<Uint8Array> {
  const { path, bytes: expected } = paths.at(row);
  try {
    const bytes = await readFile(path);
    if (bytes.length !== expected)
      throw new Error(`it had ${expected} bytes when it was imported and has ${bytes.length}`);
    return await decodeImage(bytes, sample, partOf);
  } catch (error) {
    throw new AppError(
      'datasetCorrupt',
      `The image ${path.toString()} of this dataset cannot be used any more: ${(error as Error).message}. Put it back, or import the folder again.`,
      { details: { path: path.toString() }, cause: error },
    );
  }
}
