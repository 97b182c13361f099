import { KernelBackend, type DataId, type Tensor } from '@tensorflow/tfjs';
import type { InferenceSession, Tensor as OnnxTensor } from 'onnxruntime-node';
import { AppError } from '../../../core/errors.ts';
import type { Tf } from '../device.ts';
import { OnnxGraph } from './onnxGraph.ts';
import type { OnnxRuntime } from './runtime.ts';
import type { Provider } from './providers.ts';

/**
 * Results that stay in the memory of ONNX Runtime's provider until they are fed to the next run, as tensors of tfjs: a
 * backend without kernels, from which numbers come only through `data()`.
 */
export class ResidentTensors extends KernelBackend {
  readonly #tensors = new Map<DataId, OnnxTensor>();
  readonly #readers = new Map<string, Promise<InferenceSession>>();
  #retired: InferenceSession[] = [];
  readonly #tf: Tf;
  readonly #runtime: OnnxRuntime;
  readonly #provider: Provider;

  constructor(tf: Tf, runtime: OnnxRuntime, provider: Provider) {
    super();
    this.#tf = tf;
    this.#runtime = runtime;
    this.#provider = provider;
  }

  adopt(value: OnnxTensor, shape: readonly number[]): Tensor {
    const dataId = {};
    this.#tensors.set(dataId, value);
    return this.#tf.engine().makeTensorFromTensorInfo({ dataId, shape: [...shape], dtype: 'float32' }, this);
  }

  /** Undefined for a tensor of another backend. */
  held({ dataId }: { dataId: DataId }): OnnxTensor | undefined {
    return this.#tensors.get(dataId);
  }

  /** Copies the numbers out with a model that returns what it is given: the Node API has no other way. */
  override async read(dataId: DataId): Promise<Float32Array> {
    const value = this.#tensors.get(dataId);
    if (!value) throw new AppError('internal', 'A tensor was read after it was disposed of.');
    const key = value.dims.join();
    const reader = this.#readers.get(key) ?? this.#createReader(value.dims);
    this.#readers.set(key, reader);
    const session = await reader;
    const results = await session.run({ x: value });
    return results[session.outputNames[0]!]!.data as Float32Array;
  }

  async #createReader(shape: readonly number[]): Promise<InferenceSession> {
    const graph = new OnnxGraph();
    const x = graph.input({ name: 'x', type: 'float32', shape });
    const { bytes } = graph.encode([{ name: graph.node('Identity', [x]), type: 'float32', shape }]);
    return await this.#runtime.InferenceSession.create(bytes, {
      executionProviders: [this.#provider.name],
      preferredOutputLocation: 'cpu',
      logSeverityLevel: 4,
    });
  }

  override readSync(): never {
    throw new AppError('internal', 'A tensor that lies on the graphics card was to be read at once; await data().');
  }

  override write(): never {
    throw new AppError('internal', 'Nothing can be computed on tensors that compiled steps keep to themselves.');
  }

  override move(): never {
    return this.write();
  }

  override disposeData(dataId: DataId): boolean {
    this.#tensors.get(dataId)?.dispose();
    const isKnown = this.#tensors.delete(dataId);
    this.#releaseRetired();
    return isKnown;
  }

  /** Releases a session once no tensor is left: freeing the memory of one needs the session that it came from. */
  retire(session: InferenceSession): void {
    this.#retired.push(session);
    this.#releaseRetired();
  }

  #releaseRetired(): void {
    if (this.#tensors.size > 0) return;
    for (const session of this.#retired) void session.release();
    this.#retired = [];
  }

  override refCount = (): number => 1;
  override incRef = (): never => this.write();
  override numDataIds = (): number => this.#tensors.size;
  override memory = () => ({ unreliable: true });
  override timerAvailable = (): boolean => false;
  override floatPrecision = (): 32 => 32;
  override epsilon = (): number => 1e-7;

  override dispose(): void {
    for (const value of this.#tensors.values()) value.dispose();
    this.#tensors.clear();
    this.#releaseRetired();
    for (const reader of this.#readers.values()) {
      void reader.then((session) => session.release()).catch(() => {});
    }
    this.#readers.clear();
  }
}
