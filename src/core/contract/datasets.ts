import { z } from 'zod';

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
});
export type DatasetMeta = z.infer<typeof datasetMetaSchema>;

/** A dataset as a worker receives it: where the folder is and which content it must hold. */
export const datasetRefSchema = z.object({ id: z.string(), dir: z.string(), hash: z.string() });
export type DatasetRef = z.infer<typeof datasetRefSchema>;
