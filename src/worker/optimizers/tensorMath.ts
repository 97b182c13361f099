import type * as tfjs from '@tensorflow/tfjs';
import { numberNamed } from '../../core/optimizers/numbers.ts';
import { AppError } from '../../core/errors.ts';
import type { Tf } from '../backends/device.ts';
import type { StepScalars, StepValue, TensorSlots, VariableStep } from './tensorOptimizer.ts';

/** The smallest normal float32, 2^-126: a smaller epsilon is as good as 0 on tensors. */
const smallestFloat32 = 2 ** -126;

export function slotNamed(slots: TensorSlots, name: string): tfjs.Tensor {
  const slot = slots[name];
  if (!slot) throw new AppError('internal', `An optimizer update was not given its state "${name}".`);
  return slot;
}

/** beta * old + (1 - beta) * fresh */
export function average(tf: Tf, beta: number, old: tfjs.Tensor, fresh: tfjs.Tensor): tfjs.Tensor {
  return tf.add(tf.mul(old, beta), tf.mul(fresh, 1 - beta));
}

/** numerator / denominator, and 0 where the denominator is 0; not a number stays so. */
function quotient(tf: Tf, numerator: tfjs.Tensor, denominator: tfjs.Tensor): tfjs.Tensor {
  return tf.where(tf.equal(denominator, 0), tf.zerosLike(numerator), tf.div(numerator, denominator));
}

/** numerator / (size + epsilon)^rho, masked only where epsilon leaves a denominator of 0 possible. */
function damped(
  tf: Tf,
  numerator: tfjs.Tensor,
  size: tfjs.Tensor,
  epsilon: number,
  rho: StepValue | undefined,
): tfjs.Tensor {
  const sum = epsilon === 0 ? size : tf.add(size, epsilon);
  const denominator = rho === undefined ? sum : tf.pow(sum, rho);
  return epsilon < smallestFloat32 ? quotient(tf, numerator, denominator) : tf.div(numerator, denominator);
}

/** gradient / (|gradient| + epsilon)^rho, zero for a zero gradient (see the scalar form in core). */
export function lpDirection(tf: Tf, gradient: tfjs.Tensor, rho: StepValue, epsilon: number): tfjs.Tensor {
  return rho === 0 ? gradient : damped(tf, gradient, tf.abs(gradient), epsilon, rho);
}

/** gradient / (sqrt(square) + epsilon), zero where nothing but zeros has been seen. */
export function rootScaled(tf: Tf, gradient: tfjs.Tensor, square: tfjs.Tensor, epsilon: number): tfjs.Tensor {
  return damped(tf, gradient, tf.sqrt(square), epsilon, undefined);
}

/**
 * -1, 0 or 1, and not a number for what is not a number or infinite. tf.sign will not do: wasm takes everything below
 * 1.2e-7 for 0, and both cpu and wasm hide what is not a number. (Below 2^-126, float32's last normal number, the result
 * fades to 0.)
 */
export function sign(tf: Tf, x: tfjs.Tensor): tfjs.Tensor {
  return tf.div(x, tf.maximum(tf.abs(x), smallestFloat32));
}

/** gradient + weightDecay * weight */
export function withPenalty(tf: Tf, { gradient, weight }: VariableStep, { hyper }: StepScalars): tfjs.Tensor {
  return withDecay(tf, gradient, weight, numberNamed(hyper, 'weightDecay'));
}

function withDecay(tf: Tf, direction: tfjs.Tensor, weight: tfjs.Tensor, weightDecay: number): tfjs.Tensor {
  return weightDecay === 0 ? direction : tf.add(direction, tf.mul(weight, weightDecay));
}

/** weight - learningRate * direction */
export function descend(
  tf: Tf,
  weight: tfjs.Tensor,
  direction: tfjs.Tensor,
  { learningRate }: StepScalars,
): tfjs.Tensor {
  return tf.sub(weight, tf.mul(direction, learningRate));
}

/**
 * (1 - learningRate * weightDecay) * weight - learningRate * direction, summed as
 * weight - learningRate * (direction + weightDecay * weight): float32 would round the factor near 1 the same way in every
 * step, and the errors would add up.
 */
export function descendWithDecay(tf: Tf, weight: tfjs.Tensor, direction: tfjs.Tensor, step: StepScalars): tfjs.Tensor {
  return descend(tf, weight, withDecay(tf, direction, weight, numberNamed(step.hyper, 'weightDecay')), step);
}
