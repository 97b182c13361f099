import type * as tfjs from '@tensorflow/tfjs';
import type { StepNumbers } from '../../core/optimizers/optimizerSpec.ts';
import { decays } from '../../core/optimizers/weightDecayScope.ts';
import type { Device, Tf } from '../backends/device.ts';
import type { NamedTensors } from '../models/forward.ts';
import { stepScalars, updateVariable, type StepScalars, type VariableStep } from '../optimizers/tensorOptimizers.ts';
import { addNorms, noNorms, type PendingStats } from './stepStats.ts';
import type { TrainingState } from './trainingState.ts';
import type { StepProgram } from './trainStep.ts';

export interface UpdatedWithNorms {
  weight: tfjs.Tensor;
  slots: Record<string, tfjs.Tensor>;
  /** [3]: sum of g^2, of update^2, of weight^2 before the update */
  norms: tfjs.Tensor1D;
}

/** The update of one variable as a pure function of tensors; the results belong to the caller. */
export function composedUpdate(
  tf: Tf,
  optimizerId: string,
  variable: VariableStep,
  scalars: StepScalars,
): UpdatedWithNorms {
  const { weight, slots } = updateVariable(tf, optimizerId, variable, scalars);
  const norms = tf.tidy(() => {
    const moved = [variable.gradient, tf.sub(weight, variable.weight), variable.weight];
    return tf.stack(moved.map((tensor) => tf.sum(tf.square(tensor))));
  }) as tfjs.Tensor1D;
  return { weight, slots, norms };
}

/** Hyperparameters of a variable that its run spares weight decay: the same without it. */
export function hyperparametersOf({
  plan,
  weightDecayScope = 'all',
}: Pick<StepProgram, 'plan' | 'weightDecayScope'>): (name: string, all: StepNumbers) => StepNumbers {
  const spared = new Set(
    plan.variables.filter((variable) => !decays(weightDecayScope, variable)).map((variable) => variable.name),
  );
  return (name, all) => (spared.has(name) ? { ...all, weightDecay: 0 } : all);
}

/**
 * Updates every variable of the state, with the device's fused update where it has one, else with the composed one.
 * Waits for nothing. Gradients stay the caller's; the tensors of norms, one or none per variable, become so.
 */
export function updateAll(
  device: Device,
  program: StepProgram,
  state: Pick<TrainingState, 'weights' | 'slots'>,
  gradients: NamedTensors,
  numbers: StepNumbers,
): PendingStats {
  const { tf } = device;
  const scalars = stepScalars(numbers);
  const hyperOf = hyperparametersOf(program);
  let known = noNorms;
  const norms: tfjs.Tensor[] = [];
  for (const [name, weight] of Object.entries(state.weights)) {
    const gradient = gradients[name]!;
    const slots = state.slots[name]!;
    const hyper = hyperOf(name, numbers);
    const fused = device.fusedUpdate(program.optimizerId, weight, gradient, slots, hyper);
    if (fused) {
      if ('gradSquared' in fused) known = addNorms(known, fused);
      else norms.push(fused);
      continue;
    }
    const updated = composedUpdate(tf, program.optimizerId, { weight, gradient, slots }, { ...scalars, hyper });
    tf.dispose([weight, ...Object.values(slots)]);
    state.weights[name] = updated.weight;
    state.slots[name] = updated.slots;
    norms.push(updated.norms);
  }
  return { tensors: norms, known };
}
