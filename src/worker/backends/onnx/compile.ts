import type { InferenceSession, Tensor as OnnxTensor } from 'onnxruntime-node';
import type { Tensor } from '@tensorflow/tfjs';
import { AppError } from '../../../core/errors.ts';
import type { CompiledFunction, CompiledTimes, CompileOptions, NamedTensors, TensorFunction, Tf } from '../device.ts';
import type { Target } from './lowering.ts';
import type { Provider } from './providers.ts';
import type { OnnxRuntime } from './runtime.ts';
import type { ResidentTensors } from './residentTensors.ts';
import { traceFunction, type TracedModel } from './trace.ts';
import type { TraceBackend } from './traceBackend.ts';
import type { WasmHeap } from './wasmHeap.ts';

/** Shapes a function is kept compiled for: a run has full batches and a last, smaller one. */
const mostSessions = 4;

export interface CompilerOptions {
  tf: Tf;
  runtime: OnnxRuntime;
  backend: TraceBackend;
  heap: WasmHeap;
  threads: number;
  provider: Provider;
  target: Target;
  /** whether the runtime reads and writes the heap itself, which is shared memory; else numbers are copied */
  takesSharedMemory: boolean;
  /** where the provider has memory of its own, what may stay there */
  resident?: ResidentTensors;
  onCompiled?: (times: CompiledTimes) => void;
}

interface CompiledModel extends TracedModel {
  session: InferenceSession;
  /** by name of a value, memory that is not shared, kept from run to run */
  copies: Map<string, Float32Array>;
}

/** What the runtime is handed for numbers on the heap: they themselves, or room for a copy. */
function lent(copies: CompiledModel['copies'] | undefined, name: string, numbers: Float32Array): Float32Array {
  if (!copies) return numbers;
  const copy = copies.get(name) ?? new Float32Array(numbers.length);
  copies.set(name, copy);
  return copy;
}

/** Compiles a function anew for every set of input shapes it meets, and keeps the last few. */
export function compileFunction(
  options: CompilerOptions,
  compute: TensorFunction,
  { isKept = () => false }: CompileOptions = {},
): CompiledFunction {
  const { heap, runtime, resident, takesSharedMemory } = options;
  const staysResident = (name: string): boolean => resident !== undefined && isKept(name);
  const models = new Map<string, CompiledModel>();

  async function modelFor(inputs: NamedTensors): Promise<CompiledModel> {
    const shapes = Object.fromEntries(Object.entries(inputs).map(([name, { shape }]) => [name, shape]));
    const key = JSON.stringify(shapes);
    const model = models.get(key) ?? (await createModel(options, compute, shapes, staysResident));
    // the last used stands last
    models.delete(key);
    models.set(key, model);
    if (models.size > mostSessions) {
      const [oldest] = models.keys();
      const { session } = models.get(oldest!)!;
      models.delete(oldest!);
      await release(session);
    }
    return model;
  }

  const release = async (session: InferenceSession): Promise<void> =>
    resident ? resident.retire(session) : await session.release();
  const copiesOf = (model: CompiledModel) => (takesSharedMemory ? undefined : model.copies);
  const bindInput = (model: CompiledModel, name: string, tensor: Tensor): OnnxTensor => {
    const numbers = heap.view(tensor);
    const array = lent(copiesOf(model), name, numbers);
    if (array !== numbers) array.set(numbers);
    return new runtime.Tensor('float32', array, tensor.shape);
  };
  const bindOutput = (model: CompiledModel, value: string, tensor: Tensor): OnnxTensor =>
    new runtime.Tensor('float32', lent(copiesOf(model), value, heap.view(tensor)), tensor.shape);

  async function runInPlace(
    model: CompiledModel,
    inputs: NamedTensors,
    results: Record<string, Tensor>,
  ): Promise<void> {
    for (const [name, { shape }] of Object.entries(model.outputs)) results[name] = heap.allocate(shape);
    // bound last: allocating may have moved the heap's end, and views must cover what they show
    const feeds = Object.fromEntries(model.inputs.map((name) => [name, bindInput(model, name, inputs[name]!)]));
    const outputs = Object.entries(model.outputs).map(([name, { name: value }]) => ({ value, result: results[name]! }));
    const fetches = outputs.map(({ value, result }) => [value, bindOutput(model, value, result)]);
    await model.session.run(feeds, Object.fromEntries(fetches) as Record<string, OnnxTensor>);
    if (takesSharedMemory) return;
    for (const { value, result } of outputs) heap.view(result).set(model.copies.get(value)!);
  }

  async function runResident(
    memory: ResidentTensors,
    model: CompiledModel,
    inputs: NamedTensors,
    results: Record<string, Tensor>,
  ): Promise<void> {
    const feeds = model.inputs.map((name) => [
      name,
      memory.held(inputs[name]!) ?? bindInput(model, name, inputs[name]!),
    ]);
    const values = await model.session.run(Object.fromEntries(feeds) as Record<string, OnnxTensor>);
    for (const [name, { name: value, shape }] of Object.entries(model.outputs)) {
      if (staysResident(name)) results[name] = memory.adopt(values[value]!, shape);
      else {
        results[name] = heap.allocate(shape);
        heap.view(results[name]).set(values[value]!.data as Float32Array);
      }
    }
  }

  return {
    async run(inputs) {
      const model = await modelFor(inputs);
      const results: Record<string, Tensor> = {};
      try {
        if (resident) await runResident(resident, model, inputs, results);
        else await runInPlace(model, inputs, results);
        return results;
      } catch (error) {
        for (const tensor of Object.values(results)) tensor.dispose();
        throw runError(error);
      }
    },
    async close() {
      const closing = [...models.values()].map(({ session }) => release(session));
      models.clear();
      await Promise.all(closing);
    },
  };
}

async function createModel(
  { tf, backend, runtime, threads, provider, target, onCompiled }: CompilerOptions,
  compute: TensorFunction,
  shapes: Readonly<Record<string, readonly number[]>>,
  staysResident: (name: string) => boolean,
): Promise<CompiledModel> {
  const startedMs = performance.now();
  const model = await traceFunction(tf, backend, compute, shapes, target);
  const tracedMs = performance.now();
  const places = Object.entries(model.outputs).map(
    ([name, { name: value }]) => [value, staysResident(name) ? 'gpu-buffer' : 'cpu'] as const,
  );
  const session = await runtime.InferenceSession.create(model.bytes, {
    executionProviders: [provider.name],
    preferredOutputLocation: Object.fromEntries(places),
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: 'all',
    // what it would print as an error it also throws
    logSeverityLevel: 4,
    // between two runs the processor belongs to the fused updates and to other programs, not to threads that wait
    extra: { session: { force_spinning_stop: '1' } },
  });
  onCompiled?.({ traceMs: tracedMs - startedMs, sessionMs: performance.now() - tracedMs });
  return { ...model, bytes: new Uint8Array(0), session, copies: new Map() };
}

function runError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (/alloc/i.test(message)) {
    const bytes = /buffer of size (\d+)/.exec(message)?.[1];
    const missing = bytes === undefined ? 'enough memory' : `memory for ${Math.ceil(Number(bytes) / 2 ** 20)} MB more`;
    return new AppError(
      'outOfMemory',
      `A compiled step did not get ${missing}. Use a smaller batch or a smaller model. The last checkpoint before it is kept.`,
      { cause: error },
    );
  }
  return new AppError('internal', `ONNX Runtime failed in a compiled step: ${message}`, { cause: error });
}
