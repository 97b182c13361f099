import { z } from 'zod';
import { runConfigSchema } from '../../core/contract/runConfig.ts';
import { checkpointSchema, logLineSchema, runSchema } from '../../core/contract/runs.ts';

export const manifestName = 'manifest.json';
export const metricsName = 'metrics.csv';
export const logName = 'log.jsonl';
/** for people who open the archive; it is not taken in */
export const reportName = 'report.html';

/** Names of a checkpoint's folder; they become names on the disk of whoever takes the run in. */
export const checkpointName = /^(?:step|best)-\d{1,15}$/;
const checkpointFile =
  /^checkpoints\/((?:step|best)-\d{1,15})\/(?:state\.json|weights\.safetensors|optimizer\.safetensors)$/;

/** The checkpoint a file of the archive belongs to; null for one that belongs to none. */
export function checkpointOf(name: string): string | null {
  return checkpointFile.exec(name)?.[1] ?? null;
}

export const logLine = logLineSchema.omit({ runId: true });

/** What a .lprun file says of itself; every other file in it is named here with its size and its hash. */
export const manifestSchema = z.object({
  format: z.literal('lprun'),
  version: z.literal(1),
  createdAtMs: z.number(),
  softwareVersion: z.string(),
  run: runSchema.extend({ id: z.string().regex(/^[0-9a-z]{6,64}$/) }),
  /** the configurations of the run, oldest first, each with the step from which it counts */
  configs: z.array(z.object({ config: runConfigSchema, fromStep: z.int(), createdAtMs: z.number() })).min(1),
  checkpoints: z.array(
    checkpointSchema.omit({ runId: true, path: true }).extend({ name: z.string().regex(checkpointName) }),
  ),
  files: z.array(
    z.object({
      name: z.string(),
      bytes: z.int().nonnegative(),
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
    }),
  ),
});
export type Manifest = z.output<typeof manifestSchema>;
