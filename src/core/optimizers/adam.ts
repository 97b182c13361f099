import { adamDirection, adamFormula, adamSlots } from './adamDirection.ts';
import { beta1, beta2, coupledWeightDecay, epsilon } from './hyperparameters.ts';
import { numberNamed } from './numbers.ts';
import type { OptimizerSpec } from './optimizerSpec.ts';

export const adam: OptimizerSpec = {
  id: 'adam',
  name: 'Adam',
  summary: 'Momentum divided by the root of the averaged squared gradient, both corrected for their zero start.',
  formula: [
    'g = g + \\lambda \\theta',
    ...adamFormula,
    '\\theta = \\theta - \\eta\\, \\hat m \\,/\\, (\\sqrt{\\hat v} + \\varepsilon)',
  ],
  reference: {
    authors: 'D. P. Kingma, J. Ba',
    title: 'Adam: A Method for Stochastic Optimization',
    where: 'ICLR 2015, arXiv:1412.6980',
  },
  hyperparameters: [beta1, beta2, epsilon, coupledWeightDecay],
  slots: adamSlots,
  weightDecay: 'coupled',
  usesPSchedule: false,
  defaultLearningRate: 1e-3,
  relation: 'With weight decay 0 it is AdamW with weight decay 0; with both betas and epsilon 0 it is signSGD.',
  updateScalar(theta, gradient, slots, step) {
    const g = gradient + numberNamed(step, 'weightDecay') * theta;
    const { direction, slots: next } = adamDirection(g, slots, step);
    return { theta: theta - numberNamed(step, 'learningRate') * direction, slots: next };
  },
};
