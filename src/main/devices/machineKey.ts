import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';

/** Environment variables that decide which drivers and cards a process sees. */
const variables = ['VK_DRIVER_FILES', 'VK_ICD_FILENAMES', 'CUDA_VISIBLE_DEVICES', 'LD_LIBRARY_PATH'];
/** Where Linux says which graphics drivers there are. */
const driverFolders = ['/usr/share/vulkan/icd.d', '/etc/vulkan/icd.d', '/sys/class/drm'];
/** Where Windows keeps its drivers, one folder each, whose name ends in a hash of its content. */
const windowsDrivers = path.join(process.env['SystemRoot'] ?? 'C:\\Windows', 'System32/DriverStore/FileRepository');
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
    process.platform === 'win32' ? displayDrivers(namesIn(windowsDrivers)) : null,
    packages.map((name) => installedAt(require, name)),
  ];
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex');
}

/**
 * Of the driver folders of Windows those that can drive a display: by NVIDIA (nv_dispi.inf_amd64_...), AMD (u0389...), Intel
 * (iigd_dch...), Qualcomm, virtual machines and Windows itself. A new version of a driver is a folder with another name.
 */
export function displayDrivers(folders: readonly string[]): string[] {
  return folders
    .filter((name) => /^(nv|u0\d|c0\d|iigd|igdlh|ki\d|qcdx|vmwdisp|vboxwddm|basicdisplay)[^.]*\.inf_/i.test(name))
    .toSorted();
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
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
