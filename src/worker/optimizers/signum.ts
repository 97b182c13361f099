import { numberNamed } from '../../core/optimizers/numbers.ts';
import { average, descendWithDecay, sign, slotNamed } from './tensorMath.ts';
import type { TensorUpdate } from './tensorOptimizer.ts';

/** m = beta m + (1 - beta) g; theta = (1 - lr wd) theta - lr sign(m) */
export const signum: TensorUpdate = (tf, { weight, gradient, slots }, step) => {
  const m = average(tf, numberNamed(step.hyper, 'beta'), slotNamed(slots, 'm'), gradient);
  return { weight: descendWithDecay(tf, weight, sign(tf, m), step), slots: { m } };
};
