import { lpDirection } from './directions.ts';
import { decoupledWeightDecay, epsilon } from './hyperparameters.ts';
import { numberNamed } from './numbers.ts';
import type { OptimizerSpec } from './optimizerSpec.ts';

export const lpsgd: OptimizerSpec = {
  id: 'lpsgd',
  name: 'LPSGD',
  summary: 'Steepest descent under an lp norm whose p anneals from p max to 2 during training.',
  formula: [
    'u = g \\,/\\, (|g| + \\varepsilon)^{\\rho}, \\quad \\rho = (p - 2) / (p - 1)',
    '\\theta = (1 - \\eta \\lambda)\\, \\theta - \\eta\\, u',
  ],
  reference: {
    authors: 'J. Xu, Z. Yang',
    title: 'Beyond l2-norm and l-infinity-norm: A Curvature-Inspired lp-Norm Scheme for Deep Neural Networks',
    where: 'arXiv:2606.02078, 2026, algorithm 1',
  },
  hyperparameters: [epsilon, decoupledWeightDecay],
  slots: [],
  weightDecay: 'decoupled',
  usesPSchedule: true,
  defaultLearningRate: 1e-3,
  relation:
    'LPSGDM with beta = 0 and weight decay 0 is LPSGD; at p = 2 LPSGD is SGD, and as p grows it approaches signSGD.',
  updateScalar(theta, gradient, _slots, step) {
    const learningRate = numberNamed(step, 'learningRate');
    const u = lpDirection(gradient, numberNamed(step, 'rho'), numberNamed(step, 'epsilon'));
    return { theta: (1 - learningRate * numberNamed(step, 'weightDecay')) * theta - learningRate * u, slots: {} };
  },
};
