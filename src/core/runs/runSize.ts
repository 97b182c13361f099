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

/** Sizes of the parts and the steps over a dataset of so many rows; the last batch of an epoch may be smaller. */
export function runSize({ split, batchSize, epochs }: Sizing, rows: number): RunSize {
  const testRows = Math.round(split.test * rows);
  const validationRows = Math.round(split.validation * rows);
  const trainRows = rows - testRows - validationRows;
  const stepsPerEpoch = Math.ceil(trainRows / batchSize);
  return { trainRows, validationRows, testRows, stepsPerEpoch, totalSteps: stepsPerEpoch * epochs };
}
