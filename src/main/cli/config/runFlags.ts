import { z } from 'zod';
import { augmentationPresetIds } from '../../../core/augmentation/augmentationConfig.ts';
import { augmentationCatalogue } from '../../../core/augmentation/catalogue.ts';
import { modelCatalogue } from '../../../core/models/catalogue.ts';
import { optimizerCatalogue } from '../../../core/optimizers/catalogue.ts';
import { weightDecayScopes } from '../../../core/optimizers/weightDecayScope.ts';
import { learningRateKinds } from '../../../core/schedules/learningRateSchedule.ts';
import { pScheduleKinds } from '../../../core/schedules/pSchedule.ts';
import { flagNameOf } from '../flags/flagSpec.ts';
import type { FlagSpec } from '../flags/flagSpec.ts';

/** A flag that sets one field of a run configuration. */
export interface ConfigFlag extends FlagSpec {
  /** the field's place in a run configuration */
  path: readonly string[];
  /** ids of the optimizers (or models) that have the field; every one when left out */
  ownedBy?: readonly string[];
}

const groups = {
  data: 'Data',
  augmentation: 'Augmentation of training images',
  model: 'Model',
  optimizer: 'Optimizer',
  learningRate: 'Learning rate',
  p: 'p schedule (LPSGD and LPSGDM)',
  training: 'Training',
  keeping: 'Evaluation and checkpoints',
} as const;

function flag(
  name: string,
  path: string,
  kind: FlagSpec['kind'],
  group: string,
  description: string,
  more: Partial<FlagSpec> = {},
): ConfigFlag {
  return { name, path: path.split('.'), kind, group, description, ...more };
}

const textOf = ({ value }: { value?: unknown }): string => (value === undefined ? 'automatic' : String(value));

/** "0.9, adam 0.99": the most common default first, then those that differ. */
function defaultsText(defaults: readonly { id: string; value?: unknown }[]): string {
  const values = [...new Set(defaults.map(textOf))];
  if (values.length === 1) return values[0]!;
  return values
    .map(
      (value) =>
        `${value} of ${defaults
          .filter((d) => textOf(d) === value)
          .map((d) => d.id)
          .join(', ')}`,
    )
    .join('; ');
}

/** One flag per hyperparameter name; optimizers that share a name share the flag. */
const hyperparameterFlags: readonly ConfigFlag[] = [
  ...new Set(optimizerCatalogue.flatMap((spec) => spec.hyperparameters.map(({ key }) => key))),
].map((key) => {
  const owners = optimizerCatalogue.flatMap((spec) =>
    spec.hyperparameters.filter((hyperparameter) => hyperparameter.key === key).map((found) => ({ spec, found })),
  );
  const { label, kind } = owners[0]!.found;
  const names = owners.length === optimizerCatalogue.length ? '' : ` of ${owners.map((o) => o.spec.name).join(', ')}`;
  return {
    name: flagNameOf(key),
    path: ['optimizer', 'hyperparameters', key],
    kind: kind === 'switch' ? 'switch' : 'number',
    group: groups.optimizer,
    description: `${label}${names}`,
    defaultText: defaultsText(owners.map(({ spec, found }) => ({ id: spec.id, value: found.default }))),
    ownedBy: owners.map(({ spec }) => spec.id),
  };
});

const pOwners = optimizerCatalogue.filter((spec) => spec.usesPSchedule).map((spec) => spec.id);

const optionSchema = z.object({
  properties: z.record(
    z.string(),
    z.object({
      type: z.string(),
      description: z.string().default(''),
      default: z.unknown().optional(),
      enum: z.array(z.string()).optional(),
    }),
  ),
});

const optionKinds: Readonly<Record<string, FlagSpec['kind']>> = { array: 'numbers', boolean: 'switch', string: 'text' };

