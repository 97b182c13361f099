import { numberNamed } from '../../core/optimizers/numbers.ts';
import { descendWithDecay, lpDirection } from './tensorMath.ts';
import type { TensorUpdate } from './tensorOptimizer.ts';

/** u = g / (|g| + epsilon)^rho; theta = (1 - lr wd) theta - lr u */
export const lpsgd: TensorUpdate = (tf, { weight, gradient }, step) => {
  const u = lpDirection(tf, gradient, step.rho, numberNamed(step.hyper, 'epsilon'));
  return { weight: descendWithDecay(tf, weight, u, step), slots: {} };
};
