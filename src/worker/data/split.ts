import { AppError } from '../../core/errors.ts';
import type { RunConfig } from '../../core/contract/runConfig.ts';
import { createGenerator, shuffle } from '../../core/random/generator.ts';

export interface SplitRows {
  train: Uint32Array;
  validation: Uint32Array;
  test: Uint32Array;
}

/**
 * Deals all rows at random into test, validation and training parts. Depends on the split's seed and the number of
 * rows alone. Throws AppError `badConfig` when a part that was asked for, or the training part, would be empty.
 */
export function splitRows(split: RunConfig['split'], rowCount: number): SplitRows {
  const rows = Uint32Array.from({ length: rowCount }, (_, row) => row);
  shuffle(rows, createGenerator(split.seed, 'split'));
  const testCount = Math.round(split.test * rowCount);
  const validationCount = Math.round(split.validation * rowCount);
  const parts = {
    test: rows.slice(0, testCount),
    validation: rows.slice(testCount, testCount + validationCount),
    train: rows.slice(testCount + validationCount),
  };
  const empty = [
    ...(split.test > 0 && testCount === 0 ? ['test'] : []),
    ...(split.validation > 0 && validationCount === 0 ? ['validation'] : []),
    ...(parts.train.length === 0 ? ['training'] : []),
  ];
  if (empty.length > 0) {
    throw new AppError(
      'badConfig',
      `The dataset has ${rowCount} rows, too few for this split: its ${empty.join(' and ')} part would be empty.`,
    );
  }
  return parts;
}