/** One flag per option of the models; models that share a name share the flag. */
export const modelOptionFlags: readonly ConfigFlag[] = (() => {
  const options = modelCatalogue.flatMap((model) => {
    const { properties } = optionSchema.parse(z.toJSONSchema(model.options, { io: 'input' }));
    return Object.entries(properties).map(([key, property]) => ({ id: model.id, key, ...property }));
  });
  return [...new Set(options.map(({ key }) => key))].map((key): ConfigFlag => {
    const owners = options.filter((option) => option.key === key);
    const { type, description, enum: choices } = owners[0]!;
    return {
      name: flagNameOf(key),
      path: ['model', 'options', key],
      kind: optionKinds[type] ?? 'number',
      ...(choices ? { choices, placeholder: 'KIND' } : {}),
      group: groups.model,
      description: `${description}, for ${owners.map(({ id }) => id).join(', ')}`,
      defaultText: defaultsText(owners.map(({ id, default: value }) => ({ id, value }))),
      ownedBy: owners.map(({ id }) => id),
    };
  });
})();

const optimizerFlag = flag('optimizer', 'optimizer.id', 'text', groups.optimizer, 'see: lp-workbench optimizers list', {
  placeholder: 'ID',
  defaultText: 'lpsgdm',
});

const learningRateFlags: readonly ConfigFlag[] = [
  flag('lr', 'learningRate.base', 'number', groups.learningRate, "the largest learning rate (default the optimizer's)"),
  flag('lr-schedule', 'learningRate.kind', 'text', groups.learningRate, 'how it decays', {
    choices: learningRateKinds,
    defaultText: 'cosine',
    placeholder: 'KIND',
  }),
  flag('lr-end', 'learningRate.end', 'number', groups.learningRate, 'where the decay ends', { defaultText: '0' }),
  flag(
    'warmup',
    'learningRate.warmup.length',
    'number',
    groups.learningRate,
    'length of the linear warm-up; 0 is none',
    {
      defaultText: '5 epochs, at most an eighth of the run',
    },
  ),
  flag('warmup-unit', 'learningRate.warmup.unit', 'text', groups.learningRate, 'what the warm-up counts', {
    choices: ['epochs', 'steps'],
    defaultText: 'epochs',
    placeholder: 'UNIT',
  }),
  flag('lr-per', 'learningRate.per', 'text', groups.learningRate, 'when the decay moves', {
    choices: ['epoch', 'step'],
    defaultText: 'step',
    placeholder: 'UNIT',
  }),
  flag('lr-gamma', 'learningRate.gamma', 'number', groups.learningRate, 'factor per stair of the step schedule', {
    defaultText: '0.1',
  }),
  flag('lr-step-epochs', 'learningRate.stepEveryEpochs', 'number', groups.learningRate, 'epochs per stair', {
    defaultText: 'a third of the epochs',
  }),
];

const pFlags: readonly ConfigFlag[] = [
  flag('p-max', 'pSchedule.pMax', 'number', groups.p, 'p at the start', { defaultText: '6' }),
  flag('p-end', 'pSchedule.pEnd', 'number', groups.p, 'p at the end', { defaultText: '2' }),
  flag('p-schedule', 'pSchedule.kind', 'text', groups.p, 'how p goes from start to end', {
    choices: pScheduleKinds,
    defaultText: 'cosine',
    placeholder: 'KIND',
  }),
  flag('p-per', 'pSchedule.per', 'text', groups.p, 'when p moves', {
    choices: ['epoch', 'step'],
    defaultText: 'epoch',
    placeholder: 'UNIT',
  }),
  flag('p-horizon', 'pSchedule.horizonEpochs', 'number', groups.p, 'epochs over which p anneals', {
    defaultText: 'all of the run',
  }),
  flag('p-gamma', 'pSchedule.gamma', 'number', groups.p, 'factor of the step and exponential schedules'),
  flag('p-step-epochs', 'pSchedule.stepEveryEpochs', 'number', groups.p, 'epochs per stair of the step schedule', {
    defaultText: 'a quarter of the horizon',
  }),
].map((pFlag) => ({ ...pFlag, ownedBy: pOwners }));

/** Flags of an optimizer, its learning rate and its p: what a training run and a toy descent have in common. */
export const optimizationFlags: readonly ConfigFlag[] = [
  optimizerFlag,
  ...hyperparameterFlags,
  ...learningRateFlags,
  ...pFlags,
];

