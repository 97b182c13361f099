import { devicesContract, type DeviceInfo, type DevicesService } from '../../core/contract/devices.ts';
import type { Run } from '../../core/contract/runs.ts';
import { asAppError } from '../../core/errors.ts';
import type { DeviceCache } from '../devices/deviceCache.ts';
import { implementContract } from './implementContract.ts';

/** Examines what can train here, in processes of its own. Rejects with AppError `workerStartFailed`. */
export type ProbeDevices = () => Promise<DeviceInfo[]>;

export interface DevicesServiceOptions {
  probeDevices: ProbeDevices;
  /** what earlier examinations found; left out, nothing is remembered beyond this process */
  cache?: DeviceCache;
  /** the device that `auto` stands for, whatever an examination would find: LP_WORKBENCH_DEVICE */
  autoDevice?: string;
  /** the default device of the settings; `auto` leaves it to speed */
  preferred: () => string;
  /** hears that an examination begins, because it takes some seconds */
  onExamine?: () => void;
}

/** The device a run trains on, and why; no reason where its configuration names it. */
export interface DeviceChoice {
  id: string;
  choice?: string;
}

export interface DevicesServiceHost {
  devices: DevicesService;
  /** What the device of a run's configuration stands for now. */
  choose(run: Pick<Run, 'config' | 'device' | 'step'>): Promise<DeviceChoice>;
  /** A device was gone that an examination had found: the next that asks has all examined again. */
  distrust(): void;
  /** Whether nothing is known and `auto` would have to wait. */
  isUnexamined(): boolean;
}

/** Examines once and remembers; callers that come during an examination wait for that one. A failure is not kept. */
export function createDevicesService(options: DevicesServiceOptions): DevicesServiceHost {
  const { cache, autoDevice } = options;
  const cached = cache?.read();
  let known = cached && Promise.resolve(cached);
  let isUnderWay = false;
  const examine = (): Promise<DeviceInfo[]> => {
    isUnderWay = true;
    options.onExamine?.();
    const found = options
      .probeDevices()
      .then((devices) => {
        cache?.write(devices);
        return devices;
      })
      .finally(() => {
        isUnderWay = false;
      });
    found.catch(() => {
      if (known === found) known = undefined;
    });
    known = found;
    return found;
  };
  const list = (refresh: boolean): Promise<DeviceInfo[]> => (known && (isUnderWay || !refresh) ? known : examine());

  async function choose({ config, device, step }: Pick<Run, 'config' | 'device' | 'step'>): Promise<DeviceChoice> {
    if (config.device !== 'auto') return { id: config.device };
    // a run that goes on stays where it was, so that it goes on with the same numbers
    if (device && step > 0) return { id: device.id, ...(device.choice ? { choice: device.choice } : {}) };
    if (autoDevice) return { id: autoDevice, choice: 'named by LP_WORKBENCH_DEVICE' };
    const preferred = options.preferred();
    if (preferred !== 'auto') return { id: preferred, choice: 'the default device of the settings' };
    try {
      return fastest(await list(false));
    } catch (error) {
      return { id: fallback, choice: `because the devices could not be examined: ${asAppError(error).message}` };
    }
  }
  return {
    devices: implementContract(devicesContract, { list: ({ refresh }) => list(refresh) }),
    choose,
    distrust: () => {
      if (!isUnderWay) known = undefined;
    },
    isUnexamined: () => known === undefined && !autoDevice,
  };
}

/** It needs nothing but this program. */
const fallback = 'wasm';

function fastest(devices: readonly DeviceInfo[]): DeviceChoice {
  const auto = devices.find(({ isAuto }) => isAuto);
  if (!auto) return { id: fallback, choice: 'because no device passed its examination' };
  const others = devices.filter((each) => each !== auto && each.available && each.stepsPerSecond !== null);
  const speed = ({ id, stepsPerSecond }: DeviceInfo): string => `${id} ${Math.round(stepsPerSecond ?? 0)}`;
  const compared = [auto, ...others.slice(0, 2)].map(speed).join(', ');
  return { id: auto.id, choice: `the fastest that works here (steps per second: ${compared})` };
}
