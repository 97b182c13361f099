import { z } from 'zod';
import {
  importChoicesSchema,
  importProgressSchema,
  importWarningSchema,
  inspectionSchema,
} from '../../../core/contract/datasetImport.ts';
import { datasetMetaSchema, exportFormats } from '../../../core/contract/datasets.ts';
import { failureSchema } from '../../../core/contract/runs.ts';

/** Whether the files go once they are imported, so that nothing of them can stay where it is. */
const areTemporarySchema = z.boolean().optional();

/** What the import process is asked to do; one request per process. */
export const importRequestSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('inspect'),
    choices: importChoicesSchema,
    tempDir: z.string(),
    areTemporary: areTemporarySchema,
  }),
  z.object({
    kind: z.literal('import'),
    choices: importChoicesSchema,
    tempDir: z.string(),
    areTemporary: areTemporarySchema,
    id: z.string(),
    name: z.string(),
  }),
  z.object({
    kind: z.literal('export'),
    /** folder of the dataset */
    dir: z.string(),
    path: z.string(),
    /** the file while it is not whole, which whoever asks removes */
    partial: z.string(),
    format: z.enum(exportFormats),
    overwrite: z.boolean(),
  }),
]);
export type ImportRequest = z.infer<typeof importRequestSchema>;

/** What it answers: any number of `progress`, then one of the others. */
export const importReplySchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('progress'), progress: importProgressSchema }),
  z.object({ kind: z.literal('inspected'), inspection: inspectionSchema }),
  z.object({
    kind: z.literal('imported'),
    meta: datasetMetaSchema,
    /** the folder, still to be moved to its place */
    dir: z.string(),
    warnings: z.array(importWarningSchema),
  }),
  z.object({ kind: z.literal('exported'), path: z.string(), bytes: z.int() }),
  z.object({ kind: z.literal('failed'), error: failureSchema }),
]);
export type ImportReply = z.infer<typeof importReplySchema>;
