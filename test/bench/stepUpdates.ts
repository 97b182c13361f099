import type { Tensor, Variable } from '@tensorflow/tfjs';
import { findOptimizer } from '../../src/core/optimizers/catalogue.ts';
import type { Device } from '../../src/worker/backends/device.ts';
import { createSlots, stepScalars, updateVariable } from '../../src/worker/optimizers/tensorOptimizers.ts';

export type BenchOptimizer = 'sgdm' | 'lpsgdm' | 'adamw';

/** rho 0.7 is a general power: neither a square root nor an identity, so no shortcut applies. */
export const benchHyper: Record<BenchOptimizer, Record<string, number>> = {
  sgdm: { learningRate: 0.01, beta: 0.9, nesterov: 0, weightDecay: 0 },
  lpsgdm: { learningRate: 0.001, beta: 0.9, epsilon: 1e-8, rho: 0.7, weightDecay: 0.01 },
  adamw: { learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01 },
};

export interface UpdateOptions {
  /** false measures the composed tensor operations even where the device has a fused form */
  fused?: boolean;
}

/** Returns what applies one optimizer step to all weights, with its state zero at the start. */
export function stepUpdates(
  device: Device,
  weights: Readonly<Record<string, Variable>>,
  optimizer: BenchOptimizer,
  { fused = true }: UpdateOptions = {},
): (gradients: Readonly<Record<string, Tensor>>) => void {
  const { tf } = device;
  const spec = findOptimizer(optimizer);
  const slots = new Map(Object.keys(weights).map((name) => [name, createSlots(tf, spec, weights[name]!)]));
  let t = 0;
  return (gradients) => {
    const hyper = { rho: 0, ...benchHyper[optimizer], t: ++t };
    for (const [name, weight] of Object.entries(weights)) {
      const gradient = gradients[weight.name]!;
      const old = slots.get(name)!;
      if (fused && device.fusedUpdate(optimizer, weight, gradient, old, hyper)) continue;
      const updated = updateVariable(tf, optimizer, { weight, gradient, slots: old }, stepScalars(hyper));
      weight.assign(updated.weight as never);
      tf.dispose([updated.weight, ...Object.values(old)]);
      slots.set(name, updated.slots);
    }
  };
}
