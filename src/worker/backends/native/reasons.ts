import { AppError } from '../../../core/errors.ts';

export const packageOf = { native: '@tensorflow/tfjs-node', cuda: '@tensorflow/tfjs-node-gpu' } as const;
export type NativeKind = keyof typeof packageOf;

const version = '4.22.0';

/** Why TensorFlow could not be loaded and which command changes that. */
export function loadFailure(kind: NativeKind, error: unknown): AppError {
  const message = (error instanceof Error ? error.message : String(error)).split('\n')[0]!;
  return new AppError('deviceUnavailable', reasonOf(kind, message), { cause: error });
}

export const notInstalledReason = (kind: NativeKind): string =>
  `The package ${packageOf[kind]} is not installed; install it with "npm install ${packageOf[kind]}@${version}", which downloads libtensorflow.`;

function reasonOf(kind: NativeKind, message: string): string {
  const name = packageOf[kind];
  if (/Cannot find (package|module)/.test(message) && message.includes(name)) {
    return notInstalledReason(kind);
  }
  const library = /(?<library>lib[\w-]+\.so[\d.]*|[\w-]+\.dll|[\w.-]+\.dylib)/.exec(message)?.groups?.['library'];
  if (library?.startsWith('libcuda.') || library === 'nvcuda.dll') {
    return `The NVIDIA driver is missing (${library}); install it, version 450 or newer. "nvidia-smi" shows what is there.`;
  }
  if (library && /^lib(cud|cublas|cufft|curand|cusolver|cusparse)|^cud/.test(library)) {
    return `CUDA 11.2 with cuDNN 8.1 is needed, and ${library} was not found. Install both (other versions do not work), or train on onnx-cuda or webgpu.`;
  }
  if (library?.startsWith('libtensorflow') || /tfjs_binding\.node|Cannot find module/.test(message)) {
    return `The package ${name} is there, but libtensorflow is not: its download failed when it was installed. Repeat it with "npm rebuild ${name}".`;
  }
  return `${name} could not be loaded: ${message}`;
}

/** TensorFlow was loaded but computes on the processor, because it found no card or not all of CUDA. */
export function noCardReason(cards: readonly string[]): string {
  return cards.length === 0
    ? 'TensorFlow found no NVIDIA card: "nvidia-smi" names none. Install the NVIDIA driver, or train on another device.'
    : `TensorFlow does not use ${cards.join(', ')}: it needs CUDA 11.2 with cuDNN 8.1, which other versions cannot replace. Install both, or train on onnx-cuda or webgpu.`;
}
