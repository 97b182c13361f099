import { devicesContract, type DeviceInfo, type DevicesService } from '../../core/contract/devices.ts';
import { implementContract } from './implementContract.ts';

/** Examines what can train here. Rejects with AppError `workerStartFailed`. */
export type ProbeDevices = () => Promise<DeviceInfo[]>;

/** Examines once and remembers; callers that come during an examination wait for that one. A failure is not kept. */
export function createDevicesService(probeDevices: ProbeDevices): DevicesService {
  let known: Promise<DeviceInfo[]> | undefined;
  let isUnderWay = false;
  const examine = (): Promise<DeviceInfo[]> => {
    isUnderWay = true;
    const found = probeDevices().finally(() => {
      isUnderWay = false;
    });
    found.catch(() => {
      if (known === found) known = undefined;
    });
    known = found;
    return found;
  };
  return implementContract(devicesContract, {
    list: ({ refresh }) => (known && (isUnderWay || !refresh) ? known : examine()),
  });
}
