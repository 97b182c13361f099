import { fileURLToPath } from 'node:url';
import type { NodeProbeOptions } from '../process/probeInNode.ts';

/** Folders of the program, each ending in a slash. */
export const projectFolder = new URL('../../../', import.meta.url);
export const resourcesDir = new URL('../../../resources/', import.meta.url);
/** what `npm run build` makes of the renderer */
export const rendererDir = new URL('../../../out/renderer/', import.meta.url);
export const workerFolder = new URL('../../worker/', import.meta.url);

/** the program that reads the files of an import */
export const importProgram = new URL('../datasets/import/importProgram.ts', import.meta.url);

/** How the devices are examined on the Node that runs this program. */
export function probeProgram(): NodeProbeOptions {
  return {
    program: fileURLToPath(new URL('host/probe.ts', workerFolder)),
    wasmDir: fileURLToPath(new URL('wasm', resourcesDir)),
    execPath: process.execPath,
  };
}
