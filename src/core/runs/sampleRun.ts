import type { RunConfigInput } from '../contract/runConfig.ts';

/** A run that ends within a minute on any machine and shows p anneal: real handwritten digits, a small CNN, LPSGDM. */
export const sampleRunConfig: RunConfigInput = {
  dataset: { id: 'digits' },
  model: { preset: 'cnn' },
  optimizer: { id: 'lpsgdm', hyperparameters: { weightDecay: 0.001 } },
  pSchedule: { pMax: 6 },
  learningRate: { base: 0.01 },
  batchSize: 128,
  epochs: 40,
  seed: 0,
};
