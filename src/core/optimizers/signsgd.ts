import { decoupledWeightDecay } from './hyperparameters.ts';
import { numberNamed } from './numbers.ts';
import type { OptimizerSpec } from './optimizerSpec.ts';

export const signsgd: OptimizerSpec = {
  id: 'signsgd',
  name: 'signSGD',
  summary: 'Every coordinate moves by the learning rate against the sign of its gradient: the l-infinity norm.',
  formula: ['\\theta = (1 - \\eta \\lambda)\\, \\theta - \\eta\\, \\operatorname{sign}(g)'],
  reference: {
    authors: 'J. Bernstein, Y.-X. Wang, K. Azizzadenesheli, A. Anandkumar',
    title: 'signSGD: Compressed Optimisation for Non-Convex Problems',
    where: 'ICML 2018',
  },
  hyperparameters: [decoupledWeightDecay],
  slots: [],
  weightDecay: 'decoupled',
  usesPSchedule: false,
  defaultLearningRate: 1e-3,
  relation: 'The limit of LPSGD as p grows without bound; Signum with beta = 0.',
  updateScalar(theta, gradient, _slots, step) {
    const learningRate = numberNamed(step, 'learningRate');
    const decayed = (1 - learningRate * numberNamed(step, 'weightDecay')) * theta;
    return { theta: decayed - learningRate * Math.sign(gradient), slots: {} };
  },
};
