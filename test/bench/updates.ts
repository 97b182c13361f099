import { findOptimizer } from '../../src/core/optimizers/catalogue.ts';
import type { StepNumbers } from '../../src/core/optimizers/optimizerSpec.ts';

export type BenchOptimizer = 'sgdm' | 'lpsgdm' | 'adamw';

/** rho 0.7 is a general power: neither a square root nor an identity, so no shortcut applies. */
const numbers: Record<BenchOptimizer, Record<string, number>> = {
  sgdm: { learningRate: 0.01, beta: 0.9, nesterov: 0, weightDecay: 0 },
  lpsgdm: { learningRate: 0.001, beta: 0.9, epsilon: 1e-8, rho: 0.7, weightDecay: 0.01 },
  adamw: { learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01 },
};

export function stepNumbers(optimizer: BenchOptimizer, t: number): StepNumbers {
  return { rho: 0, ...numbers[optimizer], t } as StepNumbers;
}

/** Bytes an ideal update moves for each weight: theta and the state read and written, the gradient read. */
export function bytesPerWeight(optimizer: BenchOptimizer): number {
  return 4 * (3 + 2 * findOptimizer(optimizer).slots.length);
}
