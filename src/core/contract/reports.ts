import { z } from 'zod';
import { checkpointChoices } from './results.ts';
import { method, type ServiceOf } from './service.ts';

export const reportFormats = ['html', 'pdf', 'md', 'csv', 'json'] as const;
export type ReportFormat = (typeof reportFormats)[number];

/** Parts of a report, in the order in which they appear. */
export const reportSections = [
  'notes',
  'results',
  'differences',
  'curves',
  'confusion',
  'worst',
  'settings',
  'environment',
  'repeat',
  'formulas',
] as const;
export type ReportSection = (typeof reportSections)[number];

export const reportOptionsSchema = z.object({
  /** the name of what it is about when left out */
  title: z.string().max(300).optional(),
  /** Markdown; HTML in it is shown as it is written, not obeyed */
  notes: z.string().max(100_000).default(''),
  sections: z.array(z.enum(reportSections)).default([...reportSections]),
  /** what the curves run along */
  x: z.enum(['epoch', 'step']).default('epoch'),
  /** factor of the moving average drawn over values of every step */
  smoothing: z.number().min(0).max(0.999).default(0.9),
  /** whether losses are drawn on a logarithmic axis */
  logLoss: z.boolean().default(true),
  /** whose weights are judged for the confusion matrix and the worst samples */
  which: z.enum(checkpointChoices).default('last'),
});
export type ReportOptions = z.output<typeof reportOptionsSchema>;

/** What a report is about: runs, or a study with its runs. */
export const reportSubjectSchema = z.union([
  z.object({ runIds: z.array(z.string()).min(1).max(200) }),
  z.object({ studyId: z.string() }),
]);
export type ReportSubject = z.infer<typeof reportSubjectSchema>;

export const reportTemplateSchema = z.object({
  name: z.string().trim().min(1).max(200),
  options: reportOptionsSchema,
});
export type ReportTemplate = z.output<typeof reportTemplateSchema>;

const asked = { subject: reportSubjectSchema, options: reportOptionsSchema.prefault({}) };

export const reportsContract = {
  /** The HTML of a report, for showing it before it is written. */
  preview: method(z.object(asked), z.object({ html: z.string(), notes: z.array(z.string()) })),
  /**
   * Writes a report. md writes a folder of that name with README.md and pictures, the others one file. What is there is
   * replaced only when asked (`conflict`). Rejects with `notFound` when a PDF is asked for and nothing here can print one.
   */
  create: method(
    z.object({
      ...asked,
      format: z.enum(reportFormats),
      path: z.string().min(1),
      overwrite: z.boolean().default(false),
    }),
    z.object({
      path: z.string(),
      bytes: z.int(),
      /** what could not be put into the report, in sentences */
      notes: z.array(z.string()),
    }),
  ),
  templates: method(z.object({}), z.array(reportTemplateSchema)),
  /** Keeps options under a name; a template of that name is replaced. */
  saveTemplate: method(reportTemplateSchema, reportTemplateSchema),
  removeTemplate: method(z.object({ name: z.string() }), z.object({})),
} as const;
export type ReportsService = ServiceOf<typeof reportsContract>;
