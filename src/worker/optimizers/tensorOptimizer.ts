import type * as tfjs from '@tensorflow/tfjs';
import { numberNamed } from '../../core/optimizers/numbers.ts';
import type { StepNumbers } from '../../core/optimizers/optimizerSpec.ts';
import type { Tf } from '../backends/device.ts';

/** A number that changes from step to step: plain when computed eagerly, a scalar tensor where a graph takes it as input. */
export type StepValue = number | tfjs.Scalar;

/** All numbers of one update. `hyper` never changes within a run, so a compiled step may hold it as constants. */
export interface StepScalars {
  hyper: StepNumbers;
  learningRate: StepValue;
  rho: StepValue;
  /** 1 - beta1^t, computed in float64 because float32 loses it for a beta near 1; 1 for an optimizer without beta1 */
  biasCorrection1: StepValue;
  /** 1 - beta2^t */
  biasCorrection2: StepValue;
}

export type TensorSlots = Readonly<Record<string, tfjs.Tensor>>;

/** One variable, its gradient and its state; the caller owns these tensors and disposes of them. */
export interface VariableStep {
  weight: tfjs.Tensor;
  gradient: tfjs.Tensor;
  slots: TensorSlots;
}

/** New tensors, owned by the caller; never those that went in. */
export interface UpdatedVariable {
  weight: tfjs.Tensor;
  slots: Record<string, tfjs.Tensor>;
}

/**
 * The update of one variable composed of tensor operations: pure, no reads of values, no branches on them. It is the
 * reference for fused and compiled forms, and is itself tested against `OptimizerSpec.updateScalar`. A gradient that is
 * not a number makes the weight not a number.
 */
export type TensorUpdate = (tf: Tf, variable: VariableStep, step: StepScalars) => UpdatedVariable;

/** The numbers of a step (hyperparameters, learningRate, rho, t) in the form a tensor update takes. */
export function stepScalars(numbers: StepNumbers): StepScalars {
  const correction = (beta: number | undefined): number =>
    beta === undefined ? 1 : 1 - beta ** numberNamed(numbers, 't');
  return {
    hyper: numbers,
    learningRate: numberNamed(numbers, 'learningRate'),
    rho: numberNamed(numbers, 'rho'),
    biasCorrection1: correction(numbers['beta1']),
    biasCorrection2: correction(numbers['beta2']),
  };
}
