import { numberNamed } from '../../core/optimizers/numbers.ts';
import { average, descend, rootScaled, slotNamed, withPenalty } from './tensorMath.ts';
import type { TensorUpdate } from './tensorOptimizer.ts';

/** g = g + wd theta; v = beta v + (1 - beta) g^2; a = momentum a + g / (sqrt(v) + epsilon); theta = theta - lr a */
export const rmsprop: TensorUpdate = (tf, variable, step) => {
  const g = withPenalty(tf, variable, step);
  const v = average(tf, numberNamed(step.hyper, 'beta'), slotNamed(variable.slots, 'v'), tf.square(g));
  const scaled = rootScaled(tf, g, v, numberNamed(step.hyper, 'epsilon'));
  const a = tf.add(tf.mul(slotNamed(variable.slots, 'a'), numberNamed(step.hyper, 'momentum')), scaled);
  return { weight: descend(tf, variable.weight, a, step), slots: { v, a } };
};
