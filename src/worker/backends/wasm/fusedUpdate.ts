import type { Tensor } from '@tensorflow/tfjs';
import type { FusedUpdate, UpdateNorms } from '../device.ts';
import { createPowerTables, smallestEpsilon, type PowerTables } from './powerTable.ts';
import { allFloat, type WasmContext } from './wasmContext.ts';

/** State in the order in which the kernel of the same name (resources/wasm/optimizers.h) takes it. */
const slotOrder: Readonly<Record<string, readonly string[]>> = {
  sgd: [],
  sgdm: ['a'],
  lpsgd: [],
  lpsgdm: ['m'],
  signsgd: [],
  signum: ['m'],
  lion: ['m'],
  adam: ['m', 'v'],
  adamw: ['m', 'v'],
  rmsprop: ['v', 'a'],
  stacey: ['m', 'z'],
};

/** Numbers per chunk; the norms of each are summed apart. */
const chunkSize = 32768;
const normsPerChunk = 3;

/**
 * Optimizer updates in one pass, in place. Undefined, and nothing changed, for an optimizer without a fused form, for
 * a tensor that shares its memory with another (the update would change both), and for a rho outside [0, 1].
 */
export function createFusedUpdate(context: WasmContext): FusedUpdate {
  const powerTableOf = createPowerTables(context.kernels);
  return (optimizerId, weight, gradient, slots, hyper) => {
    const order = slotOrder[optimizerId];
    const state = order?.map((name) => slots[name]);
    const rho = optimizerId === 'stacey' ? (hyper.p! - 2) / (hyper.p! - 1) : (hyper.rho ?? 0);
    if (!state || !state.every((slot) => slot !== undefined) || !(rho >= 0 && rho <= 1)) return undefined;
    if (!ownTheirMemory(context, [weight, ...state]) || !sameKind([weight, gradient, ...state])) return undefined;
    return update(context, powerTableOf, optimizerId, weight, gradient, state, { ...hyper, rho });
  };
}

function ownTheirMemory({ backend }: WasmContext, written: readonly Tensor[]): boolean {
  return written.every(({ dataId }) => backend.refCount(dataId) === 1);
}

function sameKind(tensors: readonly Tensor[]): boolean {
  return allFloat(...tensors) && tensors.every(({ size }) => size === tensors[0]!.size);
}

function update(
  { kernels, pointer }: WasmContext,
  powerTableOf: PowerTables,
  optimizerId: string,
  weight: Tensor,
  gradient: Tensor,
  state: readonly Tensor[],
  hyper: Readonly<Record<string, number>>,
): UpdateNorms {
  const chunks = Math.ceil(weight.size / chunkSize);
  const count = chunks * normsPerChunk;
  return kernels.withScratch(count * Float64Array.BYTES_PER_ELEMENT, (norms) => {
    const [first = 0, second = 0] = state.map(pointer);
    const integers = [pointer(weight), pointer(gradient), first, second, norms, weight.size, chunkSize];
    const reals = realNumbers(hyper);
    if (!powered.has(optimizerId)) kernels.run(optimizerId, chunks, integers, reals);
    else if ((hyper['epsilon'] ?? 0) < smallestEpsilon) kernels.run(`${optimizerId}Any`, chunks, integers, reals);
    else kernels.run(optimizerId, chunks, [...integers, ...powerTableOf(hyper['rho'] ?? 0)], reals);
    return sumNorms(kernels.readDoubles(norms, count));
  });
}

/** Their powers have a faster form, for all but the smallest epsilon. */
const powered: ReadonlySet<string> = new Set(['lpsgd', 'lpsgdm', 'stacey']);

/** The real numbers of every update in optimizers.h; those an optimizer does not know are 0. */
function realNumbers(hyper: Readonly<Record<string, number>>): number[] {
  const { learningRate = 0, weightDecay = 0, beta, beta1, beta2 = 0, epsilon = 0, rho = 0, t = 1 } = hyper;
  const { nesterov = 0, momentum = 0, alpha = 0, tau = 0 } = hyper;
  const correction1 = 1 / (1 - (beta1 ?? 0) ** t);
  const correction2 = 1 / (1 - beta2 ** t);
  const firstBeta = beta ?? beta1 ?? 0;
  return [
    learningRate,
    weightDecay,
    firstBeta,
    beta2,
    epsilon,
    rho,
    correction1,
    correction2,
    nesterov,
    momentum,
    alpha,
    tau,
  ];
}

function sumNorms(parts: Float64Array): UpdateNorms {
  const norms = { gradSquared: 0, updateSquared: 0, weightSquared: 0 };
  for (let part = 0; part < parts.length; part += normsPerChunk) {
    norms.gradSquared += parts[part]!;
    norms.updateSquared += parts[part + 1]!;
    norms.weightSquared += parts[part + 2]!;
  }
  return norms;
}
