import type { Tensor } from '@tensorflow/tfjs';
import { findOptimizer } from '../../src/core/optimizers/catalogue.ts';
import type { StepNumbers } from '../../src/core/optimizers/optimizerSpec.ts';
import type { Device } from '../../src/worker/backends/device.ts';
import type { StepProgram } from '../../src/worker/engine/trainStep.ts';
import { composedUpdate, updateAll } from '../../src/worker/engine/updates.ts';
import { createSlots, stepScalars, type StepScalars } from '../../src/worker/optimizers/tensorOptimizers.ts';
import type { BenchOptimizer } from './updates.ts';

/** One optimizer step on one vector as a training step on this device takes it, metrics included. */
export type BareUpdate = (numbers: StepNumbers) => Promise<void>;

export function createUpdate(
  device: Device,
  optimizer: BenchOptimizer,
  weightValues: Float32Array,
  gradientValues: Float32Array,
): BareUpdate {
  const { tf, compile, compilesInPlace } = device;
  const spec = findOptimizer(optimizer);
  let weight: Tensor = tf.tensor1d(weightValues);
  const gradient = tf.tensor1d(gradientValues);
  let slots = createSlots(tf, spec, weight);
  if (!compile || compilesInPlace) {
    const state = { weights: { w: weight }, slots: { w: slots } };
    const program = { optimizerId: optimizer, plan: { variables: [] } } as unknown as StepProgram;
    return async (numbers) => {
      const { tensors } = updateAll(device, program, state, { w: gradient }, numbers);
      await Promise.all(tensors.map((norms) => norms.data()));
      tf.dispose([...tensors]);
    };
  }
  let constants: StepNumbers | undefined;
  const compiled = compile(
    (traceTf, { weight: w, gradient: g, learningRate, rho, biasCorrection1, biasCorrection2, ...rest }) => {
      const scalars = { hyper: constants!, learningRate, rho, biasCorrection1, biasCorrection2 } as StepScalars;
      const next = composedUpdate(traceTf, optimizer, { weight: w!, gradient: g!, slots: rest }, scalars);
      return { weight: next.weight, ...next.slots, norms: next.norms };
    },
    { isKept: (name) => name !== 'norms' },
  );
  return async (numbers) => {
    constants ??= numbers;
    const { hyper: _, ...changing } = stepScalars(numbers);
    const scalars = Object.fromEntries(
      Object.entries(changing).map(([name, value]) => [name, tf.scalar(value as number)]),
    );
    const { weight: next, norms, ...nextSlots } = await compiled.run({ weight, gradient, ...slots, ...scalars });
    await norms!.data();
    tf.dispose([weight, slots, scalars, norms]);
    weight = next!;
    slots = nextSlots;
  };
}
