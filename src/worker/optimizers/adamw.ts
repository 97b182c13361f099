import { adamDirection } from './adamDirection.ts';
import { descendWithDecay } from './tensorMath.ts';
import type { TensorUpdate } from './tensorOptimizer.ts';

/** Adam on g; the weight decays apart from it */
export const adamw: TensorUpdate = (tf, { weight, gradient, slots: old }, step) => {
  const { direction, slots } = adamDirection(tf, gradient, old, step);
  return { weight: descendWithDecay(tf, weight, direction, step), slots };
};
