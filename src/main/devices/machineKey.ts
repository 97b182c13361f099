import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';

/** Environment variables that decide which drivers and cards a process sees. */
const variables = ['VK_DRIVER_FILES', 'VK_ICD_FILENAMES', 'CUDA_VISIBLE_DEVICES', 'LD_LIBRARY_PATH'];
/** Where Linux says which graphics drivers there are. */
const driverFolders = ['/usr/share/vulkan/icd.d', '/etc/vulkan/icd.d', '/sys/class/drm'];
const packages = ['webgpu', 'onnxruntime-node', '@tensorflow/tfjs-node', '@tensorflow/tfjs-node-gpu'];

/** Changes with whatever may change what a device can do: machine, system, drivers, packages, this program. */
export function machineKey(softwareVersion: string): string {
  const require = createRequire(import.meta.url);
  const facts = [
    softwareVersion,
    os.hostname(),
    process.platform,
    process.arch,
    os.release(),
    os.cpus().map(({ model }) => model),
    variables.map((name) => process.env[name] ?? null),
    textOf('/proc/driver/nvidia/version'),
    driverFolders.map(listing),
    packages.map((name) => installedAt(require, name)),
  ];
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex');
}

function textOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

function listing(folder: string): unknown {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.json') || /^(card|renderD)\d+$/.test(name))
      .map((name) => [name, name.endsWith('.json') ? statSync(path.join(folder, name)).mtimeMs : null]);
  } catch {
    return null;
  }
}

/** when the package, and the folder of its libraries where it has one for this platform, last changed */
function installedAt(require: NodeJS.Require, name: string): unknown {
  const changedMs = (file: string): number | null => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? null;
  for (const folder of require.resolve.paths(name) ?? []) {
    const found = path.join(folder, name);
    const at = changedMs(path.join(found, 'package.json'));
    if (at !== null) return [at, changedMs(path.join(found, 'bin/napi-v6', process.platform, process.arch))];
  }
  return null;
}
