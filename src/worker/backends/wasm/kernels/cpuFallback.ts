import type { DataType, TensorInfo } from '@tensorflow/tfjs';
import { AppError } from '../../../../core/errors.ts';
import type { Inputs, KernelGroup, WasmContext } from '../wasmContext.ts';

/** Kernels that the WebAssembly binary lacks and that no hot loop needs: computed by tfjs' cpu backend. */
const names = [
  'DepthwiseConv2dNativeBackpropFilter',
  'DepthwiseConv2dNativeBackpropInput',
  'UnsortedSegmentSum',
  'Einsum',
] as const;

interface CpuBackend {
  makeTensorInfo(shape: number[], dtype: DataType, values: unknown): TensorInfo;
  disposeIntermediateTensorInfo(tensor: TensorInfo): void;
  data: { get(dataId: object): { values: Float32Array } };
}

export function cpuFallbackKernels(context: WasmContext): KernelGroup {
  return {
    kernels: names.map((name) => ({ name, run: (inputs, attributes) => runOnCpu(context, name, inputs, attributes) })),
  };
}

function runOnCpu(context: WasmContext, name: string, inputs: Inputs, attrs: Record<string, unknown>): TensorInfo {
  const { tf, backend } = context;
  const kernel = tf.getKernel(name, 'cpu');
  if (!kernel) throw new AppError('kernelMissing', `No device has a kernel ${name}.`);
  const cpu = tf.findBackend('cpu') as unknown as CpuBackend;
  const copy = ({ shape, dtype, dataId }: TensorInfo): TensorInfo =>
    cpu.makeTensorInfo(shape, dtype, backend.readSync(dataId));
  // Einsum is given a list, the others a record
  const entries = Object.entries(inputs).map(([key, tensor]) => [key, copy(tensor)] as const);
  const copies = Array.isArray(inputs) ? entries.map(([, tensor]) => tensor) : Object.fromEntries(entries);
  const result = kernel.kernelFunc({ inputs: copies as Inputs, backend: cpu, attrs: attrs as never }) as TensorInfo;
  const dataId = backend.write(cpu.data.get(result.dataId).values, result.shape, result.dtype);
  for (const [, tensor] of entries) cpu.disposeIntermediateTensorInfo(tensor);
  cpu.disposeIntermediateTensorInfo(result);
  return { dataId, shape: result.shape, dtype: result.dtype };
}
