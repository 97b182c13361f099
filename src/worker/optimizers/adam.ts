import { adamDirection } from './adamDirection.ts';
import { descend, withPenalty } from './tensorMath.ts';
import type { TensorUpdate } from './tensorOptimizer.ts';

/** Adam on g + wd theta */
export const adam: TensorUpdate = (tf, variable, step) => {
  const { direction, slots } = adamDirection(tf, withPenalty(tf, variable, step), variable.slots, step);
  return { weight: descend(tf, variable.weight, direction, step), slots };
};
