import { numberNamed } from '../../core/optimizers/numbers.ts';
import { average, descendWithDecay, lpDirection, slotNamed } from './tensorMath.ts';
import type { TensorUpdate } from './tensorOptimizer.ts';

/** m = beta m + (1 - beta) g; v = m / (|m| + epsilon)^rho; theta = (1 - lr wd) theta - lr v */
export const lpsgdm: TensorUpdate = (tf, { weight, gradient, slots }, step) => {
  const m = average(tf, numberNamed(step.hyper, 'beta'), slotNamed(slots, 'm'), gradient);
  const v = lpDirection(tf, m, step.rho, numberNamed(step.hyper, 'epsilon'));
  return { weight: descendWithDecay(tf, weight, v, step), slots: { m } };
};
