import { z } from 'zod';
import { dataParts } from './datasetImport.ts';
import { method, type ServiceOf } from './service.ts';

/** Which weights of a run answer: those of its newest checkpoint, or of its best by the monitored metric. */
export const checkpointChoices = ['last', 'best'] as const;
export type CheckpointChoice = (typeof checkpointChoices)[number];

const which = z.enum(checkpointChoices).default('last');
const share = z.number().min(0).max(1);

/** A row that the model got most wrong. */
export const worstRowSchema = z.object({
  /** row of the dataset, from 0 */
  row: z.int(),
  /** class index, or the wanted number */
  target: z.number(),
  /** class index, or the predicted number */
  predicted: z.number(),
  /** loss of this row alone */
  loss: z.number(),
  /** probability of the predicted class; null for a regression */
  confidence: share.nullable(),
  /** the sample as stored, scaled to numbers, in the shape of the dataset; empty when it is too large to show */
  values: z.array(z.number()),
});
export type WorstRow = z.infer<typeof worstRowSchema>;

/** What a trained model does on one part of its dataset. */
export const evaluationSchema = z.object({
  runId: z.string(),
  /** step of the checkpoint that answered */
  step: z.int(),
  part: z.enum(dataParts),
  rows: z.int(),
  /** mean loss over the rows */
  loss: z.number(),
  task: z.enum(['classes', 'regression']),
  /** [height, width, channels] or [features] of a sample */
  shape: z.array(z.int()),
  classes: z.array(z.string()),
  /** rows by target class, then by predicted class; empty for a regression */
  confusion: z.array(z.array(z.int())),
  accuracy: share.nullable(),
  /** of a regression: mean absolute error, root mean squared error and the share of variance explained */
  meanAbsoluteError: z.number().nullable(),
  rootMeanSquaredError: z.number().nullable(),
  r2: z.number().nullable(),
  /** greatest loss first */
  worst: z.array(worstRowSchema),
});
export type Evaluation = z.infer<typeof evaluationSchema>;

/** What a model says to one file. */
export const filePredictionSchema = z.object({
  path: z.string(),
  /** which sample of the file, from 0: a row of a table or of an array; an image file has one */
  index: z.int(),
  /** classes, most probable first, at most ten; empty for a regression */
  classes: z.array(z.object({ name: z.string(), probability: share })),
  /** predicted numbers of a regression */
  values: z.array(z.number()),
  /** why there is no prediction */
  problem: z.string().nullable(),
});
export type FilePrediction = z.infer<typeof filePredictionSchema>;

export const modelFormats = ['tfjs', 'safetensors'] as const;
export type ModelFormat = (typeof modelFormats)[number];

const runRef = z.object({ runId: z.string() });

export const resultsContract = {
  /** Computes, or reads what was computed before for the same checkpoint. Throws `checkpointMissing`, `notFound`. */
  evaluate: method(
    runRef.extend({ part: z.enum(dataParts).default('test'), which, worst: z.int().min(0).max(100).default(12) }),
    evaluationSchema,
  ),
  /**
   * Writes what the model says to every row as CSV: row, part, target, predicted, then one probability a class.
   * Another dataset than the run's own may be named; it must have samples of the same shape. A file that is there is
   * replaced only when asked (`conflict`).
   */
  exportPredictions: method(
    runRef.extend({
      dataset: z.string().optional(),
      part: z.enum([...dataParts, 'all']).default('test'),
      which,
      path: z.string().min(1),
      overwrite: z.boolean().default(false),
    }),
    z.object({ path: z.string(), rows: z.int() }),
  ),
  /** Writes a folder: model.json and weights.bin (tfjs LayersModel), or weights.safetensors and config.json. */
  exportModel: method(
    runRef.extend({ format: z.enum(modelFormats).default('tfjs'), which, path: z.string().min(1) }),
    z.object({ path: z.string(), files: z.array(z.string()), step: z.int() }),
  ),
  /**
   * What the model says to image files, to samples in .npy files and, where its dataset is a table, to the rows of
   * delimited text (.csv, .tsv). A file that cannot be read and a row that cannot be used say why.
   */
  predictFiles: method(
    runRef.extend({ paths: z.array(z.string().min(1)).min(1).max(1_000), which }),
    z.array(filePredictionSchema),
  ),
} as const;
export type ResultsService = ServiceOf<typeof resultsContract>;
