import { average } from './directions.ts';
import { beta, decoupledWeightDecay } from './hyperparameters.ts';
import { numberNamed } from './numbers.ts';
import type { OptimizerSpec } from './optimizerSpec.ts';

export const signum: OptimizerSpec = {
  id: 'signum',
  name: 'Signum',
  summary: 'signSGD on an averaged momentum.',
  formula: [
    'm = \\beta\\, m + (1 - \\beta)\\, g',
    '\\theta = (1 - \\eta \\lambda)\\, \\theta - \\eta \\operatorname{sign}(m)',
  ],
  reference: {
    authors: 'J. Bernstein, Y.-X. Wang, K. Azizzadenesheli, A. Anandkumar',
    title: 'signSGD: Compressed Optimisation for Non-Convex Problems',
    where: 'ICML 2018, algorithm 2',
  },
  hyperparameters: [beta, decoupledWeightDecay],
  slots: [{ name: 'm', start: 'zeros' }],
  weightDecay: 'decoupled',
  usesPSchedule: false,
  defaultLearningRate: 1e-3,
  relation:
    'The limit of LPSGDM as p grows without bound; with beta = 0 it is signSGD; Lion with beta1 = beta2 = beta.',
  updateScalar(theta, gradient, slots, step) {
    const learningRate = numberNamed(step, 'learningRate');
    const m = average(numberNamed(step, 'beta'), numberNamed(slots, 'm'), gradient);
    const decayed = (1 - learningRate * numberNamed(step, 'weightDecay')) * theta;
    return { theta: decayed - learningRate * Math.sign(m), slots: { m } };
  },
};
