import type * as tfjs from '@tensorflow/tfjs';
import type { ModelPlan } from '../../core/models/modelPlan.ts';
import type { OptimizerSpec } from '../../core/optimizers/optimizerSpec.ts';
import type { Tf } from '../backends/device.ts';
import { initialValues } from '../models/initialize.ts';
import { createSlots } from '../optimizers/tensorOptimizers.ts';

/** All tensors that a step reads and replaces. Whoever created it disposes of it with `disposeState`. */
export interface TrainingState {
  /** trainable variables by name */
  weights: Record<string, tfjs.Tensor>;
  /** optimizer state by variable name, then slot name */
  slots: Record<string, Record<string, tfjs.Tensor>>;
  /** running statistics by name */
  statistics: Record<string, tfjs.Tensor>;
}

/**
 * The state before the first step of a run with this seed. Variables that are given begin as these tensors, which then
 * belong to the state.
 */
export function createState(
  tf: Tf,
  plan: ModelPlan,
  optimizer: OptimizerSpec,
  seed: number,
  given: Readonly<Record<string, tfjs.Tensor>> = {},
): TrainingState {
  const state: TrainingState = { weights: {}, slots: {}, statistics: {} };
  for (const variable of plan.variables) {
    const tensor = given[variable.name] ?? tf.tensor(initialValues(variable, seed), variable.shape, 'float32');
    if (variable.trainable) {
      state.weights[variable.name] = tensor;
      state.slots[variable.name] = createSlots(tf, optimizer, tensor);
    } else {
      state.statistics[variable.name] = tensor;
    }
  }
  return state;
}

export function disposeState(state: TrainingState): void {
  const tensors = [
    ...Object.values(state.weights),
    ...Object.values(state.statistics),
    ...Object.values(state.slots).flatMap((slots) => Object.values(slots)),
  ];
  for (const tensor of tensors) tensor.dispose();
}

/** Slot tensors under one flat name each, as files hold them: "0.dense/kernel#m". */
export const slotName = (variable: string, slot: string): string => `${variable}#${slot}`;

/** All tensors of a state under one flat name each. */
export function flattenState({ weights, slots, statistics }: TrainingState): Record<string, tfjs.Tensor> {
  const flat: Record<string, tfjs.Tensor> = {};
  for (const [name, tensor] of Object.entries(weights)) flat[`weights/${name}`] = tensor;
  for (const [name, tensor] of Object.entries(statistics)) flat[`statistics/${name}`] = tensor;
  for (const [name, tensors] of Object.entries(slots)) {
    for (const [slot, tensor] of Object.entries(tensors)) flat[`slots/${slotName(name, slot)}`] = tensor;
  }
  return flat;
}

/** The inverse of `flattenState`, for a state with the names of `like`. */
export function unflattenState(flat: Readonly<Record<string, tfjs.Tensor>>, like: TrainingState): TrainingState {
  const pick = (names: readonly string[], flatName: (name: string) => string) =>
    Object.fromEntries(names.map((name) => [name, flat[flatName(name)]!]));
  return {
    weights: pick(Object.keys(like.weights), (name) => `weights/${name}`),
    statistics: pick(Object.keys(like.statistics), (name) => `statistics/${name}`),
    slots: Object.fromEntries(
      Object.entries(like.slots).map(([name, tensors]) => [
        name,
        pick(Object.keys(tensors), (slot) => `slots/${slotName(name, slot)}`),
      ]),
    ),
  };
}
