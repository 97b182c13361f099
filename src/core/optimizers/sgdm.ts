import { beta, coupledWeightDecay, withDefault } from './hyperparameters.ts';
import { numberNamed } from './numbers.ts';
import type { OptimizerSpec } from './optimizerSpec.ts';

export const sgdm: OptimizerSpec = {
  id: 'sgdm',
  name: 'SGDM',
  summary: 'SGD with heavy-ball momentum that sums gradients (the PyTorch convention), plain or Nesterov.',
  formula: [
    'g = g + \\lambda \\theta',
    'a = \\beta\\, a + g',
    '\\theta = \\theta - \\eta\\, a \\quad \\text{or, with Nesterov,} \\quad \\theta = \\theta - \\eta\\, (g + \\beta\\, a)',
  ],
  reference: {
    authors: 'I. Sutskever, J. Martens, G. Dahl, G. Hinton',
    title: 'On the importance of initialization and momentum in deep learning',
    where: 'ICML 2013; heavy ball: B. T. Polyak, 1964',
  },
  hyperparameters: [
    beta,
    {
      key: 'nesterov',
      label: 'Nesterov',
      symbol: '\\text{Nesterov}',
      description: 'Looks one momentum step ahead: the step is g + beta a in place of a.',
      kind: 'switch',
      default: false,
      scale: 'linear',
    },
    withDefault(coupledWeightDecay, 5e-4),
  ],
  slots: [{ name: 'a', start: 'zeros' }],
  weightDecay: 'coupled',
  usesPSchedule: false,
  defaultLearningRate: 0.01,
  relation:
    'With beta = 0 it is SGD. LPSGDM at p = 2 takes the same steps when its learning rate is 1 / (1 - beta) times as large.',
  updateScalar(theta, gradient, slots, step) {
    const momentum = numberNamed(step, 'beta');
    const g = gradient + numberNamed(step, 'weightDecay') * theta;
    const a = momentum * numberNamed(slots, 'a') + g;
    const direction = numberNamed(step, 'nesterov') === 0 ? a : g + momentum * a;
    return { theta: theta - numberNamed(step, 'learningRate') * direction, slots: { a } };
  },
};
