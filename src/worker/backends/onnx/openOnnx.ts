import type { Device, OpenDeviceOptions } from '../device.ts';
import { openWasm } from '../wasm/openWasm.ts';
import { compileFunction } from './compile.ts';
import { loadRuntime } from './runtime.ts';
import { installTraceBackend } from './traceBackend.ts';
import { openWasmHeap } from './wasmHeap.ts';

/**
 * Opens the device of compiled steps: ONNX Runtime computes whole functions, in place on the heap of the WebAssembly
 * device, which computes whatever is not compiled. Throws AppError `deviceUnavailable`.
 */
export async function openOnnx(options: OpenDeviceOptions): Promise<Device> {
  const runtime = await loadRuntime();
  const eager = await openWasm(options);
  const { tf, threads } = eager;
  const { backend, remove } = installTraceBackend(tf);
  const compiler = { tf, runtime, backend, heap: openWasmHeap(tf), threads, executionProvider: 'cpu' } as const;
  let isOpen = true;
  return {
    ...eager,
    id: 'onnx-cpu',
    description: `ONNX Runtime ${runtime.env.versions.node ?? ''}, compiled steps, ${threads} ${threads === 1 ? 'thread' : 'threads'}`,
    compile: (compute) => compileFunction(compiler, compute),
    close() {
      if (!isOpen) return;
      isOpen = false;
      remove();
      eager.close();
    },
  };
}
