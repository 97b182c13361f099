import type { RunConfigInput } from '../../../core/contract/runConfig.ts';

/** One optimizer of the comparison: learning rate and weight decay that did best on the validation part of a small grid. */
export interface DemoOptimizer {
  id: string;
  learningRate: number;
  weightDecay: number;
  pMax?: number;
}

export const demoOptimizers: readonly DemoOptimizer[] = [
  { id: 'lpsgdm', learningRate: 0.01, weightDecay: 0.001, pMax: 6 },
  { id: 'lpsgd', learningRate: 0.01, weightDecay: 0.001, pMax: 6 },
  { id: 'sgdm', learningRate: 0.1, weightDecay: 0.001 },
  { id: 'adamw', learningRate: 0.003, weightDecay: 0.01 },
  { id: 'lion', learningRate: 0.001, weightDecay: 0.01 },
];

export const demoLength = { full: { epochs: 40, seeds: 3 }, quick: { epochs: 3, seeds: 1 } } as const;

/** The same network, data, split, batches and schedule for all; only the optimizer differs. */
export function demoConfig(optimizer: DemoOptimizer, seed: number, epochs: number): RunConfigInput {
  const { id, learningRate, weightDecay, pMax } = optimizer;
  return {
    dataset: { id: 'digits' },
    model: { preset: 'cnn' },
    optimizer: { id, hyperparameters: { weightDecay } },
    learningRate: { base: learningRate },
    ...(pMax === undefined ? {} : { pSchedule: { pMax } }),
    batchSize: 128,
    epochs,
    seed,
  };
}
