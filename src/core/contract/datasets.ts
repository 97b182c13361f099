import { z } from 'zod';
import {
  importChoicesSchema,
  importIdSchema,
  importProgressSchema,
  importRecordSchema,
  importWarningSchema,
  inspectionSchema,
} from './datasetImport.ts';
import { method, type EventsOf, type ServiceOf } from './service.ts';
import { taskSchema } from './task.ts';

export { taskSchema, type Task } from './task.ts';

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
  /**
   * Images that stay where they are and are decoded when they are needed: `files.txt` then stands in place of x.npy, a
   * line for each row: bytes of the file and its path below `root`, as the file system spells it.
   */
  linked: z.object({ root: z.string(), fit: z.enum(['crop', 'stretch', 'pad']) }).optional(),
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
  /** comes with the workbench and cannot be renamed or deleted */
  isBuiltin: z.boolean(),
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
      /** features or pixels as a model receives them (scaled), in the C order of `shape` */
      values: z.array(z.number()),
    }),
  ),
  /** of every sample's values: that of the dataset, or of smaller pictures where many large ones are shown */
  shape: z.array(z.int().min(1)),
});
export type DatasetPreview = z.infer<typeof datasetPreviewSchema>;

/** A dataset with everything that is known of how it was made and who uses it. */
export const datasetDetailsSchema = z.object({
  meta: datasetMetaSchema,
  /** null for a built-in dataset */
  record: importRecordSchema.nullable(),
  /** null while a built-in dataset was not made yet */
  createdAtMs: z.number().nullable(),
  /** folder of meta.json, x.npy and y.npy */
  dir: z.string(),
  /** what that folder takes on disk */
  bytes: z.int(),
  /** names of the runs that were trained on it, those in the trash included */
  runs: z.array(z.string()),
});
export type DatasetDetails = z.infer<typeof datasetDetailsSchema>;

export const exportFormats = ['npz', 'csv'] as const;
export type ExportFormat = (typeof exportFormats)[number];

const nameSchema = z.string().trim().min(1).max(200);

export const datasetsContract = {
  list: method(z.object({}), z.array(datasetSummarySchema)),
  /** Makes sure that the dataset is there and tells its facts. */
  describe: method(z.object({ id: z.string() }), datasetMetaSchema),
  /** Samples spread evenly over the rows. */
  preview: method(z.object({ id: z.string(), count: z.int().min(1).max(500).default(40) }), datasetPreviewSchema),
  /**
   * Looks at files: what they are, what is guessed, what is odd. Rejects with `fileUnreadable`, `unknownFormat`,
   * `unsafeArchive`, `fileChanged`, `badUsage` for a choice that does not fit, or `cancelled`.
   */
  inspect: method(z.object({ importId: importIdSchema, choices: importChoicesSchema }), inspectionSchema),
  /** Imports files; what the choices leave out is guessed. Rejects with what `inspect` does, or `diskFull`; nothing is left then. */
  import: method(
    z.object({ importId: importIdSchema, choices: importChoicesSchema }),
    z.object({
      meta: datasetMetaSchema,
      warnings: z.array(importWarningSchema),
      /** false when the same data was there already */
      isNew: z.boolean(),
    }),
  ),
  /** Ends an `inspect` or `import` under way, which rejects with `cancelled`. Answers whether there was one. */
  cancelImport: method(z.object({ importId: importIdSchema }), z.object({ wasRunning: z.boolean() })),
  details: method(z.object({ id: z.string() }), datasetDetailsSchema),
  /**
   * Writes a dataset to a file on the machine of the host. npz: x, y and, if there are parts, parts. csv: one row per
   * sample. Rejects with `conflict` when the file is there and may not be replaced.
   */
  export: method(
    z.object({
      id: z.string(),
      /** for its progress and for cancelling it, as with an import */
      importId: importIdSchema.optional(),
      path: z.string().min(1),
      format: z.enum(exportFormats),
      overwrite: z.boolean().default(false),
    }),
    z.object({ path: z.string(), bytes: z.int() }),
  ),
  /** Changes the shown name; the id stays, because runs name it. Built-in datasets keep theirs. */
  rename: method(z.object({ id: z.string(), name: nameSchema }), datasetMetaSchema),
  /**
   * Deletes an imported dataset with its files. Rejects with `conflict` and the names of the runs (`details.runs`) when
   * runs were trained on it, unless forced; such runs keep their curves but cannot go on.
   */
  delete: method(z.object({ id: z.string(), force: z.boolean().default(false) }), z.object({})),
} as const;
export type DatasetsService = ServiceOf<typeof datasetsContract>;

export const datasetsEvents = {
  importProgress: importProgressSchema.extend({ importId: importIdSchema }),
  /** datasets were imported, renamed or deleted: `list` answers otherwise than before */
  datasetsChanged: z.object({}),
} as const;
export type DatasetsEvents = EventsOf<typeof datasetsEvents>;
