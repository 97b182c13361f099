import { z } from 'zod';
import { modelConfigSchema } from '../models/modelConfig.ts';
import { runSchema } from './runs.ts';
import { method, type ServiceOf } from './service.ts';

const runRef = z.object({ runId: z.string() });
const target = { path: z.string().min(1), overwrite: z.boolean().default(false) };

export const transfersContract = {
  /**
   * Writes a whole run into one file (.lprun): configuration, every point, log, checkpoints, and when asked its report as
   * HTML for whoever opens the archive. A run that trains is refused (`wrongState`); a file that is there is replaced only
   * when asked (`conflict`).
   */
  exportRun: method(
    runRef.extend({ ...target, includeReport: z.boolean().default(false) }),
    z.object({ path: z.string(), bytes: z.int() }),
  ),
  /**
   * Takes a run in from a .lprun file, with the id it had. Rejects with `conflict` when that run is here already, unless
   * a copy with an id of its own is asked for; with `fileUnreadable` or `unsafeArchive`, and nothing is kept then.
   */
  importRun: method(z.object({ path: z.string().min(1), asCopy: z.boolean().default(false) }), runSchema),
  /** Writes TensorBoard event files, one folder a run, into a folder that is made. */
  exportEvents: method(
    z.object({ runIds: z.array(z.string()).min(1).max(1_000), path: z.string().min(1) }),
    z.object({ path: z.string(), files: z.array(z.string()) }),
  ),
  /**
   * Reads TensorBoard event files as finished runs: every folder with event files becomes one. `source` is what the user
   * calls the place, where `path` is only one for the moment, such as that of an upload.
   */
  importEvents: method(
    z.object({ path: z.string().min(1), source: z.string().min(1).max(1_000).optional() }),
    z.array(runSchema),
  ),
  /**
   * Takes in the weights of a tfjs model: its model.json and the files that it names, given too or lying beside it. A run
   * of these layers begins with them when its configuration says `initialWeights: {hash}`.
   */
  importWeights: method(
    z.object({ paths: z.array(z.string().min(1)).min(1).max(10_000) }),
    z.object({
      hash: z.string(),
      model: modelConfigSchema,
      inputShape: z.array(z.int()).nullable(),
      notes: z.array(z.string()),
      /** variables of the layers that have weights in the files */
      variables: z.int(),
    }),
  ),
} as const;
export type TransfersService = ServiceOf<typeof transfersContract>;
