import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const provider = 'libonnxruntime_providers_cuda.so';

/** Why ONNX Runtime's CUDA provider cannot be loaded here, and what to do; undefined where nothing is known to miss. */
export function missingCudaPart(): string | undefined {
  const file = path.join(binaryFolder(), provider);
  if (!fs.existsSync(file)) {
    return 'The CUDA part of ONNX Runtime is not installed; "lp-workbench devices install cuda" installs it.';
  }
  const missing = missingLibraries(file);
  if (missing.length === 0) return undefined;
  const what = missing.length === 1 ? `The library ${missing[0]} is` : `The libraries ${missing.join(', ')} are`;
  return `${what} missing. ONNX Runtime needs an NVIDIA driver, CUDA 12 and cuDNN 9: install them, or add their folder to LD_LIBRARY_PATH.`;
}

/** Where ONNX Runtime's own library lies and looks for its providers. */
function binaryFolder(): string {
  const entry = createRequire(import.meta.url).resolve('onnxruntime-node');
  return path.join(path.dirname(entry), '..', 'bin', 'napi-v6', process.platform, process.arch);
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
