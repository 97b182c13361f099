import { adamDirection, adamFormula, adamSlots } from './adamDirection.ts';
import { beta1, beta2, decoupledWeightDecay, epsilon, withDefault } from './hyperparameters.ts';
import { numberNamed } from './numbers.ts';
import type { OptimizerSpec } from './optimizerSpec.ts';

export const adamw: OptimizerSpec = {
  id: 'adamw',
  name: 'AdamW',
  summary: 'Adam with weight decay apart from the gradient.',
  formula: [
    ...adamFormula,
    '\\theta = (1 - \\eta \\lambda)\\, \\theta - \\eta\\, \\hat m \\,/\\, (\\sqrt{\\hat v} + \\varepsilon)',
  ],
  reference: {
    authors: 'I. Loshchilov, F. Hutter',
    title: 'Decoupled Weight Decay Regularization',
    where: 'ICLR 2019, arXiv:1711.05101',
  },
  hyperparameters: [beta1, beta2, epsilon, withDefault(decoupledWeightDecay, 1e-2)],
  slots: adamSlots,
  weightDecay: 'decoupled',
  usesPSchedule: false,
  defaultLearningRate: 1e-3,
  relation: 'With weight decay 0 it is Adam.',
  updateScalar(theta, gradient, slots, step) {
    const learningRate = numberNamed(step, 'learningRate');
    const { direction, slots: next } = adamDirection(gradient, slots, step);
    return {
      theta: (1 - learningRate * numberNamed(step, 'weightDecay')) * theta - learningRate * direction,
      slots: next,
    };
  },
};
