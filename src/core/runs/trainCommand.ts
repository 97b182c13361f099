import { augmentationCatalogue } from '../augmentation/catalogue.ts';
import { parseRunConfig, type RunConfig } from '../contract/runConfig.ts';
import { findOptimizer } from '../optimizers/catalogue.ts';
import { valueAt } from './configFields.ts';

const kebabCase = (key: string): string => key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** What the command line calls a setting. Hyperparameters and model options are called by their own names. */
const flagNames: readonly (readonly [path: string, flag: string])[] = [
  ['split.test', 'test'],
  ['split.validation', 'validation'],
  ['split.seed', 'split-seed'],
  ['weightDecayScope', 'weight-decay-scope'],
  ...augmentationCatalogue.map(({ key }) => [`augmentation.${key}`, kebabCase(key)] as const),
  ['learningRate.base', 'lr'],
  ['learningRate.kind', 'lr-schedule'],
  ['learningRate.end', 'lr-end'],
  ['learningRate.warmup.length', 'warmup'],
  ['learningRate.warmup.unit', 'warmup-unit'],
  ['learningRate.per', 'lr-per'],
  ['learningRate.gamma', 'lr-gamma'],
  ['learningRate.stepEveryEpochs', 'lr-step-epochs'],
  ['pSchedule.pMax', 'p-max'],
  ['pSchedule.pEnd', 'p-end'],
  ['pSchedule.kind', 'p-schedule'],
  ['pSchedule.per', 'p-per'],
  ['pSchedule.horizonEpochs', 'p-horizon'],
  ['pSchedule.gamma', 'p-gamma'],
  ['pSchedule.stepEveryEpochs', 'p-step-epochs'],
  ['epochs', 'epochs'],
  ['batchSize', 'batch-size'],
  ['seed', 'seed'],
  ['loss', 'loss'],
  ['device', 'device'],
  ['threads', 'threads'],
  ['earlyStopping.patienceEpochs', 'early-stopping'],
  ['earlyStopping.monitor', 'monitor'],
  ['earlyStopping.minDelta', 'min-delta'],
  ['evaluation.everyEpochs', 'eval-every'],
  ['evaluation.batchSize', 'eval-batch-size'],
  ['checkpoint.everyEpochs', 'checkpoint-every'],
  ['checkpoint.everySeconds', 'checkpoint-seconds'],
  ['checkpoint.keepLast', 'keep-last'],
  ['checkpoint.keepBest', 'keep-best'],
];

/** Settings that are always spelt out, so that a command says what it trains. */
const alwaysNamed: ReadonlySet<string> = new Set(['learningRate.base', 'epochs', 'seed']);

export interface RunLabels {
  name?: string | undefined;
  tags?: readonly string[] | undefined;
}

/**
 * The arguments after `lp-workbench train` that make this run. Settings at their defaults are left out, and so is the
 * p schedule of an optimizer that does not read it. Null for a model given by its layers, which has no flags.
 */
export function trainArguments(config: RunConfig, labels: RunLabels = {}): string[] | null {
  if (!('preset' in config.model)) return null;
  const { preset, options } = config.model;
  const { id, hyperparameters } = config.optimizer;
  const defaults = parseRunConfig({ dataset: config.dataset, model: { preset }, optimizer: { id } });
  const readsP = findOptimizer(id).usesPSchedule;
  const flags = [
    ...Object.keys(options).map((key) => [`model.options.${key}`, kebabCase(key)] as const),
    ...Object.keys(hyperparameters).map((key) => [`optimizer.hyperparameters.${key}`, kebabCase(key)] as const),
    ...flagNames.filter(([path]) => readsP || !path.startsWith('pSchedule.')),
  ];
  const settings = flags.flatMap(([path, flag]) => {
    const value = valueAt(config, path.split('.'));
    const isDefault = JSON.stringify(value) === JSON.stringify(valueAt(defaults, path.split('.')));
    return value === undefined || (isDefault && !alwaysNamed.has(path)) ? [] : flagArguments(flag, value);
  });
  return [
    '--dataset',
    config.dataset.id,
    '--model',
    preset,
    '--optimizer',
    id,
    ...settings,
    ...(labels.name ? [`--name=${labels.name}`] : []),
    ...(labels.tags ?? []).map((tag) => `--tag=${tag}`),
  ];
}

/** A command that a shell runs as it is. A model given by its layers is written to a file first. */
export function trainCommand(config: RunConfig, labels: RunLabels = {}): string {
  const args = trainArguments(config, labels);
  if (args) return ['npx lp-workbench train', ...args.map(shellQuoted)].join(' ');
  const json = JSON.stringify(config, null, 2);
  return `cat > run.json <<'END'\n${json}\nEND\nnpx lp-workbench train --config run.json`;
}

function flagArguments(flag: string, value: unknown): string[] {
  if (typeof value === 'boolean') return [value ? `--${flag}` : `--no-${flag}`];
  return [`--${flag}`, Array.isArray(value) ? value.join(',') : String(value)];
}

function shellQuoted(text: string): string {
  return /^[\w./,:=@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
