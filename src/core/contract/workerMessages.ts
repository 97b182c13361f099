import { z } from 'zod';
import { errorCodes } from '../errors.ts';
import { datasetRefSchema } from './datasets.ts';
import { runConfigSchema } from './runConfig.ts';

/** Raised when a message changes meaning; a host refuses a worker that says another number. */
export const workerProtocolVersion = 1;

/** Metric batches a worker may have sent without an acknowledgement before it waits at a step boundary. */
export const metricsCredit = 8;

/** A worker says that it lives this often, but for a computation that leaves it no turn. */
export const heartbeatIntervalMs = 1_000;

const wireErrorSchema = z.object({
  code: z.enum(errorCodes),
  message: z.string(),
  details: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.string())]))
    .optional(),
});

const pathsSchema = z.object({
  /** folder of this run's checkpoints, created by the worker */
  checkpointDir: z.string(),
  /** resources/wasm */
  wasmDir: z.string(),
  /** imported weights that the run begins with; left out where it begins with new ones */
  initialWeightsDir: z.string().optional(),
});

/** Where a run continues: a checkpoint folder written by an earlier worker of this run or of its parent. */
const resumeSchema = z.object({
  checkpointPath: z.string(),
  /** a run longer than its checkpoint foresaw: keep p at its old horizon, or anneal again over the added epochs */
  extend: z.enum(['keepHorizon', 'annealAgain']).optional(),
});

export const startMessageSchema = z.object({
  type: z.literal('start'),
  runId: z.string(),
  config: runConfigSchema,
  /** what the configuration's device stands for, where that is `auto` */
  device: z.string().optional(),
  dataset: datasetRefSchema,
  paths: pathsSchema,
  resume: resumeSchema.nullable(),
});

export const hostMessageSchema = z.discriminatedUnion('type', [
  startMessageSchema,
  /** write a checkpoint and wait; answered by `paused` */
  z.object({ type: z.literal('pause') }),
  z.object({ type: z.literal('resume') }),
  /** write a checkpoint and end the run early; answered by `done` with reason `stopped` */
  z.object({ type: z.literal('stop') }),
  z.object({ type: z.literal('ack'), seq: z.int().nonnegative() }),
  /** write a checkpoint if the run goes on, then leave; answered by `bye` */
  z.object({ type: z.literal('shutdown') }),
]);

/** One series of a batch as two columns of equal length. NaN marks a value that is not a number. */
export const metricColumnsSchema = z.object({
  steps: z.array(z.int().nonnegative()),
  values: z.array(z.number().or(z.nan()).or(z.literal(Infinity)).or(z.literal(-Infinity))),
});

const checkpointInfoSchema = z.object({
  path: z.string(),
  step: z.int().nonnegative(),
  epoch: z.number().nonnegative(),
  bytes: z.int().nonnegative(),
  /** the reason it was written; `best` follows the monitored metric */
  kind: z.enum(['periodic', 'best', 'pause', 'final']),
  /** the monitored value, for `best` */
  monitored: z.number().nullable(),
});

export const workerMessageSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('hello'), protocolVersion: z.int(), pid: z.int() }),
  z.object({
    type: z.literal('ready'),
    device: z.object({ id: z.string(), description: z.string(), threads: z.int() }),
    parameterCount: z.int(),
    stepsPerEpoch: z.int(),
    totalSteps: z.int(),
    /** the step the run continues after; 0 for a new run */
    step: z.int(),
    trainSamples: z.int(),
    validationSamples: z.int(),
    testSamples: z.int(),
  }),
  z.object({
    type: z.literal('metrics'),
    seq: z.int().nonnegative(),
    /** all points up to and including this step are in this batch or an earlier one */
    step: z.int().nonnegative(),
    epoch: z.int().nonnegative(),
    series: z.record(z.string(), metricColumnsSchema),
  }),
  checkpointInfoSchema.extend({ type: z.literal('checkpoint'), removed: z.array(z.string()) }),
  z.object({ type: z.literal('log'), level: z.enum(['info', 'warn', 'error']), message: z.string() }),
  /** quietMs: nothing may be heard for so long from now on, because a step may take it */
  z.object({ type: z.literal('heartbeat'), step: z.int(), quietMs: z.number().nonnegative().optional() }),
  z.object({ type: z.literal('paused'), step: z.int() }),
  z.object({ type: z.literal('resumed'), step: z.int() }),
  z.object({
    type: z.literal('done'),
    reason: z.enum(['completed', 'stopped', 'earlyStopped']),
    step: z.int(),
    epoch: z.int(),
    trainSeconds: z.number(),
  }),
  z.object({ type: z.literal('failed'), error: wireErrorSchema, step: z.int() }),
  /** the last message; an exit without it is a crash */
  z.object({ type: z.literal('bye') }),
]);

export type StartMessage = z.infer<typeof startMessageSchema>;
export type HostMessage = z.infer<typeof hostMessageSchema>;
export type WorkerMessage = z.infer<typeof workerMessageSchema>;
export type MetricColumns = z.infer<typeof metricColumnsSchema>;
export type CheckpointInfo = z.infer<typeof checkpointInfoSchema>;
