import type * as tfjs from '@tensorflow/tfjs';
import { findOptimizer } from '../../core/optimizers/catalogue.ts';
import type { OptimizerId } from '../../core/optimizers/catalogue.ts';
import type { OptimizerSpec } from '../../core/optimizers/optimizerSpec.ts';
import type { Tf } from '../backends/device.ts';
import { adam } from './adam.ts';
import { adamw } from './adamw.ts';
import { lion } from './lion.ts';
import { lpsgd } from './lpsgd.ts';
import { lpsgdm } from './lpsgdm.ts';
import { rmsprop } from './rmsprop.ts';
import { sgd } from './sgd.ts';
import { sgdm } from './sgdm.ts';
import { signsgd } from './signsgd.ts';
import { signum } from './signum.ts';
import { stacey } from './stacey.ts';
import type { TensorUpdate, UpdatedVariable, VariableStep, StepScalars } from './tensorOptimizer.ts';

export { stepScalars } from './tensorOptimizer.ts';
export type {
  StepScalars,
  StepValue,
  TensorSlots,
  TensorUpdate,
  UpdatedVariable,
  VariableStep,
} from './tensorOptimizer.ts';

/** The tensor form of every optimizer of the catalogue; the compiler refuses a catalogue entry without one. */
export const tensorUpdates: Readonly<Record<OptimizerId, TensorUpdate>> = {
  lpsgdm,
  lpsgd,
  sgd,
  sgdm,
  signsgd,
  signum,
  lion,
  adam,
  adamw,
  rmsprop,
  stacey,
};

/** Throws AppError `unknownOptimizer`. */
export function tensorUpdateOf(id: string): TensorUpdate {
  return tensorUpdates[findOptimizer(id).id as OptimizerId];
}

/**
 * One update of one variable: new weight and new slots. Everything in between is disposed of; the tensors that went in
 * stay the caller's. Throws AppError `unknownOptimizer`.
 */
export function updateVariable(tf: Tf, id: string, variable: VariableStep, step: StepScalars): UpdatedVariable {
  const update = tensorUpdateOf(id);
  return tf.tidy(() => ({ ...update(tf, variable, step) }));
}

/** The state of one variable before its first step, in the order of `spec.slots`. */
export function createSlots(tf: Tf, spec: OptimizerSpec, weight: tfjs.Tensor): Record<string, tfjs.Tensor> {
  return tf.tidy(() =>
    Object.fromEntries(
      spec.slots.map(({ name, start }) => [name, start === 'zeros' ? tf.zerosLike(weight) : copy(tf, weight)]),
    ),
  );
}

/** A tensor with memory of its own: a clone would share it, and a fused update writes in place. */
function copy(tf: Tf, tensor: tfjs.Tensor): tfjs.Tensor {
  return tf.mul(tensor, 1);
}
