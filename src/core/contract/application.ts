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
  /** when this host began; another value tells a page that the program was started anew */
  startedAtMs: z.number(),
  /** runs that were training when the program before ended without closing them */
  interruptedRuns: z.int().min(0),
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
  /**
   * Lets the user choose files or a folder in a dialog of the system; none when they change their mind. Rejects with
   * `notAllowed` where the host has no window.
   */
  chooseFiles: method(z.object({ kind: z.enum(['files', 'folder']) }), z.object({ paths: z.array(z.string()) })),
  /** Lets the user choose where to save a file, like `chooseFiles`. */
  chooseSaveFile: method(
    z.object({ suggestedName: z.string().min(1).max(255) }),
    z.object({ path: z.string().nullable() }),
  ),
} as const;
export type ApplicationService = ServiceOf<typeof applicationContract>;
