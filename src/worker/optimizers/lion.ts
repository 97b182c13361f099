import { numberNamed } from '../../core/optimizers/numbers.ts';
import { average, descendWithDecay, sign, slotNamed } from './tensorMath.ts';
import type { TensorUpdate } from './tensorOptimizer.ts';

/** c = beta1 m + (1 - beta1) g; theta = theta - lr (sign(c) + wd theta); m = beta2 m + (1 - beta2) g */
export const lion: TensorUpdate = (tf, { weight, gradient, slots }, step) => {
  const old = slotNamed(slots, 'm');
  const c = average(tf, numberNamed(step.hyper, 'beta1'), old, gradient);
  const m = average(tf, numberNamed(step.hyper, 'beta2'), old, gradient);
  return { weight: descendWithDecay(tf, weight, sign(tf, c), step), slots: { m } };
};
