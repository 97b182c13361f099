import { average } from './directions.ts';
import { beta1, beta2, decoupledWeightDecay, withDefault } from './hyperparameters.ts';
import { numberNamed } from './numbers.ts';
import type { OptimizerSpec } from './optimizerSpec.ts';

export const lion: OptimizerSpec = {
  id: 'lion',
  name: 'Lion',
  summary: 'The sign of a momentum that is fresher in the step than in memory.',
  formula: [
    'c = \\beta_1 m + (1 - \\beta_1)\\, g',
    '\\theta = \\theta - \\eta\\, (\\operatorname{sign}(c) + \\lambda \\theta)',
    'm = \\beta_2 m + (1 - \\beta_2)\\, g',
  ],
  reference: {
    authors: 'X. Chen et al.',
    title: 'Symbolic Discovery of Optimization Algorithms',
    where: 'NeurIPS 2023, arXiv:2302.06675',
  },
  hyperparameters: [beta1, withDefault(beta2, 0.99), withDefault(decoupledWeightDecay, 1e-2)],
  slots: [{ name: 'm', start: 'zeros' }],
  weightDecay: 'decoupled',
  usesPSchedule: false,
  defaultLearningRate: 1e-4,
  relation: 'With beta1 = beta2 it is Signum.',
  updateScalar(theta, gradient, slots, step) {
    const old = numberNamed(slots, 'm');
    const c = average(numberNamed(step, 'beta1'), old, gradient);
    const m = average(numberNamed(step, 'beta2'), old, gradient);
    const direction = Math.sign(c) + numberNamed(step, 'weightDecay') * theta;
    return { theta: theta - numberNamed(step, 'learningRate') * direction, slots: { m } };
  },
};
