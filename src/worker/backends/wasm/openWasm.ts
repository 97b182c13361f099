import * as tf from '@tensorflow/tfjs';
import { BackendWasm, setThreadsCount } from '@tensorflow/tfjs-backend-wasm';
import { correctAveragePoolGradient } from '../averagePoolGradient.ts';
import type { Device, OpenDeviceOptions } from '../device.ts';
import { defaultThreads } from '../threads.ts';
import { loadEmscriptenModule, type BackendModule, type EmscriptenModule } from './emscriptenModule.ts';
import { createFusedUpdate } from './fusedUpdate.ts';
import { batchNormKernels } from './kernels/batchNorm.ts';
import { castKernels } from './kernels/cast.ts';
import { convolutionKernels } from './kernels/convolution.ts';
import { cpuFallbackKernels } from './kernels/cpuFallback.ts';
import { elementwiseKernels } from './kernels/elementwise.ts';
import { matMulKernels } from './kernels/matMul.ts';
import { oneHotKernels } from './kernels/oneHot.ts';
import { poolingKernels } from './kernels/pooling.ts';
import { reductionKernels } from './kernels/reductions.ts';
import { startKernelThreads } from './kernelThreads.ts';
import { createContext, installKernels } from './wasmContext.ts';

const kernelGroups = [
  matMulKernels,
  convolutionKernels,
  poolingKernels,
  batchNormKernels,
  elementwiseKernels,
  reductionKernels,
  oneHotKernels,
  castKernels,
  cpuFallbackKernels,
];
const backendName = 'wasm';

/**
 * Opens the WebAssembly device: tfjs' SIMD binary on one thread, and on its heap our kernels for what training spends
 * its time on, on `threads` threads. Results are the same bits whatever the number of threads.
 */
export async function openWasm(options: OpenDeviceOptions): Promise<Device> {
  const wanted = Math.max(1, Math.floor(options.threads ?? defaultThreads()));
  const loaded = await loadEmscriptenModule();
  const kernels = startKernelThreads(loaded, options.wasmDir, wanted, options.warn);
  let backend: BackendWasm;
  try {
    backend = await startBackend(loaded.module);
  } catch (error) {
    kernels.close();
    throw error;
  }
  const context = createContext(tf, backend, kernels);
  const restoreKernels = installKernels(
    context,
    kernelGroups.map((group) => group(context)),
  );
  const restorePoolGradient = correctAveragePoolGradient(tf);
  let isOpen = true;
  return {
    id: backendName,
    description: `WebAssembly, SIMD, ${kernels.threads} ${kernels.threads === 1 ? 'thread' : 'threads'}`,
    threads: kernels.threads,
    tf,
    computesAhead: false,
    copiesInputs: true,
    fusedUpdate: createFusedUpdate(context),
    close() {
      if (!isOpen) return;
      isOpen = false;
      kernels.close();
      restorePoolGradient();
      restoreKernels();
      tf.removeBackend(backendName);
    },
  };
}

async function startBackend(module: EmscriptenModule): Promise<BackendWasm> {
  if (tf.findBackendFactory(backendName)) tf.removeBackend(backendName);
  setThreadsCount(1);
  const backend = new BackendWasm(module as unknown as BackendModule);
  tf.registerBackend(backendName, () => backend);
  await tf.setBackend(backendName);
  return backend;
}
