import { AppError } from '../../../core/errors.ts';

export interface Dawn {
  /** an entry to the adapters of this machine; options are Dawn's own, each "key=value" */
  create(options: string[]): GPU;
}

/** Names that code written for a browser expects to be global: GPUBuffer, GPUBufferUsage and the like. */
type Globals = Readonly<Record<string, unknown>>;

/**
 * Loads Dawn, Chromium's implementation of WebGPU, from the package webgpu. Throws AppError `deviceUnavailable` with
 * the reason and the remedy.
 */
export async function loadDawn(): Promise<Dawn> {
  if (process.versions['electron'] !== undefined) {
    throw new AppError('deviceUnavailable', 'WebGPU needs a plain Node process; inside Electron its buffers fail.');
  }
  try {
    const { create, globals } = (await import('webgpu')) as Dawn & { globals: Globals };
    Object.assign(globalThis, globals);
    return { create };
  } catch (error) {
    throw new AppError('deviceUnavailable', reasonOf(error), { cause: error });
  }
}

function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (/Cannot find (package|module) 'webgpu'/.test(message)) {
    return 'The package webgpu is not installed; install it with "npm install webgpu@0.6.2".';
  }
  if (/Cannot find module .*dawn\.node/.test(message)) {
    return `The package webgpu has no binary for this platform (${process.platform} ${process.arch}).`;
  }
  return `WebGPU could not be loaded: ${message}. Reinstall the package webgpu.`;
}

/** Makes an entry to the adapters the global one, as tfjs looks for it; undone by what it returns. */
export function installGlobalGpu(gpu: GPU): () => void {
  Object.defineProperty(globalThis.navigator, 'gpu', { value: gpu, configurable: true });
  return () => {
    Reflect.deleteProperty(globalThis.navigator, 'gpu');
  };
}
