import { average, lpDirection } from './directions.ts';
import { beta, decoupledWeightDecay, epsilon, withDefault } from './hyperparameters.ts';
import { numberNamed } from './numbers.ts';
import type { OptimizerSpec } from './optimizerSpec.ts';

export const lpsgdm: OptimizerSpec = {
  id: 'lpsgdm',
  name: 'LPSGDM',
  summary:
    'LPSGD with averaged momentum and decoupled weight decay: the lp direction of the momentum, p annealed to 2.',
  formula: [
    'm = \\beta\\, m + (1 - \\beta)\\, g',
    'v = m \\,/\\, (|m| + \\varepsilon)^{\\rho}, \\quad \\rho = (p - 2) / (p - 1)',
    '\\theta = (1 - \\eta \\lambda)\\, \\theta - \\eta\\, v',
  ],
  reference: {
    authors: 'J. Xu, Z. Yang',
    title: 'Beyond l2-norm and l-infinity-norm: A Curvature-Inspired lp-Norm Scheme for Deep Neural Networks',
    where: 'arXiv:2606.02078, 2026, algorithm 2',
  },
  hyperparameters: [beta, epsilon, withDefault(decoupledWeightDecay, 1e-2)],
  slots: [{ name: 'm', start: 'zeros' }],
  weightDecay: 'decoupled',
  usesPSchedule: true,
  defaultLearningRate: 1e-3,
  relation:
    'With beta = 0 and weight decay 0 it is LPSGD. Its momentum averages where SGDM sums: at p = 2 it is SGDM with the ' +
    'learning rate multiplied by (1 - beta). As p grows it approaches Signum.',
  updateScalar(theta, gradient, slots, step) {
    const learningRate = numberNamed(step, 'learningRate');
    const m = average(numberNamed(step, 'beta'), numberNamed(slots, 'm'), gradient);
    const v = lpDirection(m, numberNamed(step, 'rho'), numberNamed(step, 'epsilon'));
    return {
      theta: (1 - learningRate * numberNamed(step, 'weightDecay')) * theta - learningRate * v,
      slots: { m },
    };
  },
};
