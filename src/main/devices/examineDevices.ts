import { z } from 'zod';
import { deviceInfoSchema, type DeviceInfo } from '../../core/contract/devices.ts';
import { AppError } from '../../core/errors.ts';
import { answersIn, type RunProbe } from './runProbe.ts';

const listTimeoutMs = 20_000;
const measureTimeoutMs = 30_000;

const listedSchema = z.object({
  devices: z.array(z.object({ id: z.string(), title: z.string(), absent: deviceInfoSchema.optional() })),
});
type Listed = z.output<typeof listedSchema>['devices'][number];
const adaptersSchema = z.object({ adapters: z.array(z.object({ name: z.string(), isSoftware: z.boolean() })) });

export interface ExamineOptions {
  /** how a device is examined: in the kind of process it would train in */
  probeFor(deviceId: string): RunProbe;
}

/**
 * Examines every device of this machine, one after the other so that none disturbs the speed of another, each in a
 * process of its own: one that crashes or hangs costs itself only. One that is known to be absent costs no process. The
 * device that `auto` takes comes first, then by speed, then what does not work. Rejects with AppError
 * `workerStartFailed` when not even a list can be had.
 */
export async function examineDevices({ probeFor }: ExamineOptions): Promise<DeviceInfo[]> {
  // the process that may load graphics drivers
  const listing = await probeFor('webgpu')(['list'], listTimeoutMs);
  const answers = answersIn(listing.stdout);
  const listed = answers.map((each) => listedSchema.safeParse(each).data).find((data) => data !== undefined);
  if (!listed) {
    const how = listing.failure ?? 'said nothing';
    throw new AppError('workerStartFailed', `The devices could not be examined: the process that lists them ${how}.`);
  }
  const adapters = answers.flatMap((each) => adaptersSchema.safeParse(each).data?.adapters ?? []);
  const named: Listed[] =
    adapters.length > 1 ? adapters.map(({ name }) => ({ id: `webgpu:${name}`, title: 'WebGPU' })) : [];
  const examined: DeviceInfo[] = [];
  for (const { id, title, absent } of [...listed.devices, ...named]) {
    const device = absent ?? (await examine(id, title, probeFor(id)));
    // it says nothing of its card, and takes whichever there is
    const isPlayed = id === 'onnx-webgpu' && adapters.length > 0 && adapters.every(({ isSoftware }) => isSoftware);
    examined.push(isPlayed ? { ...device, isSoftware: true, description: `${device.description} (software)` } : device);
  }
  return ranked(examined);
}

async function examine(id: string, title: string, probe: RunProbe): Promise<DeviceInfo> {
  const { stdout, failure } = await probe(['measure', id], measureTimeoutMs);
  const answers = answersIn(stdout).flatMap((each) => deviceInfoSchema.safeParse(each).data ?? []);
  const last = answers.at(-1);
  if (last && (!failure || last.available)) return last;
  return {
    id,
    available: false,
    description: title,
    hardware: null,
    isSoftware: false,
    stepsPerSecond: null,
    isAuto: false,
    reason: `Its process ${failure ?? 'said nothing'} while it was examined. On a busy machine it may only have been slow: try again with "lp-workbench devices check". Else its driver is often at fault: update it.`,
    threads: 1,
  };
}

/** Marks the fastest device that is right and no mere player of a card, and puts it first. */
export function ranked(devices: readonly DeviceInfo[]): DeviceInfo[] {
  const speed = ({ stepsPerSecond }: DeviceInfo): number => stepsPerSecond ?? 0;
  const bySpeed = devices.toSorted(
    (a, b) => Number(b.available) - Number(a.available) || (a.available ? speed(b) - speed(a) : 0),
  );
  const auto = bySpeed.find(({ available, isSoftware }) => available && !isSoftware);
  const marked = bySpeed.map((device) => ({ ...device, isAuto: device === auto }));
  return [...marked.filter(({ isAuto }) => isAuto), ...marked.filter(({ isAuto }) => !isAuto)];
}
