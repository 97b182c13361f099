import { descendWithDecay, sign } from './tensorMath.ts';
import type { TensorUpdate } from './tensorOptimizer.ts';

/** theta = (1 - lr wd) theta - lr sign(g) */
export const signsgd: TensorUpdate = (tf, { weight, gradient }, step) => ({
  weight: descendWithDecay(tf, weight, sign(tf, gradient), step),
  slots: {},
});
