import { z } from 'zod';
import type { GeneratorState } from '../../core/random/generator.ts';

const generatorStateSchema = z.custom<GeneratorState>((value) => typeof value === 'object' && value !== null);

/**
 * Where a run stands between two steps, besides its tensors: everything that later steps depend on. Together with the
 * tensors and the batch order it makes a checkpoint complete.
 */
export const progressSchema = z.object({
  /** steps taken */
  step: z.int(),
  /** epoch the next step belongs to, from 0 */
  epoch: z.int(),
  /** batches of that epoch already taken */
  stepInEpoch: z.int(),
  /** sums over the epoch so far, weighted by rows */
  epochLossSum: z.number(),
  epochScoreSum: z.number(),
  epochRows: z.int(),
  trainSeconds: z.number(),
  /** best monitored value so far and the epochs since */
  best: z.number().nullable(),
  epochsSinceBest: z.int(),
  generators: z.object({ shuffle: generatorStateSchema, dropout: generatorStateSchema }),
});
export type Progress = z.infer<typeof progressSchema>;
