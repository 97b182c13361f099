import type { DeviceId } from '../../../src/worker/backends/openDevice.ts';
import { openDevice } from '../../../src/worker/backends/openDevice.ts';
import { wasmDir } from './comparison.ts';

/** Devices whose drivers may hang or crash a process; graphics.test.ts runs their tests in processes it can kill. */
export const graphicsDevices: readonly DeviceId[] = [
  'webgpu',
  'onnx-webgpu',
  'onnx-cuda',
  'onnx-dml',
  'onnx-coreml',
  'cuda',
];

/** Set by graphics.test.ts: the one device that the tests of this process are about. */
export const graphicsVariable = 'LP_WORKBENCH_TEST_DEVICE';
const graphicsDevice = process.env[graphicsVariable] as DeviceId | undefined;

/** The devices that tests of several devices open in their own process: of the given ones, or the graphics device alone. */
export const devicesUnderTest = (onProcessor: readonly DeviceId[]): readonly DeviceId[] =>
  graphicsDevice === undefined ? onProcessor : [graphicsDevice];

/** Every device of the processor; TensorFlow only where it is installed. */
export async function processorDevices(): Promise<DeviceId[]> {
  const hasTensorflow = await openDevice('native', { wasmDir }).then(
    (device) => (device.close(), true),
    () => false,
  );
  return ['wasm', 'cpu', 'onnx-cpu', ...(hasTensorflow ? ['native' as const] : [])];
}
