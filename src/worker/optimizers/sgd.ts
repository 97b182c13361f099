import { descend, withPenalty } from './tensorMath.ts';
import type { TensorUpdate } from './tensorOptimizer.ts';

/** g = g + wd theta; theta = theta - lr g */
export const sgd: TensorUpdate = (tf, variable, step) => ({
  weight: descend(tf, variable.weight, withPenalty(tf, variable, step), step),
  slots: {},
});
