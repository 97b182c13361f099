import { z } from 'zod';
import { method, type ServiceOf } from './service.ts';

export const deviceInfoSchema = z.object({
  id: z.string(),
  /** it opens, and computes a small training step right */
  available: z.boolean(),
  /** one line for people: what it is */
  description: z.string(),
  /** the card or processor that computes; null where nobody says */
  hardware: z.string().nullable().default(null),
  /** a program plays a graphics card; never chosen by itself */
  isSoftware: z.boolean().default(false),
  /** steps of a small convolutional network per second; null where it was not measured */
  stepsPerSecond: z.number().nullable().default(null),
  /** what `auto` stands for */
  isAuto: z.boolean().default(false),
  /** why it is not available, and what to do */
  reason: z.string().optional(),
  threads: z.int(),
});
export type DeviceInfo = z.output<typeof deviceInfoSchema>;

export const devicesContract = {
  /**
   * What can train here, the device that `auto` takes first, then by speed. Examined once per machine, driver and version
   * of the program, in processes of their own; `refresh` examines again.
   */
  list: method(z.object({ refresh: z.boolean().default(false) }), z.array(deviceInfoSchema)),
} as const;
export type DevicesService = ServiceOf<typeof devicesContract>;

/** WebGPU works in a plain Node process only, also where everything else runs inside Electron. */
export const needsPlainNode = (deviceId: string): boolean => deviceId.split(':')[0] === 'webgpu';
