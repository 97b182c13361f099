import type { Device, OpenDeviceOptions } from '../device.ts';
import { openWasm } from '../wasm/openWasm.ts';
import { findBlockSize } from './blockSize.ts';
import { compileFunction } from './compile.ts';
import { checkProvider, providers, takesSharedMemory, type OnnxDeviceId } from './providers.ts';
import { ResidentTensors } from './residentTensors.ts';
import { loadRuntime } from './runtime.ts';
import { installTraceBackend } from './traceBackend.ts';
import { openWasmHeap } from './wasmHeap.ts';

/**
 * Opens a device of compiled steps: ONNX Runtime computes whole functions on one of its providers, in place on the heap
 * of the WebAssembly device where the provider is the processor; that device computes whatever is not compiled.
 * Throws AppError `deviceUnavailable`.
 */
export async function openOnnx(id: OnnxDeviceId, options: OpenDeviceOptions): Promise<Device> {
  const provider = providers[id];
  const runtime = await loadRuntime();
  await checkProvider(runtime, provider);
  const eager = await openWasm(options);
  const { tf, threads } = eager;
  const { backend, remove } = installTraceBackend(tf);
  const { onCompiled } = options;
  const resident = provider.keepsResults ? new ResidentTensors(tf, runtime, provider) : undefined;
  const blockSize = provider.name === 'cpu' ? await findBlockSize(tf, runtime) : 0;
  const compiler = {
    tf,
    runtime,
    backend,
    heap: openWasmHeap(tf),
    threads,
    provider,
    takesSharedMemory: await takesSharedMemory(runtime),
    target: { blockSize, findsMaxima: provider.findsMaxima, groupsConvolutions: provider.groupsConvolutions },
    ...(resident && { resident }),
    ...(onCompiled && { onCompiled }),
  };
  let isOpen = true;
  return {
    ...eager,
    id,
    description: [
      `ONNX Runtime ${runtime.env.versions.node ?? ''}`,
      provider.title,
      ...(provider.name === 'cpu' ? [threads === 1 ? '1 thread' : `${threads} threads`] : []),
    ].join(', '),
    compile: (compute, compileOptions) => compileFunction(compiler, compute, compileOptions),
    compilesInPlace: provider.name === 'cpu',
    close() {
      if (!isOpen) return;
      isOpen = false;
      resident?.dispose();
      remove();
      eager.close();
    },
  };
}
