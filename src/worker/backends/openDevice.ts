import * as tf from '@tensorflow/tfjs';
import { AppError } from '../../core/errors.ts';
import { openCpu } from './cpu/openCpu.ts';
import type { Device, OpenDeviceOptions } from './device.ts';
import { openOnnx } from './onnx/openOnnx.ts';
import { providers, type OnnxDeviceId } from './onnx/providers.ts';
import { defaultThreads } from './threads.ts';
import { openWasm } from './wasm/openWasm.ts';
import { openWebgpu } from './webgpu/openWebgpu.ts';

/** Every device, with what it is called where it cannot be opened. */
const onnxDeviceIds = Object.keys(providers) as OnnxDeviceId[];
const onnxTitle = (id: OnnxDeviceId): string => `ONNX Runtime, ${providers[id].title}`;
const titles: Readonly<Record<DeviceId, string>> = {
  wasm: 'WebAssembly',
  cpu: 'JavaScript',
  ...forOnnxDevices(onnxTitle),
  webgpu: 'WebGPU',
};
export type DeviceId = 'wasm' | 'cpu' | 'webgpu' | OnnxDeviceId;
export const deviceIds = Object.keys(titles) as DeviceId[];

const openers: Readonly<Record<DeviceId, (options: OpenDeviceOptions) => Promise<Device>>> = {
  wasm: openWasm,
  cpu: openCpu,
  webgpu: openWebgpu,
  ...forOnnxDevices((id) => (options) => openOnnx(id, options)),
};

function forOnnxDevices<Value>(valueOf: (id: OnnxDeviceId) => Value): Record<OnnxDeviceId, Value> {
  return Object.fromEntries(onnxDeviceIds.map((id) => [id, valueOf(id)])) as Record<OnnxDeviceId, Value>;
}

export interface DeviceProbe {
  id: DeviceId;
  available: boolean;
  description: string;
  /** why it is not available */
  reason?: string;
  /** compute threads it would use by default */
  threads: number;
}

export function isDeviceId(id: string): id is DeviceId {
  return Object.hasOwn(titles, id);
}

/**
 * Opens a training device and makes it tfjs' backend. tfjs has one backend per process, so one device is open at a
 * time: close it before opening the next. Throws `unknownDevice` or `deviceUnavailable`.
 */
export async function openDevice(id: DeviceId, options: OpenDeviceOptions): Promise<Device> {
  if (!isDeviceId(id)) {
    throw new AppError('unknownDevice', `There is no device "${String(id)}"; choose one of ${deviceIds.join(', ')}.`);
  }
  // silences tfjs' advertisements and deprecation notes
  tf.env().set('PROD', true);
  try {
    return await openers[id](options);
  } catch (error) {
    if (error instanceof AppError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new AppError('deviceUnavailable', `The device ${id} could not be opened: ${reason}`, { cause: error });
  }
}

/** Which devices this machine offers, found by opening and closing each; call it while none is open. */
export async function probeDevices(options: OpenDeviceOptions): Promise<DeviceProbe[]> {
  const probes: DeviceProbe[] = [];
  for (const id of deviceIds) {
    try {
      const device = await openDevice(id, options);
      probes.push({ id, available: true, description: device.description, threads: device.threads });
      device.close();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const threads = id === 'cpu' ? 1 : defaultThreads();
      probes.push({ id, available: false, description: titles[id], reason, threads });
    }
  }
  return probes;
}
