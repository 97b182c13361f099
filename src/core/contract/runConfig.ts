import { z } from 'zod';
import { augmentationSchema } from '../augmentation/augmentationConfig.ts';
import { modelConfigSchema } from '../models/modelConfig.ts';
import { checkHyperparameters, defaultHyperparameters, findOptimizer, optimizerIds } from '../optimizers/catalogue.ts';
import { weightDecayScopes } from '../optimizers/weightDecayScope.ts';
import { learningRateScheduleSchema } from '../schedules/learningRateSchedule.ts';
import { pScheduleSchema } from '../schedules/pSchedule.ts';
import { nearestName } from '../text/nearestName.ts';
import { AppError } from '../errors.ts';

const fraction = (what: string) =>
  z
    .number(`${what} must be a number between 0 and 0.9`)
    .min(0, `${what} must be at least 0`)
    .max(0.9, `${what} must be at most 0.9`);

const wholeNumber = (what: string, least: number) =>
  z.int(`${what} must be a whole number`).min(least, `${what} must be at least ${least}`);

export const splitSchema = z
  .strictObject({
    /** share of all rows held out to choose by (early stopping, best checkpoint) */
    validation: fraction('split.validation').default(0),
    /** share of all rows held out to report on */
    test: fraction('split.test').default(0.2),
    /** one split seed for all training seeds, so that runs of different seeds are judged on the same rows */
    seed: wholeNumber('split.seed', 0).default(0),
    /** share of the training part that is trained on, dealt by `seed`; all of it when left out */
    trainFraction: z
      .number('split.trainFraction must be a number above 0 and at most 1')
      .positive('split.trainFraction must be above 0')
      .max(1, 'split.trainFraction must be at most 1')
      .optional(),
  })
  .refine(
    (s) => s.validation + s.test < 0.95,
    'split.validation and split.test together must leave at least 5 % of the rows for training',
  );

/** Optimizer id plus its hyperparameters; missing ones take the catalogue's defaults, unknown ones are refused. */
export const optimizerConfigSchema = z
  .object({ id: z.string(), hyperparameters: z.record(z.string(), z.union([z.number(), z.boolean()])).default({}) })
  .transform((value, context) => {
    const spec = optimizerIds.includes(value.id) ? findOptimizer(value.id) : undefined;
    if (!spec) {
      const near = nearestName(value.id, optimizerIds);
      context.addIssue({
        code: 'custom',
        path: ['id'],
        message: `there is no optimizer "${value.id}"${near ? `; did you mean "${near}"?` : ''} Known: ${optimizerIds.join(', ')}`,
      });
      return z.NEVER;
    }
    for (const { key, message } of checkHyperparameters(spec, value.hyperparameters)) {
      context.addIssue({ code: 'custom', path: ['hyperparameters', key], message });
    }
    return { id: spec.id, hyperparameters: { ...defaultHyperparameters(spec), ...value.hyperparameters } };
  });

export const earlyStoppingSchema = z.strictObject({
  monitor: z.enum(['validationLoss', 'validationAccuracy', 'trainLoss']).default('validationLoss'),
  patienceEpochs: wholeNumber('earlyStopping.patienceEpochs', 1).default(10),
  minDelta: z.number().min(0).default(0),
});

export const checkpointPolicySchema = z.strictObject({
  everyEpochs: wholeNumber('checkpoint.everyEpochs', 1).default(1),
  /** also in the middle of an epoch, when the last checkpoint is older than this; 0 means only at epoch ends */
  everySeconds: z.number().min(0).default(30),
  keepLast: wholeNumber('checkpoint.keepLast', 1).default(2),
  keepBest: z.boolean().default(true),
});

/**
 * Everything that decides what a run computes. Stored whole and never changed; two runs with equal configurations,
 * dataset hash and software version on a reproducible device end in the same weights.
 */