const augmentationFlags: readonly ConfigFlag[] = [
  flag('augmentation', 'augmentation.preset', 'text', groups.augmentation, 'what the flags below start from', {
    choices: augmentationPresetIds,
    defaultText: 'none',
    placeholder: 'PRESET',
  }),
  ...augmentationCatalogue.map(({ key, description, off }) =>
    flag(flagNameOf(key), `augmentation.${key}`, 'number', groups.augmentation, description, {
      defaultText: String(off),
    }),
  ),
];

/** Every flag that sets a field of a run configuration. */
export const runFlags: readonly ConfigFlag[] = [
  flag('dataset', 'dataset.id', 'text', groups.data, 'which data to train on', {
    defaultText: 'digits',
    placeholder: 'ID',
  }),
  flag('test', 'split.test', 'number', groups.data, 'share of the rows held out to report on', { defaultText: '0.2' }),
  flag('validation', 'split.validation', 'number', groups.data, 'share of the rows held out to choose by', {
    defaultText: '0',
  }),
  flag('split-seed', 'split.seed', 'number', groups.data, 'seed of the split, the same for all training seeds', {
    defaultText: '0',
  }),
  ...augmentationFlags,
  flag('model', 'model.preset', 'text', groups.model, 'see: lp-workbench models list', {
    defaultText: 'mlp',
    placeholder: 'ID',
  }),
  ...modelOptionFlags,
  ...optimizationFlags,
  flag('epochs', 'epochs', 'number', groups.training, 'passes over the training part', { defaultText: '40' }),
  flag('batch-size', 'batchSize', 'number', groups.training, 'samples per step', { defaultText: '128' }),
  flag('seed', 'seed', 'number', groups.training, 'seed of initialisation, batch order and dropout', {
    defaultText: '0',
  }),
  flag(
    'weight-decay-scope',
    'weightDecayScope',
    'text',
    groups.optimizer,
    'what decays: everything, or weights alone',
    {
      choices: weightDecayScopes,
      defaultText: 'all',
      placeholder: 'SCOPE',
    },
  ),
  flag('loss', 'loss', 'text', groups.training, 'what is minimised', {
    choices: ['auto', 'crossEntropy', 'mse', 'mae'],
    defaultText: 'auto',
    placeholder: 'KIND',
  }),
  flag('device', 'device', 'text', groups.training, 'see: lp-workbench devices', {
    defaultText: 'auto',
    placeholder: 'ID',
  }),
  flag('threads', 'threads', 'number', groups.training, 'compute threads; 0 lets the device choose', {
    defaultText: '0',
  }),
  flag(
    'early-stopping',
    'earlyStopping.patienceEpochs',
    'number',
    groups.training,
    'end after so many epochs without progress',
  ),
  flag('monitor', 'earlyStopping.monitor', 'text', groups.training, 'what early stopping watches', {
    choices: ['validationLoss', 'validationAccuracy', 'trainLoss'],
    defaultText: 'validationLoss',
    placeholder: 'METRIC',
  }),
  flag('min-delta', 'earlyStopping.minDelta', 'number', groups.training, 'least change that counts as progress', {
    defaultText: '0',
  }),
  flag('eval-every', 'evaluation.everyEpochs', 'number', groups.keeping, 'epochs between evaluations', {
    defaultText: '1',
  }),
  flag('eval-batch-size', 'evaluation.batchSize', 'number', groups.keeping, 'samples per evaluation batch', {
    defaultText: '512',
  }),
  flag('checkpoint-every', 'checkpoint.everyEpochs', 'number', groups.keeping, 'epochs between checkpoints', {
    defaultText: '1',
  }),
  flag(
    'checkpoint-seconds',
    'checkpoint.everySeconds',
    'number',
    groups.keeping,
    'seconds between checkpoints within an epoch; 0 is never',
    {
      defaultText: '30',
    },
  ),
  flag('keep-last', 'checkpoint.keepLast', 'number', groups.keeping, 'checkpoints kept, newest first', {
    defaultText: '2',
  }),
  flag('keep-best', 'checkpoint.keepBest', 'switch', groups.keeping, 'keep the best checkpoint too', {
    defaultText: 'on',
  }),
];
