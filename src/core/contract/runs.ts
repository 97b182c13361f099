import { z } from 'zod';
import { errorCodes } from '../errors.ts';
import { runConfigSchema } from './runConfig.ts';
import { method, type EventsOf, type ServiceOf } from './service.ts';

/**
 * queued       waits for its turn
 * starting     a worker is being launched or loads its data
 * running      steps are being taken
 * paused       a checkpoint is written, no steps are being taken, continues on request
 * completed    all epochs done, or early stopping ended it (see endReason)
 * stopped      ended by the user before its last epoch; has a checkpoint
 * failed       ended by an error, kept in `failure`
 * interrupted  its process or machine went away; continues from its last checkpoint
 * cancelled    left the queue before it started
 */
export const runStatuses = [
  'queued',
  'starting',
  'running',
  'paused',
  'completed',
  'stopped',
  'failed',
  'interrupted',
  'cancelled',
] as const;
export const runStatusSchema = z.enum(runStatuses);
export type RunStatus = z.infer<typeof runStatusSchema>;

export const activeStatuses: readonly RunStatus[] = ['starting', 'running', 'paused'];
export const resumableStatuses: readonly RunStatus[] = ['paused', 'stopped', 'failed', 'interrupted', 'cancelled'];

export const failureSchema = z.object({
  code: z.enum(errorCodes),
  message: z.string(),
  details: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.string())]))
    .optional(),
});

export const runSchema = z.object({
  id: z.string(),
  name: z.string(),
  note: z.string(),
  tags: z.array(z.string()),
  status: runStatusSchema,
  endReason: z.enum(['completed', 'stopped', 'earlyStopped']).nullable(),
  failure: failureSchema.nullable(),
  config: runConfigSchema,
  softwareVersion: z.string(),
  datasetHash: z.string().nullable(),
  /** the device that trained it: id, one line for people, threads, and why it was chosen where the run says `auto` */
  device: z
    .object({ id: z.string(), description: z.string(), threads: z.int(), choice: z.string().optional() })
    .nullable(),
  parameterCount: z.int().nullable(),
  createdAtMs: z.number(),
  startedAtMs: z.number().nullable(),
  endedAtMs: z.number().nullable(),
  deletedAtMs: z.number().nullable(),
  /** place in the queue, 0 first; null when not queued */
  queuePosition: z.int().nullable(),
  /** last step whose metrics are stored */
  step: z.int(),
  totalSteps: z.int().nullable(),
  stepsPerEpoch: z.int().nullable(),
  /** seconds of training so far, pauses excluded */
  trainSeconds: z.number(),
  /** last value of every metric series, by key */
  latest: z.record(z.string(), z.number().nullable()),
  /** where a run came from that was trained by another program, and what that program said of its settings */
  origin: z
    .object({
      kind: z.literal('tensorBoard'),
      /** the folder or file it was read from */
      source: z.string(),
      hyperparameters: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
    })
    .optional(),
  /** the run and step this one was branched from */
  parent: z.object({ runId: z.string(), step: z.int() }).nullable(),
});
export type Run = z.infer<typeof runSchema>;

export const checkpointSchema = z.object({
  runId: z.string(),
  step: z.int(),
  epoch: z.number(),
  path: z.string(),
  bytes: z.int(),
  kind: z.enum(['periodic', 'best', 'pause', 'final']),
  monitored: z.number().nullable(),
  createdAtMs: z.number(),
});
export type Checkpoint = z.infer<typeof checkpointSchema>;

/** A series as columns. `minimums`/`maximums` are filled when points were merged; then values are bucket ends. */
export const seriesSchema = z.object({
  key: z.string(),
  steps: z.array(z.number()),
  values: z.array(z.number().nullable()),
  minimums: z.array(z.number().nullable()).optional(),
  maximums: z.array(z.number().nullable()).optional(),
  /** points stored for this key in the asked range */
  totalPoints: z.int(),
});
export type Series = z.infer<typeof seriesSchema>;

