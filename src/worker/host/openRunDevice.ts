import type { StartMessage } from '../../core/contract/workerMessages.ts';
import { AppError } from '../../core/errors.ts';
import type { Device } from '../backends/device.ts';
import { openDevice, type DeviceId } from '../backends/openDevice.ts';

/** What needs nothing but this program, the fastest first. */
const alwaysThere: readonly DeviceId[] = ['onnx-cpu', 'wasm'];

/**
 * The device of a run. One that its configuration names is that or nothing; one that `auto` stands for may have gone since
 * it was examined (a card was pulled out, a driver removed), and another takes its place, which `warn` hears.
 */
export async function openRunDevice(
  { config, device, paths: { wasmDir } }: Pick<StartMessage, 'config' | 'device' | 'paths'>,
  warn: (message: string) => void,
): Promise<Device> {
  const options = { ...(config.threads > 0 ? { threads: config.threads } : {}), wasmDir, warn };
  if (config.device !== 'auto') return openDevice(config.device, options);
  const chosen = device ?? 'wasm';
  try {
    return await openDevice(chosen, options);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'deviceUnavailable') throw error;
    for (const id of alwaysThere) {
      const other = id === chosen ? undefined : await openDevice(id, options).catch(() => undefined);
      if (!other) continue;
      warn(
        `The device ${chosen}, which auto stands for, cannot be used any more: ${error.message} The run trains on ${id} instead. "lp-workbench devices check" examines all devices again.`,
      );
      return other;
    }
    throw error;
  }
}
