import { z } from 'zod';
import { dataParts } from './datasetImport.ts';
import { datasetRefSchema } from './datasets.ts';
import { evaluationSchema, modelFormats } from './results.ts';
import { runConfigSchema } from './runConfig.ts';
import { failureSchema } from './runs.ts';

/** A trained model as it lies on disk. */
const trainedModelSchema = z.object({
  config: runConfigSchema,
  /** the dataset it was trained on */
  dataset: datasetRefSchema,
  checkpointPath: z.string(),
  wasmDir: z.string(),
});
export type TrainedModel = z.infer<typeof trainedModelSchema>;

/** What the program for trained models is asked to do; one request per process. */
export const modelTaskSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('evaluate'),
    model: trainedModelSchema,
    part: z.enum(dataParts),
    worst: z.int().min(0),
  }),
  z.object({
    kind: z.literal('predict'),
    model: trainedModelSchema,
    /** rows of this dataset, which need not be the one it was trained on */
    dataset: datasetRefSchema,
    part: z.enum([...dataParts, 'all']),
    /** CSV that is written; not there yet */
    file: z.string(),
  }),
  z.object({
    kind: z.literal('answer'),
    model: trainedModelSchema,
    /** file of float32 numbers, [samples, ...shape], as the model receives them before normalisation */
    samples: z.string(),
    count: z.int().min(1),
  }),
  z.object({
    kind: z.literal('export'),
    model: trainedModelSchema,
    format: z.enum(modelFormats),
    /** folder that is written into; it is there and empty */
    dir: z.string(),
  }),
  z.object({ kind: z.literal('histograms'), checkpointPaths: z.array(z.string()) }),
]);
export type ModelTask = z.infer<typeof modelTaskSchema>;

export const modelReplySchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('evaluated'), evaluation: evaluationSchema.omit({ runId: true, step: true }) }),
  z.object({ kind: z.literal('predicted'), rows: z.int() }),
  /** [samples][outputs]: probabilities of classes, or predicted numbers */
  z.object({ kind: z.literal('answered'), outputs: z.array(z.array(z.number())) }),
  z.object({ kind: z.literal('exported'), files: z.array(z.string()) }),
  z.object({
    kind: z.literal('counted'),
    /** of every checkpoint asked for, in that order */
    histograms: z.array(
      z.array(
        z.object({
          /** of the variable */
          name: z.string(),
          minimum: z.number(),
          maximum: z.number(),
          count: z.int(),
          sum: z.number(),
          sumOfSquares: z.number(),
          /** upper end of each bucket, ascending */
          limits: z.array(z.number()),
          counts: z.array(z.int()),
        }),
      ),
    ),
  }),
  z.object({ kind: z.literal('failed'), error: failureSchema }),
]);
export type ModelReply = z.infer<typeof modelReplySchema>;
