import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { Attribute, GradConfig, KernelConfig, NamedTensorInfoMap, TensorInfo } from '@tensorflow/tfjs';
import { AppError } from '../../../core/errors.ts';
import type { Tf } from '../device.ts';
import type { KernelThreads } from './kernelThreads.ts';

export type Inputs = Record<string, TensorInfo>;
export type Attributes = Record<string, unknown>;

/** What our kernels need: the heap, our compute threads, and the kernels that tfjs itself registered. */
export interface WasmContext {
  tf: Tf;
  backend: BackendWasm;
  kernels: KernelThreads;
  /** runs tfjs' own kernel, below the gradient tape; the caller disposes the result */
  stock(kernelName: string, inputs: Inputs, attributes?: Attributes): TensorInfo;
  /** a new float32 tensor with undefined contents */
  output(shape: readonly number[]): TensorInfo;
  /** where a tensor's numbers lie on the heap; they stay there until it is disposed */
  pointer(tensor: TensorInfo): number;
  /** the same data under another shape; one more reference to it */
  alias(tensor: TensorInfo, shape?: readonly number[]): TensorInfo;
  dispose(...tensors: TensorInfo[]): void;
}

/** A kernel of ours, before it is registered under the backend's name. */
export interface OwnKernel {
  name: string;
  run(inputs: Inputs, attributes: Attributes): TensorInfo | TensorInfo[];
}

export interface KernelGroup {
  kernels: OwnKernel[];
  /** gradients that replace tfjs' while the device is open, because they need a kernel that only it has */
  gradients?: GradConfig[];
}

const backendName = 'wasm';

export function createContext(tf: Tf, backend: BackendWasm, kernels: KernelThreads): WasmContext {
  const stockKernels = new Map(tf.getKernelsForBackend(backendName).map((kernel) => [kernel.kernelName, kernel]));
  return {
    tf,
    backend,
    kernels,
    stock(kernelName, inputs, attributes = {}) {
      const kernel = stockKernels.get(kernelName);
      if (!kernel) throw new AppError('kernelMissing', `The WebAssembly device has no kernel ${kernelName}.`);
      const outputs = kernel.kernelFunc({
        inputs: inputs as NamedTensorInfoMap,
        attrs: attributes as Record<string, Attribute>,
        backend,
      });
      return outputs as TensorInfo;
    },
    output: (shape) => backend.makeOutput([...shape], 'float32'),
    pointer: ({ dataId }) => backend.getMemoryOffset(dataId) >>> 0,
    alias({ dataId, dtype, shape }, newShape = shape) {
      backend.incRef(dataId);
      return { dataId, dtype, shape: [...newShape] };
    },
    dispose(...tensors) {
      for (const tensor of tensors) backend.disposeData(tensor.dataId);
    },
  };
}

/** Registers our kernels and gradients in place of tfjs' own and returns what puts those back. */
export function installKernels({ tf, backend }: WasmContext, groups: readonly KernelGroup[]): () => void {
  const kernels = groups.flatMap((group) => group.kernels);
  const gradients = groups.flatMap((group) => group.gradients ?? []);
  const replacedKernels: KernelConfig[] = [];
  const replacedGradients: GradConfig[] = [];
  for (const { name, run } of kernels) {
    const stock = tf.getKernel(name, backendName);
    if (stock) {
      replacedKernels.push(stock);
      tf.unregisterKernel(name, backendName);
    }
    tf.registerKernel({
      kernelName: name,
      backendName,
      kernelFunc: ({ inputs, attrs }) => run(inputs as Inputs, (attrs ?? {}) as Attributes),
      ...(stock?.setupFunc ? { setupFunc: () => stock.setupFunc?.(backend) } : {}),
    });
  }
  for (const gradient of gradients) {
    const stock = tf.getGradient(gradient.kernelName);
    if (stock) {
      replacedGradients.push(stock);
      tf.unregisterGradient(gradient.kernelName);
    }
    tf.registerGradient(stock ? { ...gradient, gradFunc: whereCurrent(tf, gradient, stock) } : gradient);
  }
  return () => {
    for (const { name } of kernels) tf.unregisterKernel(name, backendName);
    for (const { kernelName } of gradients) tf.unregisterGradient(kernelName);
    for (const kernel of replacedKernels) tf.registerKernel(kernel);
    for (const gradient of replacedGradients) tf.registerGradient(gradient);
  };
}

/** tfjs has one gradient for all backends; another backend may be current while this device is open. */
function whereCurrent(tf: Tf, own: GradConfig, stock: GradConfig): GradConfig['gradFunc'] {
  return (...values) => (tf.getBackend() === backendName ? own : stock).gradFunc(...values);
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

export function allFloat(...tensors: readonly TensorInfo[]): boolean {
  return tensors.every(({ dtype }) => dtype === 'float32');
}
