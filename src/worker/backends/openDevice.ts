import * as tf from '@tensorflow/tfjs';
import { AppError } from '../../core/errors.ts';
import { openCpu } from './cpu/openCpu.ts';
import type { Device, OpenDeviceOptions } from './device.ts';
import { openOnnx } from './onnx/openOnnx.ts';
import { nativeAbsence, openNative } from './native/openNative.ts';
import { providerAbsence, providers, type OnnxDeviceId } from './onnx/providers.ts';
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
  native: 'TensorFlow, native',
  cuda: 'TensorFlow, CUDA 11',
};
export type DeviceId = 'wasm' | 'cpu' | 'webgpu' | 'native' | 'cuda' | OnnxDeviceId;
export const deviceIds = Object.keys(titles) as DeviceId[];

const openers: Readonly<Record<DeviceId, (options: OpenDeviceOptions) => Promise<Device>>> = {
  wasm: openWasm,
  cpu: openCpu,
  webgpu: openWebgpu,
  native: (options) => openNative('native', options),
  cuda: (options) => openNative('cuda', options),
  ...forOnnxDevices((id) => (options) => openOnnx(id, options)),
};

/** Why a device cannot be here, where that is known without loading what it is made of. */
export function deviceAbsence(id: DeviceId): string | undefined {
  if (id === 'native' || id === 'cuda') return nativeAbsence(id);
  return id in providers ? providerAbsence(providers[id as OnnxDeviceId]) : undefined;
}

function forOnnxDevices<Value>(valueOf: (id: OnnxDeviceId) => Value): Record<OnnxDeviceId, Value> {
  return Object.fromEntries(onnxDeviceIds.map((id) => [id, valueOf(id)])) as Record<OnnxDeviceId, Value>;
}

/** What a device is called before it is opened; the id may name an adapter. */
export function deviceTitle(text: string): string {
  const parsed = parseDeviceId(text);
  return parsed ? titles[parsed.id] : text;
}

/** Reads "webgpu", or "webgpu:NAME" for the adapter whose name contains NAME; undefined for what is no device. */
export function parseDeviceId(text: string): { id: DeviceId; adapter?: string } | undefined {
  const [base = '', ...rest] = text.split(':');
  if (!Object.hasOwn(titles, base)) return undefined;
  const id = base as DeviceId;
  if (rest.length === 0) return { id };
  return id === 'webgpu' ? { id, adapter: rest.join(':') } : undefined;
}

/**
 * Opens a training device and makes it tfjs' backend. tfjs has one backend per process, so one device is open at a
 * time: close it before opening the next. Throws `unknownDevice` or `deviceUnavailable`.
 */
export async function openDevice(text: string, options: OpenDeviceOptions): Promise<Device> {
  const parsed = parseDeviceId(text);
  if (!parsed) {
    throw new AppError('unknownDevice', `There is no device "${text}"; choose one of auto, ${deviceIds.join(', ')}.`);
  }
  const { id, ...adapter } = parsed;
  // silences tfjs' advertisements and deprecation notes
  tf.env().set('PROD', true);
  try {
    return await openers[id]({ ...options, ...adapter });
  } catch (error) {
    if (error instanceof AppError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new AppError('deviceUnavailable', `The device ${text} could not be opened: ${reason}`, { cause: error });
  }
}
