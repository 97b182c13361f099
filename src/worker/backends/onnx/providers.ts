import { AppError } from '../../../core/errors.ts';
import { cudaPartAbsence, missingCudaPart } from './cudaLibraries.ts';
import { OnnxGraph } from './onnxGraph.ts';
import type { OnnxRuntime } from './runtime.ts';

/** What ONNX Runtime computes a compiled step with. */
export interface Provider {
  /** ONNX Runtime's name */
  name: 'cpu' | 'webgpu' | 'cuda' | 'dml' | 'coreml';
  title: string;
  /** where this provider exists; a platform as Node names it */
  platforms: readonly NodeJS.Platform[];
  /** whether results can stay in its memory until they are fed to the next step */
  keepsResults: boolean;
  /** whether a max pooling can tell where its maxima were */
  findsMaxima: boolean;
  /** ONNX Runtime 1.30.0 computes a convolution in groups with strides wrongly on WebGPU */
  groupsConvolutions: boolean;
}

export const providers = {
  'onnx-cpu': {
    name: 'cpu',
    title: 'compiled steps',
    platforms: ['linux', 'win32', 'darwin'],
    keepsResults: false,
    findsMaxima: true,
    groupsConvolutions: true,
  },
  'onnx-webgpu': {
    name: 'webgpu',
    title: 'WebGPU, compiled steps',
    platforms: ['linux', 'win32', 'darwin'],
    keepsResults: true,
    findsMaxima: false,
    groupsConvolutions: false,
  },
  'onnx-cuda': {
    name: 'cuda',
    title: 'CUDA 12, compiled steps',
    platforms: ['linux'],
    keepsResults: false,
    findsMaxima: true,
    groupsConvolutions: true,
  },
  'onnx-dml': {
    name: 'dml',
    title: 'DirectML, compiled steps',
    platforms: ['win32'],
    keepsResults: false,
    findsMaxima: true,
    groupsConvolutions: true,
  },
  'onnx-coreml': {
    name: 'coreml',
    title: 'CoreML, compiled steps',
    platforms: ['darwin'],
    keepsResults: false,
    findsMaxima: true,
    groupsConvolutions: true,
  },
} as const satisfies Readonly<Record<string, Provider>>;

export type OnnxDeviceId = keyof typeof providers;

/**
 * Whether the runtime takes arrays of shared memory, such as the heap of the WebAssembly device: older versions of Node, and
 * of Electron, refuse them to native code.
 */
export async function takesSharedMemory(runtime: OnnxRuntime): Promise<boolean> {
  const shared = (): Float32Array<SharedArrayBuffer> => new Float32Array(new SharedArrayBuffer(16)).fill(1);
  const [x, sum] = [shared(), shared()];
  const { output, session } = await doublingSession(runtime, 'cpu');
  try {
    const tensor = (values: Float32Array) => new runtime.Tensor('float32', values, [4]);
    await session.run({ x: tensor(x) }, { [output]: tensor(sum) });
    return sum.join() === '2,2,2,2';
  } catch {
    return false;
  } finally {
    await session.release();
  }
}

/** A session that adds four numbers to themselves. */
async function doublingSession(runtime: OnnxRuntime, provider: Provider['name']) {
  const graph = new OnnxGraph();
  const x = graph.input({ name: 'x', type: 'float32', shape: [4] });
  const output = { name: graph.node('Add', [x, x]), type: 'float32', shape: [4] } as const;
  const session = await runtime.InferenceSession.create(graph.encode([output]).bytes, {
    executionProviders: [provider],
    logSeverityLevel: 4,
  });
  return { output: output.name, session };
}

const systems: Readonly<Partial<Record<NodeJS.Platform, string>>> = {
  linux: 'Linux',
  win32: 'Windows',
  darwin: 'macOS',
};

/** Why a provider cannot be here, where that is known without loading a library. */
export function providerAbsence({ name, title, platforms }: Provider): string | undefined {
  if (!platforms.includes(process.platform)) {
    const where = platforms.map((each) => systems[each] ?? each).join(', ');
    return `${title.split(',')[0]} is part of ONNX Runtime on ${where} only.`;
  }
  return name === 'cuda' ? cudaPartAbsence() : undefined;
}

/** Computes one number with a provider. Throws AppError `deviceUnavailable` with the exact reason and the remedy. */
export async function checkProvider(runtime: OnnxRuntime, provider: Provider): Promise<void> {
  const absence = providerAbsence(provider);
  if (absence !== undefined) throw new AppError('deviceUnavailable', absence);
  try {
    const { output, session } = await doublingSession(runtime, provider.name);
    const results = await session.run({ x: new runtime.Tensor('float32', Float32Array.of(1, 2, 3, 4), [4]) });
    await session.release();
    const numbers = Array.from(results[output]!.data as Float32Array);
    if (numbers.join() !== '2,4,6,8') throw new Error(`it computed 1 + 1 as ${numbers[0]}`);
  } catch (error) {
    throw new AppError('deviceUnavailable', reasonOf(provider, error), { cause: error });
  }
}

function reasonOf({ name }: Provider, error: unknown): string {
  // the first line says what happened, the rest where in ONNX Runtime
  const message = (error instanceof Error ? error.message : String(error)).trim().split('\n')[0]!;
  if (name === 'webgpu' && /adapter/i.test(message)) {
    return 'No graphics adapter was found that WebGPU can use. Install the driver of your graphics card (on Linux a Vulkan driver; "vulkaninfo --summary" lists what there is).';
  }
  if (name === 'cuda') return cudaReason(message);
  return `ONNX Runtime could not use ${name}: ${message}`;
}

function cudaReason(message: string): string {
  const missing = missingCudaPart();
  if (missing !== undefined) return missing;
  return `No NVIDIA card could be used: ${message}. Check the driver with "nvidia-smi"; CUDA 12 needs version 525 or newer.`;
}
