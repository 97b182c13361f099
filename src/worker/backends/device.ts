import type * as tfjs from '@tensorflow/tfjs';
import type { AppError } from '../../core/errors.ts';

export type Tf = typeof tfjs;

/** What one fused, in-place optimizer update of one variable reports; sums are over all its elements. */
export interface UpdateNorms {
  /** sum of g^2 */
  gradSquared: number;
  /** sum of (theta_after - theta_before)^2 */
  updateSquared: number;
  /** sum of theta_before^2 */
  weightSquared: number;
}

/**
 * The same where numbers lie on a device that is still computing them: [parts, 3], partial sums in the order gradient,
 * update, weight. Belongs to the caller.
 */
export type PendingNorms = tfjs.Tensor2D;

/**
 * An optimizer update that a device performs in one pass over memory, writing the weight and its state in place.
 * `slots` are the optimizer's state tensors of this variable by slot name (see src/core/optimizers), `hyper` its
 * numbers for this step (learningRate, beta, rho, ...). Returns undefined when the device has no fused form of this
 * optimizer, or where the weight or its state shares memory with another tensor (`tf.variable(t)` shares t's until t is
 * disposed): the caller then uses the composed tensor operations, which are the reference. A slot it has updated stays
 * the same tensor with new contents.
 */
export type FusedUpdate = (
  optimizerId: string,
  weight: tfjs.Tensor,
  gradient: tfjs.Tensor,
  slots: Readonly<Record<string, tfjs.Tensor>>,
  hyper: Readonly<Record<string, number>>,
) => UpdateNorms | PendingNorms | undefined;

export type NamedTensors = Readonly<Record<string, tfjs.Tensor>>;

/** A pure function of float32 tensors: reads no values and branches on none, so that it can be traced. */
export type TensorFunction = (tf: Tf, inputs: NamedTensors) => NamedTensors;

/** A function that its device has compiled as a whole, once for each set of input shapes. Whoever compiled it closes it. */
export interface CompiledFunction {
  /**
   * The function's results, which belong to the caller, as its inputs do. Compiles first for shapes it has not met.
   * Throws AppError `kernelMissing` where an operation cannot be compiled, before anything is computed; `outOfMemory`.
   */
  run(inputs: NamedTensors): Promise<Record<string, tfjs.Tensor>>;
  close(): Promise<void>;
}

export interface CompileOptions {
  /**
   * Names the results that only the next run or `data()` will read: on a device with memory of its own they stay there,
   * as tensors on which nothing else can be computed.
   */
  isKept?: (name: string) => boolean;
}

/** What it took to compile a function for one set of input shapes. */
export interface CompiledTimes {
  /** recording what the function computes */
  traceMs: number;
  /** optimising it and preparing it to run */
  sessionMs: number;
}

/** An opened training device. Whoever opens it closes it. */
export interface Device {
  id: string;
  /** one line for people: "WebAssembly, SIMD, 2 threads" */
  description: string;
  /** the card that computes, as its driver calls it; absent where the processor does */
  hardware?: string;
  /** a program plays the card */
  isSoftware?: boolean;
  /** threads that compute; results are the same bits whatever their number */
  threads: number;
  tf: Tf;
  /** true when a tensor made from an array keeps a copy of it, so that the array may be filled again */
  copiesInputs: boolean;
  fusedUpdate: FusedUpdate;
  /** on a device that compiles whole functions; it computes the rest eagerly like any other */
  compile?: (compute: TensorFunction, options?: CompileOptions) => CompiledFunction;
  /** whether compiled functions leave their results in the memory in which `fusedUpdate` works */
  compilesInPlace?: boolean;
  /**
   * Steps may be asked for before the numbers of earlier ones are read, because the device computes on its own and
   * reading waits for it. Where it is false, reading costs nothing.
   */
  computesAhead: boolean;
  /** Resolves with what happened (`deviceLost`) when the device is gone for good; absent where that cannot happen. */
  lost?: Promise<AppError>;
  /** The first thing that went wrong on a device whose calls do not throw: `deviceLost`, `outOfMemory`. */
  failure?: () => AppError | undefined;
  close(): void;
}

export interface OpenDeviceOptions {
  /** wanted compute threads; a device may use fewer and says so in `threads` */
  threads?: number;
  /** where a device has several adapters: the name, or a part of it, of the one to open */
  adapter?: string;
  /** folder that holds this project's own wasm file (resources/wasm) */
  wasmDir: string;
  /** receives one sentence for each fallback the user should know about */
  warn?: (message: string) => void;
  /** hears of each function that is compiled, for each set of shapes */
  onCompiled?: (times: CompiledTimes) => void;
}
