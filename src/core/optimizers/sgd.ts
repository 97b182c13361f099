import { coupledWeightDecay } from './hyperparameters.ts';
import { numberNamed } from './numbers.ts';
import type { OptimizerSpec } from './optimizerSpec.ts';

export const sgd: OptimizerSpec = {
  id: 'sgd',
  name: 'SGD',
  summary: 'Stochastic gradient descent: steepest descent under the l2 norm.',
  formula: ['g = g + \\lambda \\theta', '\\theta = \\theta - \\eta\\, g'],
  reference: {
    authors: 'H. Robbins, S. Monro',
    title: 'A Stochastic Approximation Method',
    where: 'Annals of Mathematical Statistics 22(3), 1951',
  },
  hyperparameters: [coupledWeightDecay],
  slots: [],
  weightDecay: 'coupled',
  usesPSchedule: false,
  defaultLearningRate: 0.1,
  relation: 'LPSGD at p = 2; SGDM with beta = 0.',
  updateScalar(theta, gradient, _slots, step) {
    const g = gradient + numberNamed(step, 'weightDecay') * theta;
    return { theta: theta - numberNamed(step, 'learningRate') * g, slots: {} };
  },
};