export const logLineSchema = z.object({
  runId: z.string(),
  atMs: z.number(),
  level: z.enum(['info', 'warn', 'error']),
  message: z.string(),
});
export type LogLine = z.infer<typeof logLineSchema>;

const runRef = z.object({ runId: z.string() });
const nothing = z.object({});
const done = z.object({});

export const runsContract = {
  /** Checks the configuration and puts a run at the end of the queue. */
  create: method(
    z.object({
      config: z.unknown(),
      name: z.string().max(500).optional(),
      tags: z.array(z.string().max(100)).optional(),
      note: z.string().max(100_000).optional(),
    }),
    runSchema,
  ),
  list: method(
    z.object({ includeDeleted: z.boolean().default(false), statuses: z.array(runStatusSchema).optional() }),
    z.array(runSchema),
  ),
  get: method(runRef, runSchema),
  /** Finds a run by id, unique id prefix or unique exact name. */
  find: method(z.object({ text: z.string() }), runSchema),
  rename: method(runRef.extend({ name: z.string().min(1).max(500) }), runSchema),
  setTags: method(runRef.extend({ tags: z.array(z.string().min(1).max(100)).max(100) }), runSchema),
  setNote: method(runRef.extend({ note: z.string().max(100_000) }), runSchema),
  /** Moves to the trash; an active run is refused. */
  delete: method(runRef, runSchema),
  restore: method(runRef, runSchema),
  /** Removes a run of the trash for good, with its metrics and checkpoint files. */
  purge: method(runRef, done),
  pause: method(runRef, runSchema),
  /** Continues a paused, stopped, failed or interrupted run from its last checkpoint, or from the start without one. */
  resume: method(
    runRef.extend({ epochs: z.int().min(1).optional(), extend: z.enum(['keepHorizon', 'annealAgain']).optional() }),
    runSchema,
  ),
  stop: method(runRef, runSchema),
  /** Takes a queued run out of the queue. */
  cancel: method(runRef, runSchema),
  /** A new run that continues from a checkpoint of another, with changed settings. */
  branch: method(runRef.extend({ step: z.int(), config: z.unknown(), name: z.string().optional() }), runSchema),
  /** Moves a queued run to a place in the queue (0 is next). */
  reorder: method(runRef.extend({ position: z.int().min(0) }), z.array(runSchema)),
  queue: method(nothing, z.array(runSchema)),
  checkpoints: method(runRef, z.array(checkpointSchema)),
  metricKeys: method(runRef, z.array(z.object({ key: z.string(), points: z.int() }))),
  /** Series of one run, reduced to about `maxPoints` buckets per key by minimum, maximum and last; 0 gives every point. */
  metrics: method(
    runRef.extend({
      keys: z.array(z.string()).optional(),
      fromStep: z.int().optional(),
      toStep: z.int().optional(),
      maxPoints: z.int().min(0).default(2_000),
    }),
    z.array(seriesSchema),
  ),
  logs: method(runRef.extend({ limit: z.int().min(1).max(10_000).default(1_000) }), z.array(logLineSchema)),
} as const;
export type RunsService = ServiceOf<typeof runsContract>;

export const runsEvents = {
  /** A run was created or anything but its metrics changed. */
  runChanged: runSchema,
  runRemoved: runRef,
  /** Points just committed, by run and key. A hint: a subscriber that missed one asks `metrics` again. */
  metricsCommitted: z.object({
    runId: z.string(),
    /** first and last batch of the run's present worker that are in here; batches count from 0 for each worker */
    firstSeq: z.int(),
    seq: z.int(),
    step: z.int(),
    series: z.record(z.string(), z.object({ steps: z.array(z.number()), values: z.array(z.number().nullable()) })),
  }),
  log: logLineSchema,
} as const;
export type RunsEvents = EventsOf<typeof runsEvents>;
