import { numberNamed } from '../../core/optimizers/numbers.ts';
import { rhoOf } from '../../core/schedules/rho.ts';
import { average, descendWithDecay, lpDirection, slotNamed } from './tensorMath.ts';
import type { TensorUpdate } from './tensorOptimizer.ts';

/**
 * c = beta1 m + (1 - beta1) g; z = z - alpha c; theta = (1 - tau - lr wd) theta + tau z - lr (1 - tau) u with
 * u = c / (|c| + epsilon)^((p-2)/(p-1)); m = beta2 m + (1 - beta2) g. The pull to z is summed as tau (z - theta).
 */
export const stacey: TensorUpdate = (tf, { weight, gradient, slots }, step) => {
  const { hyper } = step;
  const tau = numberNamed(hyper, 'tau');
  const old = slotNamed(slots, 'm');
  const c = average(tf, numberNamed(hyper, 'beta1'), old, gradient);
  const z = tf.sub(slotNamed(slots, 'z'), tf.mul(c, numberNamed(hyper, 'alpha')));
  const u = lpDirection(tf, c, rhoOf(numberNamed(hyper, 'p')), numberNamed(hyper, 'epsilon'));
  const descended = descendWithDecay(tf, weight, tf.mul(u, 1 - tau), step);
  return {
    weight: tf.add(descended, tf.mul(tf.sub(z, weight), tau)),
    slots: { m: average(tf, numberNamed(hyper, 'beta2'), old, gradient), z },
  };
};
