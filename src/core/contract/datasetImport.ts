import { z } from 'zod';
import { taskSchema } from './task.ts';

/** Which rows a part of the data holds: the numbers that `parts.npy` of a dataset folder stores. */
export const dataParts = ['train', 'validation', 'test'] as const;
export type DataPart = (typeof dataParts)[number];

/** numeric: the number itself. oneHot: one feature per value. ordinal: the place of the value in sorted order. */
export const encodings = ['numeric', 'oneHot', 'ordinal', 'ignore'] as const;
export type Encoding = (typeof encodings)[number];

/** What is done with a feature that is missing or infinite. mean: the mean of its training rows. */
export const missingPolicies = ['mean', 'zero', 'dropRow', 'refuse'] as const;
export const normalizeKinds = ['standardize', 'minMax', 'none'] as const;

/**
 * How rows are dealt into parts. random: each row alike. stratified: each class in its share. fixed: by the files, folders
 * or arrays they came from. column: by a column that says "train", "validation" or "test". group: at random, but rows with
 * the same value of a column stay together.
 */
export const importSplitSchema = z.object({
  kind: z.enum(['random', 'stratified', 'fixed', 'column', 'group']),
  /** share of the rows, 0 for none */
  test: z.number().min(0).max(0.9),
  /** share of the rows, 0 for none: then a run takes its own out of the training part */
  validation: z.number().min(0).max(0.9).default(0),
  seed: z.int().min(0).default(0),
  /** name of the column, for column and group; it is no feature then */
  column: z.string().optional(),
});
export type ImportSplit = z.infer<typeof importSplitSchema>;

export const imageChoicesSchema = z.object({
  height: z.int().min(1).max(4_096),
  width: z.int().min(1).max(4_096),
  channels: z.union([z.literal(1), z.literal(3)]),
  /** how an image of another size is fitted: cut at the edges, stretched, or with black bars */
  fit: z.enum(['crop', 'stretch', 'pad']),
  /** what happens when one image cannot be read */
  onCorrupt: z.enum(['skip', 'stop']),
  /** leaves the images where they are and decodes them when they are needed, as is done with very large folders */
  link: z.boolean(),
});
export type ImageChoices = z.infer<typeof imageChoicesSchema>;

/** How delimited text is written, where the guess is wrong. */
export const textChoicesSchema = z.object({
  delimiter: z.enum([',', ';', '\t', '|', ' ']),
  decimal: z.enum(['.', ',']),
  hasHeader: z.boolean(),
  encoding: z.enum(['utf-8', 'utf-16le', 'utf-16be', 'windows-1252']),
});
export type TextChoices = z.infer<typeof textChoicesSchema>;

/** What a user decides about an import. What is left out is guessed from the data. */
export const importChoicesSchema = z.object({
  paths: z.array(z.string().min(1)).min(1).max(10_000),
  name: z.string().min(1).max(200).optional(),
  /** column, or name of an array, that holds the targets */
  target: z.string().optional(),
  task: taskSchema.optional(),
  /** encodings of columns by name */
  encodings: z.record(z.string(), z.enum(encodings)).optional(),
  missing: z.enum(missingPolicies).optional(),
  normalize: z.enum(normalizeKinds).optional(),
  split: importSplitSchema.optional(),
  /** share of the rows of the test part, when `split` is left out */
  testFraction: z.number().min(0).max(0.9).optional(),
  /** sheet of a workbook */
  sheet: z.string().optional(),
  /** name of the array, or of the dataset inside an HDF5 file, that holds the samples */
  samples: z.string().optional(),
  text: textChoicesSchema.partial().optional(),
  images: imageChoicesSchema.partial().optional(),
});
export type ImportChoices = z.infer<typeof importChoicesSchema>;

/** Something about the data that the user should know. */
export const importWarningSchema = z.object({
  kind: z.enum([
    'missingValues',
    'infiniteValues',
    'droppedRows',
    'constantColumn',
    'idColumn',
    'leakingColumn',
    'tooManyValues',
    'oneClass',
    'imbalance',
    'duplicates',
    'encoding',
    'precision',
    'skippedFile',
    'resized',
    'ignored',
    'split',
    'sameData',
  ]),
  message: z.string(),
});
export type ImportWarning = z.infer<typeof importWarningSchema>;

