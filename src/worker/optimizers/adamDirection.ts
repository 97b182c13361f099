import type * as tfjs from '@tensorflow/tfjs';
import { numberNamed } from '../../core/optimizers/numbers.ts';
import type { Tf } from '../backends/device.ts';
import { average, rootScaled, slotNamed } from './tensorMath.ts';
import type { StepScalars, TensorSlots } from './tensorOptimizer.ts';

/** The bias-corrected step of Adam: mHat / (sqrt(vHat) + epsilon), with the new averages. */
export function adamDirection(
  tf: Tf,
  gradient: tfjs.Tensor,
  slots: TensorSlots,
  step: StepScalars,
): { direction: tfjs.Tensor; slots: { m: tfjs.Tensor; v: tfjs.Tensor } } {
  const m = average(tf, numberNamed(step.hyper, 'beta1'), slotNamed(slots, 'm'), gradient);
  const v = average(tf, numberNamed(step.hyper, 'beta2'), slotNamed(slots, 'v'), tf.square(gradient));
  const mHat = tf.div(m, step.biasCorrection1);
  const vHat = tf.div(v, step.biasCorrection2);
  return { direction: rootScaled(tf, mHat, vHat, numberNamed(step.hyper, 'epsilon')), slots: { m, v } };
}
