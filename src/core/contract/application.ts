import { z } from 'zod';
import { method, type ServiceOf } from './service.ts';

export const applicationInfoSchema = z.object({
  version: z.string(),
  dataDir: z.string(),
  platform: z.string(),
  /** what shows the renderer */
  host: z.enum(['electron', 'browser']),
  /** why the contents may be older than expected, or why the app runs in the browser; null in the normal case */
  notice: z.string().nullable(),
});
export type ApplicationInfo = z.infer<typeof applicationInfoSchema>;

export const diskUseSchema = z.object({
  databaseBytes: z.int(),
  checkpointBytes: z.int(),
  datasetBytes: z.int(),
  freeBytes: z.int().nullable(),
});
export type DiskUse = z.infer<typeof diskUseSchema>;

export const applicationContract = {
  info: method(z.object({}), applicationInfoSchema),
  diskUse: method(z.object({}), diskUseSchema),
} as const;
export type ApplicationService = ServiceOf<typeof applicationContract>;