export const columnSummarySchema = z.object({
  name: z.string(),
  /** mixed: numbers and text in one column */
  type: z.enum(['number', 'integer', 'text', 'mixed', 'date', 'empty']),
  missing: z.int(),
  infinite: z.int(),
  /** different values; null when there are too many to count */
  distinct: z.int().nullable(),
  minimum: z.number().nullable(),
  maximum: z.number().nullable(),
  mean: z.number().nullable(),
  /** the most common values of a column with few of them, with their counts */
  top: z.array(z.object({ value: z.string(), count: z.int() })),
  /** of an ordinal feature, once it is imported: its values in the order of their numbers */
  values: z.array(z.string()).optional(),
  /** counts over equal intervals from minimum to maximum; empty for text */
  histogram: z.array(z.int()),
  role: z.enum(['target', 'feature', 'ignored']),
  encoding: z.enum(encodings),
});
export type ColumnSummary = z.infer<typeof columnSummarySchema>;

/** Images among those that were looked at. */
export const foundImagesSchema = z.object({
  /** a few of each class as they will be stored, for at most some dozens of classes */
  samples: z.array(
    z.object({
      className: z.string(),
      /** name of the file, for people */
      file: z.string(),
      /** `data:image/png;base64,...`, at most 96 pixels wide and high, in the size, colours and fit of the choices */
      dataUrl: z.string().startsWith('data:image/'),
    }),
  ),
  /** sizes before they are fitted, the most common first, some dozens at most */
  sizes: z.array(z.object({ width: z.int(), height: z.int(), count: z.int() })),
  /** whether they can stay where they are instead of being copied */
  canLink: z.boolean(),
});
export type FoundImages = z.infer<typeof foundImagesSchema>;

/** What is found in files before they are imported. */
export const inspectionSchema = z.object({
  /** one line for people: "CSV, comma separated, gzip" */
  format: z.string(),
  kind: z.enum(['table', 'arrays', 'images']),
  files: z.array(z.string()),
  /** null when not all was read */
  rows: z.int().nullable(),
  /** whether the facts are of the first rows only */
  isPartial: z.boolean(),
  columns: z.array(columnSummarySchema),
  /** arrays of a NumPy archive, datasets of an HDF5 file */
  arrays: z.array(z.object({ name: z.string(), type: z.string(), shape: z.array(z.int()) })),
  /** sheets of a workbook */
  sheets: z.array(z.string()),
  /** rows of each class in class order; empty for regression */
  classes: z.array(z.object({ name: z.string(), count: z.int() })),
  /** first rows of a table as text */
  preview: z.array(z.array(z.string())),
  images: foundImagesSchema.optional(),
  /** choices made without asking, complete */
  guess: importChoicesSchema,
  warnings: z.array(importWarningSchema),
});
export type Inspection = z.infer<typeof inspectionSchema>;

export const importProgressSchema = z.object({
  /** what is being done: "reading", "writing" */
  stage: z.string(),
  /** share of the stage done, 0 to 1 */
  share: z.number(),
  rows: z.int(),
  etaSeconds: z.number().nullable(),
});
export type ImportProgress = z.infer<typeof importProgressSchema>;

/** How an imported dataset was made: kept beside its numbers in `import.json` and shown later. */
export const importRecordSchema = z.object({
  format: z.string(),
  files: z.array(z.string()),
  /** the choices that were in force, complete */
  choices: importChoicesSchema,
  warnings: z.array(importWarningSchema),
  /** the columns of a table as they were read, or nothing */
  columns: z.array(columnSummarySchema).default([]),
});
export type ImportRecord = z.infer<typeof importRecordSchema>;

/** Names one import for its progress and for cancelling it: chosen by whoever starts it, and different for each. */
export const importIdSchema = z.string().min(1).max(64);
