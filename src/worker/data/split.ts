import { AppError } from '../../core/errors.ts';
import type { RunConfig } from '../../core/contract/runConfig.ts';
import { createGenerator, shuffle } from '../../core/random/generator.ts';
import { trainRowsOf } from '../../core/runs/runSize.ts';

export interface SplitRows {
  train: Uint32Array;
  validation: Uint32Array;
  test: Uint32Array;
}

/**
 * Rows of a dataset with parts of its own. Its test part is never trained on; without a validation part, the share that
 * was asked for is dealt at random out of its training part.
 */
function splitByParts({ validation, seed }: RunConfig['split'], parts: Uint8Array): SplitRows {
  const rows = Uint32Array.from({ length: parts.length }, (_, row) => row);
  const inPart = (part: number): Uint32Array => rows.filter((row) => parts[row] === part);
  const [train, fixedValidation, test] = [inPart(0), inPart(1), inPart(2)];
  if (fixedValidation.length > 0 || validation === 0) return { train, validation: fixedValidation, test };
  shuffle(train, createGenerator(seed, 'split'));
  const count = Math.round(validation * parts.length);
  return { train: train.slice(count), validation: train.slice(0, count), test };
}

/**
 * Deals all rows at random into test, validation and training parts. Depends on the split's seed and the number of
 * rows alone; the parts of a dataset that has its own come first. Throws AppError `badConfig` when a part that was asked
 * for, or the training part, would be empty.
 */
export function splitRows(split: RunConfig['split'], rowCount: number, fixed: Uint8Array | null = null): SplitRows {
  if (fixed) return checked(split, thinned(split, splitByParts(split, fixed)), rowCount);
  const rows = Uint32Array.from({ length: rowCount }, (_, row) => row);
  shuffle(rows, createGenerator(split.seed, 'split'));
  const testCount = Math.round(split.test * rowCount);
  const validationCount = Math.round(split.validation * rowCount);
  const parts = {
    test: rows.slice(0, testCount),
    validation: rows.slice(testCount, testCount + validationCount),
    train: rows.slice(testCount + validationCount),
  };
  return checked(split, thinned(split, parts), rowCount);
}

/** The share of the training rows that was asked for: a smaller share is part of every larger one. */
function thinned({ trainFraction = 1, seed }: RunConfig['split'], parts: SplitRows): SplitRows {
  if (trainFraction === 1) return parts;
  const train = parts.train.slice();
  shuffle(train, createGenerator(seed, 'trainFraction'));
  return { ...parts, train: train.slice(0, trainRowsOf(train.length, trainFraction)) };
}

function checked(split: RunConfig['split'], parts: SplitRows, rowCount: number): SplitRows {
  const empty = [
    ...(split.test > 0 && parts.test.length === 0 ? ['test'] : []),
    ...(split.validation > 0 && parts.validation.length === 0 ? ['validation'] : []),
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
