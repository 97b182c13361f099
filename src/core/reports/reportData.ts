import { z } from 'zod';
import { datasetMetaSchema } from '../contract/datasets.ts';
import { evaluationSchema } from '../contract/results.ts';
import { runConfigSchema } from '../contract/runConfig.ts';

const value = z.number().nullable();
const summarySchema = z.object({
  count: z.int(),
  mean: z.number(),
  /** sample standard deviation over the seeds; null for one */
  spread: value,
  /** 95 % interval of the mean (Student's t); null for one seed */
  interval: z.object({ low: z.number(), high: z.number() }).nullable(),
});
export type ReportSummary = z.infer<typeof summarySchema>;

const runFactsSchema = z.object({
  id: z.string(),
  name: z.string(),
  note: z.string(),
  tags: z.array(z.string()),
  status: z.string(),
  /** why it failed, if it did */
  failure: z.string().nullable(),
  seed: z.int(),
  /** place of its group in `groups` */
  group: z.int(),
  device: z.string().nullable(),
  softwareVersion: z.string(),
  parameterCount: z.int().nullable(),
  datasetHash: z.string().nullable(),
  step: z.int(),
  totalSteps: z.int().nullable(),
  trainSeconds: z.number(),
  createdAtMs: z.number(),
  config: runConfigSchema,
  /** the command that repeats it; null for a run of another program */
  command: z.string().nullable(),
  /** settings of a run that another program trained */
  hyperparameters: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).nullable(),
  /** last value of every metric */
  final: z.record(z.string(), value),
  /** best value of every metric that is measured once an epoch, and its step */
  best: z.record(z.string(), z.object({ value: z.number(), step: z.int() })),
});
export type ReportRun = z.infer<typeof runFactsSchema>;

/** An experiment of the paper beside what came out here; the claim card of a study. */
const besidePaperSchema = z.object({
  recipe: z.string(),
  title: z.string(),
  /** where it stands in the paper */
  place: z.string(),
  conclusion: z.string(),
  /** test accuracies as shares */
  lines: z.array(
    z.object({
      label: z.string(),
      paper: z.object({ accuracy: z.number(), spread: value }).nullable(),
      /** the setting of the study that stands for it */
      setting: z.string().nullable(),
      ours: summarySchema.nullable(),
      /** ours minus the paper's, on the paper's own data only */
      difference: value,
    }),
  ),
  /** what came out, in sentences */
  findings: z.array(z.string()),
  /** everything in which the study differs from the paper */
  deviations: z.array(z.string()),
  /** what the paper leaves open */
  open: z.array(z.object({ question: z.string(), chosen: z.string() })),
  /** the command that repeats it */
  command: z.string(),
});
export type BesidePaper = z.infer<typeof besidePaperSchema>;

const columns = z.array(value);
const curveSchema = z.object({
  key: z.string(),
  title: z.string(),
  isLog: z.boolean(),
  lines: z.array(
    z.object({
      label: z.string(),
      /** runs behind it; of several, mean and range are drawn */
      runIds: z.array(z.string()),
      xs: z.array(z.number()),
      means: columns,
      lows: columns,
      highs: columns,
      /** points that were measured */
      totalPoints: z.int(),
    }),
  ),
});
export type ReportCurve = z.infer<typeof curveSchema>;

/** All that a report says; the JSON format is this. A change of meaning raises the version. */
export const reportDataSchema = z.object({
  format: z.literal('lp-workbench-report'),
  version: z.literal(1),
  kind: z.enum(['run', 'comparison', 'study']),
  title: z.string(),
  /** Markdown of the author */
  notes: z.string(),
  createdAtMs: z.number(),
  softwareVersion: z.string(),
  /** what can be said, with its uncertainty */
  verdict: z.object({ sentence: z.string(), rule: z.string() }),
  studyId: z.string().nullable(),
  /** for a study that a recipe made; null for all others */
  besidePaper: besidePaperSchema.nullable(),
  runs: z.array(runFactsSchema).min(1),
  /** runs that differ in nothing but the seed */
  groups: z.array(
    z.object({
      label: z.string(),
      runIds: z.array(z.string()),
      seeds: z.array(z.int()),
      final: z.record(z.string(), summarySchema),
    }),
  ),
  /** the best group against each other one, seed for seed; p is adjusted for all pairs (Holm) */
  comparisons: z.array(
    z.object({
      best: z.string(),
      other: z.string(),
      metric: z.string(),
      seeds: z.int(),
      difference: z.number(),
      interval: z.object({ low: z.number(), high: z.number() }).nullable(),
      p: value,
    }),
  ),
  /** settings in which the groups differ: one value a group */
  differences: z.array(
    z.object({ name: z.string(), values: z.array(z.union([z.string(), z.number(), z.boolean(), z.null()])) }),
  ),
  x: z.enum(['epoch', 'step']),
  curves: z.array(curveSchema),
  evaluations: z.array(evaluationSchema),
  datasets: z.array(datasetMetaSchema),
  /** what could not be put in, in sentences */
  omissions: z.array(z.string()),
});
export type ReportData = z.infer<typeof reportDataSchema>;
