import fs from 'node:fs';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { LoadedModule } from './emscriptenModule.ts';

/** Must match Args in resources/wasm/common.h: 32 integers, then 16 real numbers. */
const integerCount = 32;
const realCount = 16;

interface KernelExports {
  controlBytes(): number;
  gemmDepth(): number;
  panelColumns(): number;
  run(control: number, kernel: number, chunks: number, helped: number): void;
  stop(control: number): void;
  [kernelNumber: `kernel_${string}`]: () => number;
}

/** Our own kernels (resources/wasm), computing in place on tfjs' heap with the calling thread and workers. */
export interface KernelThreads {
  /** threads that compute, the calling one included */
  threads: number;
  /** depth and columns of the packed panels of a matrix product; see gemm.h */
  depth: number;
  panelColumns: number;
  /**
   * Runs a kernel on `chunks` parts of the work and returns when all are done. `integers` are pointers and counts,
   * `reals` float64 numbers, in the order the kernel's C source states.
   */
  run(kernel: string, chunks: number, integers: readonly number[], reals?: readonly number[]): void;
  /** memory on tfjs' heap for the time of a call */
  withScratch<Result>(bytes: number, use: (pointer: number) => Result): Result;
  readDoubles(pointer: number, count: number): Float64Array;
  /** memory on tfjs' heap that is kept as long as the heap, which goes with the device */
  keep(floats: number): { pointer: number; values: Float32Array };
  close(): void;
}

const workerSource = `
  const { workerData: { module, memory, control, index } } = require('node:worker_threads');
  new WebAssembly.Instance(module, { env: { memory } }).exports.work(control, index);
`;

/**
 * Loads kernels.wasm onto the heap and starts threads - 1 workers. Workers that do not start or stop early cost speed
 * only: the calling thread computes whatever nobody else has claimed. `warn` hears of them.
 */
export function startKernelThreads(
  { module, memory }: LoadedModule,
  wasmDir: string,
  threads: number,
  warn?: (message: string) => void,
): KernelThreads {
  const compiled = new WebAssembly.Module(fs.readFileSync(path.join(wasmDir, 'kernels.wasm')));
  const exports = new WebAssembly.Instance(compiled, { env: { memory } }).exports as unknown as KernelExports;
  const control = allocate(module, exports.controlBytes());
  const controlWords = exports.controlBytes() / Int32Array.BYTES_PER_ELEMENT;
  new Int32Array(memory.buffer, control, controlWords).fill(0);
  const integerSlots = new Int32Array(memory.buffer, control, integerCount);
  const realSlots = new Float64Array(memory.buffer, control + integerSlots.byteLength, realCount);
  const numbers = new Map<string, number>();
  const workers: Worker[] = [];

  for (let index = 1; index < threads; index++) {
    try {
      const worker = new Worker(workerSource, {
        eval: true,
        execArgv: [],
        name: 'kernels',
        workerData: { module: compiled, memory, control, index },
      });
      worker.unref();
      worker.on('error', (error) => warn?.(`A compute thread stopped (${error.message}); the others go on.`));
      workers.push(worker);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      warn?.(`Only ${index} of ${threads} compute threads could start (${reason}); training is slower.`);
      break;
    }
  }
  const helped = workers.length > 0 ? 1 : 0;

  return {
    threads: workers.length + 1,
    depth: exports.gemmDepth(),
    panelColumns: exports.panelColumns(),
    run(kernel, chunks, integers, reals = []) {
      let number = numbers.get(kernel);
      if (number === undefined) numbers.set(kernel, (number = exports[`kernel_${kernel}`]!()));
      integerSlots.set(integers);
      realSlots.set(reals);
      exports.run(control, number, chunks, helped);
    },
    withScratch(bytes, use) {
      const pointer = allocate(module, bytes);
      try {
        return use(pointer);
      } finally {
        module._free(pointer);
      }
    },
    readDoubles: (pointer, count) => new Float64Array(memory.buffer, pointer, count).slice(),
    keep(floats) {
      const pointer = allocate(module, floats * Float32Array.BYTES_PER_ELEMENT);
      // the buffer of a shared memory stays valid when it grows
      return { pointer, values: new Float32Array(memory.buffer, pointer, floats) };
    },
    close() {
      exports.stop(control);
      // Stopped workers end by themselves; this ends those that have not begun. The control block stays allocated,
      // for they read it; the whole heap goes with the backend.
      for (const worker of workers) void worker.terminate();
    },
  };
}

function allocate(module: EmscriptenAllocator, bytes: number): number {
  return module._malloc(bytes) >>> 0;
}

type EmscriptenAllocator = Pick<LoadedModule['module'], '_malloc'>;
