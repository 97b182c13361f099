import { z } from 'zod';
import { method, type ServiceOf } from './service.ts';

/** classes: y holds class indices 0..classCount-1. regression: y holds one float target per row. */
export const taskSchema = z.enum(['classes', 'regression']);
export type Task = z.infer<typeof taskSchema>;

/**
 * `meta.json` of a canonical dataset folder, which also holds x.npy and y.npy (C order, one row per sample).
 * The folder is named by `hash`.
 */
export const datasetMetaSchema = z.object({
  version: z.literal(1),
  /** what a user types: `digits` */
  id: z.string(),
  name: z.string(),
  description: z.string(),
  task: taskSchema,
  rows: z.int().positive(),
  /** shape of one sample: [8, 8, 1] for an image (height, width, channels), [features] for a table */
  shape: z.array(z.int().positive()).min(1),
  /** dtype of x.npy */
  dtype: z.enum(['uint8', 'float32']),
  /** a stored value v means v * scale + offset */
  scale: z.number(),
  offset: z.number(),
  /** class names in index order; empty for regression */
  classes: z.array(z.string()),
  /** sha256 over shapes, types and the bytes of x and y, in hex */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  source: z.string(),
  license: z.string(),
  /** names of the features of a table, in the order of x */
  features: z.array(z.string()).optional(),
  /**
   * Fitted on the training part: a model receives (value - mean) / deviation, by the last axis of x. Values of x are
   * stored without it.
   */
  normalization: z.object({ mean: z.array(z.number()), deviation: z.array(z.number().positive()) }).optional(),
  /**
   * Rows of each part when the dataset has parts of its own. `parts.npy` then holds one byte per row: 0 train,
   * 1 validation, 2 test.
   */
  parts: z.object({ train: z.int().min(0), validation: z.int().min(0), test: z.int().min(0) }).optional(),
});
export type DatasetMeta = z.infer<typeof datasetMetaSchema>;

/** A dataset as a worker receives it: where the folder is and which content it must hold. */
export const datasetRefSchema = z.object({ id: z.string(), dir: z.string(), hash: z.string() });
export type DatasetRef = z.infer<typeof datasetRefSchema>;

/** What a list shows of a dataset. */
export const datasetSummarySchema = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  /** null while it was not generated or unpacked yet */
  meta: datasetMetaSchema.nullable(),
});
export type DatasetSummary = z.infer<typeof datasetSummarySchema>;

export const datasetPreviewSchema = z.object({
  meta: datasetMetaSchema,
  /** rows of each class in class order; empty for regression */
  classCounts: z.array(z.int()),
  samples: z.array(
    z.object({
      row: z.int(),
      /** class index, or the regression target */
      target: z.number(),
      /** features or pixels as a model receives them (scaled), in the C order of `meta.shape` */
      values: z.array(z.number()),
    }),
  ),
});
export type DatasetPreview = z.infer<typeof datasetPreviewSchema>;

export const datasetsContract = {
  list: method(z.object({}), z.array(datasetSummarySchema)),
  /** Makes sure that the dataset is there and tells its facts. */
  describe: method(z.object({ id: z.string() }), datasetMetaSchema),
  /** Samples spread evenly over the rows. */
  preview: method(z.object({ id: z.string(), count: z.int().min(1).max(500).default(40) }), datasetPreviewSchema),
} as const;
export type DatasetsService = ServiceOf<typeof datasetsContract>;