export const runConfigSchema = z
  .strictObject({
    version: z.literal(1).default(1),
    dataset: z.strictObject({ id: z.string().min(1, 'dataset.id must name a dataset') }).default({ id: 'digits' }),
    split: splitSchema.prefault({}),
    /** random changes of training images, drawn anew for every sample and epoch */
    augmentation: augmentationSchema.prefault({}),
    model: modelConfigSchema.prefault({ preset: 'mlp' }),
    /** weights that were imported with the layers (`transfers.importWeights`); drawn anew when left out */
    initialWeights: z
      .strictObject({ hash: z.string().regex(/^[0-9a-f]{64}$/, 'initialWeights.hash must name imported weights') })
      .optional(),
    /** auto: cross-entropy for classes, mse for regression */
    loss: z.enum(['auto', 'crossEntropy', 'mse', 'mae']).default('auto'),
    optimizer: optimizerConfigSchema.prefault({ id: 'lpsgdm' }),
    /** all: biases and batch norms decay like the weights; weights: only kernels decay */
    weightDecayScope: z.enum(weightDecayScopes, 'weightDecayScope must be all or weights').default('all'),
    /** read by optimizers whose catalogue entry says usesPSchedule */
    pSchedule: pScheduleSchema.prefault({}),
    learningRate: learningRateScheduleSchema.optional(),
    batchSize: wholeNumber('batchSize', 1).default(128),
    epochs: wholeNumber('epochs', 1).default(40),
    seed: wholeNumber('seed', 0)
      .max(2 ** 32 - 1, 'seed must be below 2^32')
      .default(0),
    /** `auto` takes the fastest device that works */
    device: z.string().default('auto'),
    /** compute threads; 0 lets the device choose. One thread makes wasm bit-reproducible */
    threads: wholeNumber('threads', 0).default(0),
    evaluation: z
      .strictObject({
        everyEpochs: wholeNumber('evaluation.everyEpochs', 1).default(1),
        batchSize: wholeNumber('evaluation.batchSize', 1).default(512),
      })
      .prefault({}),
    checkpoint: checkpointPolicySchema.prefault({}),
    earlyStopping: earlyStoppingSchema.nullable().default(null),
  })
  .transform((config) => ({
    ...config,
    learningRate:
      config.learningRate ??
      learningRateScheduleSchema.parse({ base: findOptimizer(config.optimizer.id).defaultLearningRate }),
  }))
  .superRefine((config, context) => {
    const monitor = config.earlyStopping?.monitor ?? '';
    if (monitor.startsWith('validation') && config.split.validation === 0) {
      context.addIssue({
        code: 'custom',
        path: ['earlyStopping'],
        message: `early stopping on ${monitor} needs a validation part: set split.validation, for example to 0.1`,
      });
    }
  });

/** What a user may write: everything optional that has a default. */
export type RunConfigInput = z.input<typeof runConfigSchema>;
/** A complete configuration. */
export type RunConfig = z.output<typeof runConfigSchema>;

/** One line per problem, each led by the field it concerns. */
export function configProblems(error: z.ZodError): string[] {
  return error.issues.map((issue) => {
    const field = issue.path.join('.');
    const isLed =
      field === '' || issue.message.startsWith(String(issue.path.at(-1))) || issue.message.startsWith(field);
    return isLed ? issue.message : `${field}: ${issue.message}`;
  });
}

/** Completes and checks a configuration. Throws AppError `badConfig` with every problem in `details.problems`. */
export function parseRunConfig(input: unknown): RunConfig {
  const result = runConfigSchema.safeParse(input);
  if (result.success) return result.data;
  const problems = configProblems(result.error);
  throw new AppError('badConfig', `The run configuration is not valid: ${problems.join('; ')}.`, {
    details: { problems },
  });
}

/** JSON Schema (draft 2020-12) of what a user may write, for editors and other programs. */
export function runConfigJsonSchema(): unknown {
  return z.toJSONSchema(runConfigSchema, { io: 'input', unrepresentable: 'any' });
}
