import type * as onnxRuntime from 'onnxruntime-node';
import { AppError } from '../../../core/errors.ts';

export type OnnxRuntime = typeof onnxRuntime;

/**
 * Loads ONNX Runtime, which only some platforms have a binary of. Throws AppError `deviceUnavailable` with the reason
 * and the remedy.
 */
export async function loadRuntime(): Promise<OnnxRuntime> {
  try {
    const module = (await import('onnxruntime-node')) as OnnxRuntime & { default?: OnnxRuntime };
    const runtime = module.default ?? module;
    // what it would print as an error it also throws
    runtime.env.logLevel = 'fatal';
    return runtime;
  } catch (error) {
    throw new AppError('deviceUnavailable', reasonOf(error), { cause: error });
  }
}

function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (/Cannot find (package|module) 'onnxruntime-node'/.test(message)) {
    return 'The package onnxruntime-node is not installed; install it with "npm install onnxruntime-node", or train on the device wasm.';
  }
  if (message.includes('onnxruntime_binding.node')) {
    return `ONNX Runtime has no binary for this platform (${process.platform} ${process.arch}); train on the device wasm.`;
  }
  return `ONNX Runtime could not be loaded: ${message}. Reinstall the package onnxruntime-node, or train on the device wasm.`;
}
