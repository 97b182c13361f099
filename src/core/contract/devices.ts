import { z } from 'zod';
import { method, type ServiceOf } from './service.ts';

export const deviceInfoSchema = z.object({
  id: z.string(),
  available: z.boolean(),
  /** one line for people: what it is */
  description: z.string(),
  /** why it is not available, and what to do */
  reason: z.string().optional(),
  threads: z.int(),
});
export type DeviceInfo = z.infer<typeof deviceInfoSchema>;

export const devicesContract = {
  /** What can train here, best first. Examined once in a process of its own; `refresh` examines again. */
  list: method(z.object({ refresh: z.boolean().default(false) }), z.array(deviceInfoSchema)),
} as const;
export type DevicesService = ServiceOf<typeof devicesContract>;
