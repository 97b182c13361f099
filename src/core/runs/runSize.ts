import type { RunConfig } from '../contract/runConfig.ts';

/** How large a run is before it starts. */
export interface RunSize {
  trainRows: number;
  validationRows: number;
  testRows: number;
  stepsPerEpoch: number;
  totalSteps: number;
}

type Sizing = Pick<RunConfig, 'split' | 'batchSize' | 'epochs'>;

/** Rows that a share of the training part keeps; never none. */
export const trainRowsOf = (rows: number, trainFraction: number): number =>
  Math.max(Math.min(1, rows), Math.round(rows * trainFraction));

/**
 * Sizes of the parts and the steps over a dataset of so many rows, or with `parts` of its own; the last batch of an
 * epoch may be smaller.
 */
export function runSize(
  { split, batchSize, epochs }: Sizing,
  rows: number,
  parts?: { train: number; validation: number; test: number },
): RunSize {
  const testRows = parts ? parts.test : Math.round(split.test * rows);
  const validationRows = parts?.validation || Math.round(split.validation * rows);
  const left = parts ? parts.train - (parts.validation > 0 ? 0 : validationRows) : rows - testRows - validationRows;
  const trainRows = trainRowsOf(Math.max(0, left), split.trainFraction ?? 1);
  const stepsPerEpoch = Math.ceil(trainRows / batchSize);
  return { trainRows, validationRows, testRows, stepsPerEpoch, totalSteps: stepsPerEpoch * epochs };
}
