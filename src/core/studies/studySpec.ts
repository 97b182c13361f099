import { z } from 'zod';
import { optimizerIds, findOptimizer } from '../optimizers/catalogue.ts';
import { nearestName } from '../text/nearestName.ts';
import { AppError } from '../errors.ts';
import { configProblems } from '../contract/runConfig.ts';
import { searchSchema, settingValueSchema } from './axes.ts';

/** One of the optimizers that a study compares, with what it alone needs: its own hyperparameters, rates and p. */
export const studyOptimizerSchema = z
  .strictObject({
    id: z.string(),
    /** what tables call it; the optimizer's name when left out */
    label: z.string().min(1).max(100).optional(),
    /** settings by dotted path: {"learningRate.base": 0.01, "optimizer.hyperparameters.weightDecay": 0.001} */
    settings: z.record(z.string(), settingValueSchema).default({}),
  })
  .transform((value, context) => {
    if (optimizerIds.includes(value.id)) {
      // always in this order: a study that is asked for again is known by its text
      const { id, label = findOptimizer(id).name, settings } = value;
      return { id, label, settings };
    }
    const near = nearestName(value.id, optimizerIds);
    context.addIssue({
      code: 'custom',
      path: ['id'],
      message: `there is no optimizer "${value.id}"${near ? `; did you mean "${near}"?` : ''} Known: ${optimizerIds.join(', ')}`,
    });
    return z.NEVER;
  });
export type StudyOptimizer = z.output<typeof studyOptimizerSchema>;

export const stoppingSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  z.strictObject({
    kind: z.literal('median'),
    /** never before so many epochs */
    minEpochs: z.int().min(1).default(5),
    /** and never before so many other runs of the same seed came that far */
    minRuns: z.int().min(2).default(4),
  }),
]);
export type Stopping = z.output<typeof stoppingSchema>;

export const objectiveSchema = z.strictObject({
  /** the metric that settings are judged by, at the end of a run; it must be measured once per epoch */
  metric: z.string().min(1).default('testAccuracy'),
  direction: z.enum(['maximize', 'minimize']).default('maximize'),
  /** a second metric to report for the settings that the first one chose; null for none */
  report: z.string().min(1).nullable().default(null),
});
export type Objective = z.output<typeof objectiveSchema>;

/** Where a study came from, so that its result can be set beside the paper's. */
export const studyOriginSchema = z.strictObject({
  recipe: z.string(),
  /** the paper's own data, or the bundled digits in their place */
  binding: z.enum(['paper', 'digits']),
  scale: z.strictObject({
    dataFraction: z.number().positive().max(1),
    epochs: z.int().min(1),
    width: z.number().positive(),
  }),
});
export type StudyOrigin = z.output<typeof studyOriginSchema>;

/**
 * What a study trains: a base configuration, several optimizers with settings of their own, a search over further
 * settings, and all of it once per seed. Runs follow from it alone, see `planStudy`.
 */
export const studySpecSchema = z.strictObject({
  version: z.literal(1).default(1),
  /** what a user may write of a run configuration; optimizers, points and seeds are put over it */
  base: z.record(z.string(), z.unknown()).default({}),
  optimizers: z.array(studyOptimizerSchema).min(1, 'a study needs at least one optimizer').max(40),
  seeds: z
    .array(
      z
        .int()
        .min(0)
        .max(2 ** 32 - 1),
    )
    .min(1, 'a study needs at least one seed')
    .max(100)
    .refine((seeds) => new Set(seeds).size === seeds.length, 'a seed is named twice'),
  search: searchSchema.default({ kind: 'none' }),
  objective: objectiveSchema.prefault({}),
  stopping: stoppingSchema.default({ kind: 'none' }),
  origin: studyOriginSchema.nullable().default(null),
});
export type StudySpec = z.output<typeof studySpecSchema>;
export type StudySpecInput = z.input<typeof studySpecSchema>;

/** Completes and checks a study. Throws AppError `badConfig` with every problem in `details.problems`. */
export function parseStudySpec(input: unknown): StudySpec {
  const result = studySpecSchema.safeParse(input);
  const labels = result.data?.optimizers.map(({ label }) => label) ?? [];
  const repeated = labels.find((label, i) => labels.indexOf(label) !== i);
  const problems = result.success
    ? repeated === undefined
      ? []
      : [`two optimizers are called "${repeated}"; give each a label of its own`]
    : configProblems(result.error);
  if (result.data && problems.length === 0) return result.data;
  throw new AppError('badConfig', `The study is not valid: ${problems.join('; ')}.`, { details: { problems } });
}
