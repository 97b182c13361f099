import { fileURLToPath } from 'node:url';
import { examineDevices } from '../devices/examineDevices.ts';
import { createNodeProbe } from '../devices/runProbeInNode.ts';
import type { ProbeDevices } from '../services/devicesService.ts';

/** Folders of the program, each ending in a slash. */
export const projectFolder = new URL('../../../', import.meta.url);
export const resourcesDir = new URL('../../../resources/', import.meta.url);
/** what `npm run build` makes of the renderer */
export const rendererDir = new URL('../../../out/renderer/', import.meta.url);
export const workerFolder = new URL('../../worker/', import.meta.url);

/** the program that reads the files of an import */
export const importProgram = new URL('../datasets/import/importProgram.ts', import.meta.url);

/** Examines the devices on the Node that runs this program. */
export const probeDevices: ProbeDevices = () => {
  const probe = createNodeProbe({
    program: fileURLToPath(new URL('host/probe.ts', workerFolder)),
    wasmDir: fileURLToPath(new URL('wasm', resourcesDir)),
    execPath: process.execPath,
  });
  return examineDevices({ probeFor: () => probe });
};
