import { average, lpDirection } from './directions.ts';
import { beta1, beta2, decoupledWeightDecay, epsilon, withDefault } from './hyperparameters.ts';
import { numberNamed } from './numbers.ts';
import type { OptimizerSpec } from './optimizerSpec.ts';
import { rhoOf } from '../schedules/rho.ts';

export const stacey: OptimizerSpec = {
  id: 'stacey',
  name: 'Stacey',
  summary: 'lp steepest descent at a fixed p, coupled to a second sequence z of plain gradient steps.',
  formula: [
    'c = \\beta_1 m + (1 - \\beta_1)\\, g',
    'z = z - \\alpha\\, c',
    '\\theta = (1 - \\tau - \\eta \\lambda)\\, \\theta + \\tau z - \\eta\\, (1 - \\tau)\\, c \\,/\\, (|c| + \\varepsilon)^{(p-2)/(p-1)}',
    'm = \\beta_2 m + (1 - \\beta_2)\\, g',
  ],
  reference: {
    authors: 'Luo et al.',
    title: 'Stacey: Promoting Stochastic Steepest Descent via Accelerated lp-Smooth Nonconvex Optimization',
    where: 'ICML 2025',
  },
  hyperparameters: [
    {
      key: 'alpha',
      label: 'Alpha',
      symbol: '\\alpha',
      description: 'Learning rate of the second sequence z, which takes plain momentum steps.',
      kind: 'number',
      default: 1e-3,
      above: 0,
      scale: 'log',
    },
    {
      key: 'tau',
      label: 'Coupling tau',
      symbol: '\\tau',
      description: 'How far each step pulls the weight towards z; 0 leaves z without effect.',
      kind: 'number',
      default: 1e-3,
      min: 0,
      max: 1,
      scale: 'log',
    },
    {
      key: 'p',
      label: 'Norm p',
      symbol: 'p',
      description: 'The fixed norm: 2 is the plain momentum step, large values approach its sign.',
      kind: 'number',
      default: 3,
      min: 2,
      scale: 'linear',
    },
    beta1,
    beta2,
    withDefault(epsilon, 1e-4),
    withDefault(decoupledWeightDecay, 5e-4),
  ],
  slots: [
    { name: 'm', start: 'zeros' },
    { name: 'z', start: 'weight' },
  ],
  weightDecay: 'decoupled',
  usesPSchedule: false,
  defaultLearningRate: 1e-3,
  relation: 'With tau = 0 and beta1 = beta2 it is LPSGDM at a constant p.',
  updateScalar(theta, gradient, slots, step) {
    const learningRate = numberNamed(step, 'learningRate');
    const tau = numberNamed(step, 'tau');
    const old = numberNamed(slots, 'm');
    const c = average(numberNamed(step, 'beta1'), old, gradient);
    const z = numberNamed(slots, 'z') - numberNamed(step, 'alpha') * c;
    const direction = lpDirection(c, rhoOf(numberNamed(step, 'p')), numberNamed(step, 'epsilon'));
    return {
      theta:
        (1 - tau - learningRate * numberNamed(step, 'weightDecay')) * theta +
        tau * z -
        learningRate * (1 - tau) * direction,
      slots: { m: average(numberNamed(step, 'beta2'), old, gradient), z },
    };
  },
};
