import { average, quotient } from './directions.ts';
import { beta, coupledWeightDecay, epsilon, withDefault } from './hyperparameters.ts';
import { numberNamed } from './numbers.ts';
import type { OptimizerSpec } from './optimizerSpec.ts';

export const rmsprop: OptimizerSpec = {
  id: 'rmsprop',
  name: 'RMSProp',
  summary: 'The gradient divided by the root of its averaged square, with optional heavy-ball momentum.',
  formula: [
    'g = g + \\lambda \\theta',
    'v = \\beta\\, v + (1 - \\beta)\\, g^2',
    'a = \\mu\\, a + g \\,/\\, (\\sqrt{v} + \\varepsilon)',
    '\\theta = \\theta - \\eta\\, a',
  ],
  reference: {
    authors: 'T. Tieleman, G. Hinton',
    title: 'Lecture 6.5: RMSProp, divide the gradient by a running average of its recent magnitude',
    where: 'Neural Networks for Machine Learning, 2012',
  },
  hyperparameters: [
    {
      ...withDefault(beta, 0.99),
      label: 'Second-moment beta',
      description:
        'Share of the old average of squared gradients that a step keeps; nearer to 1 averages over more steps.',
    },
    {
      ...withDefault(beta, 0),
      key: 'momentum',
      label: 'Momentum',
      symbol: '\\mu',
      description: 'Heavy-ball momentum on the scaled gradient; 0 means none.',
    },
    epsilon,
    coupledWeightDecay,
  ],
  slots: [
    { name: 'v', start: 'zeros' },
    { name: 'a', start: 'zeros' },
  ],
  weightDecay: 'coupled',
  usesPSchedule: false,
  defaultLearningRate: 1e-3,
  relation: 'With momentum 0, beta 0 and epsilon 0 it is signSGD.',
  updateScalar(theta, gradient, slots, step) {
    const g = gradient + numberNamed(step, 'weightDecay') * theta;
    const v = average(numberNamed(step, 'beta'), numberNamed(slots, 'v'), g * g);
    const scaled = quotient(g, Math.sqrt(v) + numberNamed(step, 'epsilon'));
    const a = numberNamed(step, 'momentum') * numberNamed(slots, 'a') + scaled;
    return { theta: theta - numberNamed(step, 'learningRate') * a, slots: { v, a } };
  },
};
