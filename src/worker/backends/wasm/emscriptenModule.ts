import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { AppError } from '../../../core/errors.ts';

/** The part of tfjs' emscripten module that we use. */
export interface EmscriptenModule {
  asm: Record<string, unknown>;
  _malloc(bytes: number): number;
  _free(pointer: number): void;
  cwrap(name: string, returns: string | null, parameters: readonly string[]): (...values: number[]) => number;
  tfjs?: Record<string, (...values: number[]) => number>;
}

/** What tfjs' backend class takes; it types its module more narrowly than it uses it. */
export type BackendModule = ConstructorParameters<typeof BackendWasm>[0];

export interface LoadedModule {
  module: EmscriptenModule;
  /** the heap, shared so that threads of ours can compute on it */
  memory: WebAssembly.Memory;
}

type Factory = (config: Record<string, unknown>) => Promise<EmscriptenModule>;

const requireHere = createRequire(import.meta.url);
const baseName = 'tfjs-backend-wasm-threaded-simd';
const factoryName = 'WasmBackendModuleThreadedSimd';

const pageBytes = 65536;
/** tfjs' threaded binary is linked for at most 4 GiB; an imported memory must state the same bound. */
const maxPages = 65536;
const initialPages = 256;

/**
 * Loads tfjs' SIMD binary on a shared heap. It is the binary with threads, because only that one takes a shared heap,
 * but it computes on the calling thread alone: threads are ours (see kernelThreads.ts).
 *
 * The emscripten glue is written for a page or a script that owns the process: it replaces `global.Worker`, listens for
 * uncaught exceptions, starts eight workers whatever was asked, and on disposal removes listeners that are not its own.
 * It is therefore evaluated as a function whose `global`, `process`, `require` and `Worker` are parameters, so nothing
 * outside this module changes.
 */
export async function loadEmscriptenModule(): Promise<LoadedModule> {
  const packageFolder = path.dirname(requireHere.resolve('@tensorflow/tfjs-backend-wasm/package.json'));
  const folder = path.join(packageFolder, 'wasm-out');
  const memory = new WebAssembly.Memory({ initial: initialPages, maximum: maxPages, shared: true });
  const factory = evaluateGlue(folder);
  const module = await factory({
    locateFile: (file: string) => path.join(folder, file),
    wasmBinary: fs.readFileSync(path.join(folder, `${baseName}.wasm`)),
    wasmMemory: memory,
    INITIAL_MEMORY: initialPages * pageBytes,
  });
  addTfjsBridge(module);
  refuseWithoutRoom(module);
  return { module, memory };
}

/**
 * tfjs does not look whether it got memory: a tensor without any would lie at address 0, and computing it would overwrite
 * the weights. Here what asks for it fails instead, with AppError `outOfMemory`.
 */
function refuseWithoutRoom(module: EmscriptenModule): void {
  // the glue's own wrapper would put itself back in place when it is called first
  const allocate = module.asm.malloc as (bytes: number) => number;
  module._malloc = (bytes) => {
    // a size is 32 bits there: more would be taken for what is left of it
    const pointer = bytes < maxPages * pageBytes ? allocate(bytes) : 0;
    if (pointer !== 0 || bytes === 0) return pointer;
    throw new AppError(
      'outOfMemory',
      `There is no room for ${Math.ceil(bytes / 2 ** 20)} MB more on the WebAssembly heap, which holds weights, optimizer state and batches (4 GiB at most). Use a smaller batch or a smaller model. The last checkpoint before it is kept.`,
    );
  };
}

function evaluateGlue(folder: string): Factory {
  const gluePath = path.join(folder, `${baseName}.js`);
  const requireForGlue = (name: string): unknown => {
    if (name === 'worker_threads') return { Worker: IdleWorker };
    // the number of cores only sets how many threads the binary would like
    if (name === 'os') return { cpus: () => [{}] };
    return requireHere(name);
  };
  const processForGlue = {
    versions: process.versions,
    argv: [],
    on: () => {},
    listeners: () => [],
    hrtime: process.hrtime,
    exit: (status: number) => {
      throw new Error(`the WebAssembly module asked to exit with status ${status}`);
    },
  };
  const scope: Record<string, unknown> = {
    require: requireForGlue,
    process: processForGlue,
    global: { performance },
    Worker: IdleWorker,
    __filename: gluePath,
    __dirname: folder,
    module: undefined,
    exports: undefined,
    define: undefined,
  };
  const source = `${fs.readFileSync(gluePath, 'utf8')}\n;return ${factoryName};`;
  const evaluate = new Function(...Object.keys(scope), source) as (...values: unknown[]) => Factory;
  return evaluate(...Object.values(scope));
}

/** Stands in for the workers the glue insists on starting: says it has loaded the module and is never given work. */
class IdleWorker {
  onmessage: ((event: { data: { cmd: string } }) => void) | undefined;

  postMessage(message: { cmd: string }): void {
    if (message.cmd === 'load') queueMicrotask(() => this.onmessage?.({ data: { cmd: 'loaded' } }));
    else throw new Error(`the WebAssembly module tried to use a thread of its own (${message.cmd})`);
  }

  on(): void {}
  unref(): void {}
  terminate(): void {}
}

/** The functions that tfjs' backend class expects on the module; its own loader would add them. */
function addTfjsBridge(module: EmscriptenModule): void {
  const number = 'number';
  module.tfjs = {
    init: module.cwrap('init', null, []),
    initWithThreadsCount: module.cwrap('init_with_threads_count', null, [number]),
    getThreadsCount: module.cwrap('get_threads_count', number, []),
    registerTensor: module.cwrap('register_tensor', null, [number, number, number]),
    disposeData: module.cwrap('dispose_data', null, [number]),
    // the glue's own wrapper would remove listeners of the whole process
    dispose: module.asm.dispose as () => number,
  };
}
