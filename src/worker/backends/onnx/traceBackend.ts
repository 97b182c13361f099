import { KernelBackend, type BackendValues, type DataId, type DataType, type TensorInfo } from '@tensorflow/tfjs';
import { AppError } from '../../../core/errors.ts';
import type { Tf } from '../device.ts';
import { loweringTable } from './kernels/loweringTable.ts';
import { missing, type KernelAttributes, type KernelInputs, type Lowering } from './lowering.ts';

export const traceBackendName = 'onnx-trace';

/** A tfjs backend whose kernels compute nothing: they write down what is to be computed. */
export class TraceBackend extends KernelBackend {
  #lowering: Lowering | undefined;

  get lowering(): Lowering {
    if (!this.#lowering)
      throw new AppError('internal', 'A tensor was computed for compilation while none was going on.');
    return this.#lowering;
  }

  /** Records what `build` computes into a lowering. */
  record<Result>(lowering: Lowering, build: () => Result): Result {
    this.#lowering = lowering;
    try {
      return build();
    } finally {
      this.#lowering = undefined;
    }
  }

  override write(values: BackendValues, shape: number[], dtype: DataType): DataId {
    const dataId = {};
    this.lowering.bindConstant(dataId, values as Float32Array, shape, dtype);
    return dataId;
  }

  override move(dataId: DataId): void {
    // reports a tensor of another backend, whose numbers must come in as an input
    this.lowering.symbol({ dataId });
  }

  override readSync(): never {
    throw new AppError('kernelMissing', 'The step reads a value while it computes, so it cannot be compiled.');
  }

  override read(): never {
    return this.readSync();
  }

  override disposeData = (): boolean => true;
  override refCount = (): number => 1;
  override incRef = (): void => {};
  override numDataIds = (): number => 0;
  override memory = () => ({ unreliable: true });
  override timerAvailable = (): boolean => false;
  override floatPrecision = (): 32 => 32;
  override epsilon = (): number => 1e-7;
  override dispose = (): void => {};
}

/** Registers the backend with its kernels and returns what removes both; kernels without a lowering say so when used. */
export function installTraceBackend(tf: Tf): { backend: TraceBackend; remove: () => void } {
  const backend = new TraceBackend();
  const unknown = tf
    .getKernelsForBackend('cpu')
    .flatMap(({ kernelName }) => (kernelName in loweringTable ? [] : [kernelName]));
  const names = [...Object.keys(loweringTable), ...unknown];
  for (const kernelName of names) {
    const lower = loweringTable[kernelName];
    tf.registerKernel({
      kernelName,
      backendName: traceBackendName,
      kernelFunc({ inputs, attrs }) {
        if (!lower) throw missing(kernelName);
        return lower(backend.lowering, inputs as KernelInputs, (attrs ?? {}) as KernelAttributes) as TensorInfo;
      },
    });
  }
  tf.registerBackend(traceBackendName, () => backend);
  return {
    backend,
    remove() {
      tf.removeBackend(traceBackendName);
      for (const kernelName of names) tf.unregisterKernel(kernelName, traceBackendName);
    },
  };
}
