import type * as tfjs from '@tensorflow/tfjs';
import type { ModelPlan } from '../../core/models/modelPlan.ts';
import type { StepNumbers } from '../../core/optimizers/optimizerSpec.ts';
import type { WeightDecayScope } from '../../core/optimizers/weightDecayScope.ts';
import type { Device, Tf } from '../backends/device.ts';
import { forward, type NamedTensors } from '../models/forward.ts';
import { lossValue, scoreSum, type LossKind } from '../models/loss.ts';
import type { StepScalars } from '../optimizers/tensorOptimizers.ts';
import { packStats, type PendingStats } from './stepStats.ts';
import type { TrainingState } from './trainingState.ts';
import { composedUpdate, hyperparametersOf, updateAll } from './updates.ts';

/** What stays the same in every step of a run. */
export interface StepProgram {
  plan: ModelPlan;
  loss: LossKind;
  optimizerId: string;
  /** all when left out */
  weightDecayScope?: WeightDecayScope;
}

export interface StepBatch {
  /** [batch, ...sample shape], float32 */
  x: tfjs.Tensor;
  /** one-hot [batch, classes], or [batch, targets] */
  targets: tfjs.Tensor2D;
  /** dropout masks by layer path, scaled by 1 / keep */
  masks: NamedTensors;
}

export interface Gradients {
  loss: tfjs.Scalar;
  score: tfjs.Scalar;
  gradients: Record<string, tfjs.Tensor>;
  statistics: Record<string, tfjs.Tensor>;
}

/** Forward and backward: loss and its gradient by every trainable variable. Pure; the caller owns the results. */
export function computeGradients(tf: Tf, program: StepProgram, state: TrainingState, batch: StepBatch): Gradients {
  const names = Object.keys(state.weights);
  let score: tfjs.Scalar | undefined;
  let statistics: Record<string, tfjs.Tensor> = {};
  const lossOfWeights = (...weights: tfjs.Tensor[]): tfjs.Scalar => {
    const variables = { ...state.statistics, ...Object.fromEntries(names.map((name, i) => [name, weights[i]!])) };
    const result = forward(tf, program.plan, { variables, x: batch.x, masks: batch.masks, training: true });
    statistics = result.statistics;
    score = tf.keep(scoreSum(tf, program.loss, result.output, batch.targets));
    return lossValue(tf, program.loss, result.output, batch.targets);
  };
  const { value, grads } = tf.valueAndGrads(lossOfWeights)(names.map((name) => state.weights[name]!));
  const gradients = Object.fromEntries(names.map((name, i) => [name, grads[i]!]));
  return { loss: value as tfjs.Scalar, score: score!, gradients, statistics };
}

/** Tensors that one step takes, as one value: the whole step is a function of it. */
export interface PureStepInputs extends StepBatch {
  state: TrainingState;
  scalars: StepScalars;
}

/**
 * Forward, backward and optimizer update as one pure function of tensors: no value is read, nothing is written in
 * place, everything that changes by step is an input. The new state and `stats` belong to the caller; stats is [5]:
 * loss, score sum, sum of g^2, sum of update^2, sum of weight^2 before the update.
 */
export function pureTrainStep(
  tf: Tf,
  program: StepProgram,
  inputs: PureStepInputs,
): { state: TrainingState; stats: tfjs.Tensor1D } {
  const { state, scalars } = inputs;
  const { loss, score, gradients, statistics } = computeGradients(tf, program, state, inputs);
  const next: TrainingState = { weights: {}, slots: {}, statistics };
  const norms: tfjs.Tensor1D[] = [];
  const hyperOf = hyperparametersOf(program);
  for (const [name, weight] of Object.entries(state.weights)) {
    const variable = { weight, gradient: gradients[name]!, slots: state.slots[name]! };
    const own = { ...scalars, hyper: hyperOf(name, scalars.hyper) };
    const updated = composedUpdate(tf, program.optimizerId, variable, own);
    next.weights[name] = updated.weight;
    next.slots[name] = updated.slots;
    norms.push(updated.norms);
  }
  const stats = tf.tidy(() => tf.concat([tf.stack([loss, score]), tf.addN(norms)])) as tfjs.Tensor1D;
  tf.dispose([loss, score, ...Object.values(gradients), ...norms]);
  return { state: next, stats };
}

/**
 * One step that changes `state` in place, variable by variable with the device's fused update where it has one, else
 * with the composed one. Computes what `pureTrainStep` computes and waits for nothing. Batch tensors stay the caller's.
 */
export function runTrainStep(
  device: Device,
  program: StepProgram,
  state: TrainingState,
  batch: StepBatch,
  numbers: StepNumbers,
): PendingStats {
  const { tf } = device;
  const { loss, score, gradients, statistics } = computeGradients(tf, program, state, batch);
  const { tensors: norms, known } = updateAll(device, program, state, gradients, numbers);
  tf.dispose([...Object.values(gradients), ...Object.keys(statistics).map((name) => state.statistics[name]!)]);
  Object.assign(state.statistics, statistics);
  const pending = { tensors: [loss, score, ...norms], known };
  return device.computesAhead ? packStats(tf, pending) : pending;
}
