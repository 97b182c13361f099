import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const provider = 'libonnxruntime_providers_cuda.so';

/** What to do where ONNX Runtime's CUDA provider was never installed; undefined where it was. */
export function cudaPartAbsence(): string | undefined {
  return fs.existsSync(providerFile())
    ? undefined
    : 'The CUDA part of ONNX Runtime is not installed; "lp-workbench devices install cuda" installs it.';
}

/** Why ONNX Runtime's CUDA provider could not be loaded, and what to do; undefined where nothing is known to miss. */
export function missingCudaPart(): string | undefined {
  const absence = cudaPartAbsence();
  if (absence !== undefined) return absence;
  const missing = missingLibraries(providerFile());
  if (missing.length === 0) return undefined;
  const what = missing.length === 1 ? `The library ${missing[0]} is` : `The libraries ${missing.join(', ')} are`;
  return `${what} missing. ONNX Runtime needs an NVIDIA driver, CUDA 12 and cuDNN 9: install them, or add their folder to LD_LIBRARY_PATH.`;
}

/** In the folder of ONNX Runtime's own library, where that looks for its providers. */
function providerFile(): string {
  const entry = createRequire(import.meta.url).resolve('onnxruntime-node');
  return path.join(path.dirname(entry), '..', 'bin', 'napi-v6', process.platform, process.arch, provider);
}

function missingLibraries(file: string): string[] {
  try {
    const listed = execFileSync('ldd', [file], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    return [...listed.matchAll(/^\s*(\S+) => not found$/gm)].map(([, library]) => library!);
  } catch {
    // without ldd the provider itself has to say it
    return [];
  }
}
