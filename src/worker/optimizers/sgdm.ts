import { numberNamed } from '../../core/optimizers/numbers.ts';
import { descend, slotNamed, withPenalty } from './tensorMath.ts';
import type { TensorUpdate } from './tensorOptimizer.ts';

/** g = g + wd theta; a = beta a + g; theta = theta - lr a, or with Nesterov theta - lr (g + beta a) */
export const sgdm: TensorUpdate = (tf, variable, step) => {
  const beta = numberNamed(step.hyper, 'beta');
  const g = withPenalty(tf, variable, step);
  const a = tf.add(tf.mul(slotNamed(variable.slots, 'a'), beta), g);
  const direction = numberNamed(step.hyper, 'nesterov') === 0 ? a : tf.add(g, tf.mul(a, beta));
  return { weight: descend(tf, variable.weight, direction, step), slots: { a } };
};
