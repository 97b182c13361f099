import fs from 'node:fs';
import path from 'node:path';
import { AppError } from '../../core/errors.ts';
import { decodeSafetensors } from '../engine/safetensors.ts';

export interface WeightHistogram {
  name: string;
  minimum: number;
  maximum: number;
  count: number;
  sum: number;
  sumOfSquares: number;
  /** upper end of each bucket, ascending */
  limits: number[];
  counts: number[];
}

const buckets = 30;

/** Counts over equal intervals from the least to the greatest number. */
function histogramOf(name: string, values: ArrayLike<number>): WeightHistogram {
  let [minimum, maximum, sum, sumOfSquares] = [Infinity, -Infinity, 0, 0];
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    minimum = Math.min(minimum, value);
    maximum = Math.max(maximum, value);
    sum += value;
    sumOfSquares += value * value;
  }
  const width = (maximum - minimum) / buckets;
  const used = width > 0 ? buckets : 1;
  const counts = Array.from({ length: used }, () => 0);
  for (let i = 0; i < values.length; i++) {
    counts[width > 0 ? Math.min(used - 1, Math.floor((values[i]! - minimum) / width)) : 0]!++;
  }
  const limits = counts.map((_, i) => (i === used - 1 ? maximum : minimum + (i + 1) * width));
  return { name, minimum, maximum, count: values.length, sum, sumOfSquares, limits, counts };
}

/** How the numbers of every variable of a checkpoint are spread. Throws `checkpointMissing` or `checkpointCorrupt`. */
export function weightHistograms(checkpointPath: string): WeightHistogram[] {
  const file = path.join(checkpointPath, 'weights.safetensors');
  let bytes: Uint8Array;
  try {
    bytes = fs.readFileSync(file);
  } catch (error) {
    throw new AppError(
      'checkpointMissing',
      `The checkpoint ${checkpointPath} cannot be read: ${(error as Error).message}.`,
      {
        cause: error,
      },
    );
  }
  return Object.entries(decodeSafetensors(bytes, file))
    .filter(([, { values }]) => values.length > 0)
    .map(([name, { values }]) => histogramOf(name, values));
}
