import { parseRunConfig, type RunConfig } from '../contract/runConfig.ts';
import { runStatuses, type Run } from '../contract/runs.ts';
import { modelCatalogue, modelIds } from '../models/catalogue.ts';
import { findOptimizer, optimizerCatalogue, optimizerIds } from '../optimizers/catalogue.ts';
import { configFields, fieldName, valueAt } from '../runs/configFields.ts';

export type FieldKind = 'number' | 'text' | 'switch' | 'list' | 'time' | 'duration';

/** Something of a run that a filter can speak of. */
export interface FilterField {
  name: string;
  kind: FieldKind;
  /** what it comes from: the run itself, its configuration, its metrics */
  source: 'run' | 'setting' | 'metric';
  /** another name of a field that is in the list too */
  isAlias?: boolean;
  /** half a sentence for a list of fields */
  description: string;
  /** the only values there are, where the list is closed */
  choices?: readonly string[];
  /** numbers, texts, switches, milliseconds of a time, seconds of a duration; undefined where a run has none */
  read(run: Run): string | number | boolean | readonly string[] | null | undefined;
}

const field = (
  name: string,
  kind: FieldKind,
  description: string,
  read: FilterField['read'],
  choices?: readonly string[],
): FilterField => ({ name, kind, source: 'run', description, read, ...(choices ? { choices } : {}) });

/** What a run is apart from its configuration and its metrics. */
const runFields = (nowMs: () => number): FilterField[] => [
  field('status', 'text', 'where the run stands', (run) => run.status, runStatuses),
  field('tag', 'list', 'any tag of the run', (run) => run.tags),
  field('name', 'text', 'its name', (run) => run.name),
  field('note', 'text', 'its note', (run) => run.note),
  field('id', 'text', 'its id', (run) => run.id),
  field('created', 'time', 'when it was made', (run) => run.createdAtMs),
  field('started', 'time', 'when it first started', (run) => run.startedAtMs),
  field('ended', 'time', 'when it ended', (run) => run.endedAtMs),
  field('age', 'duration', 'time since it was made', (run) => (nowMs() - run.createdAtMs) / 1_000),
  field('duration', 'duration', 'time spent training', (run) => run.trainSeconds),
  field('step', 'number', 'last step with metrics', (run) => run.step),
  field('parameters', 'number', 'trainable numbers of the model', (run) => run.parameterCount),
  field('trainedOn', 'text', 'the device that trained it', (run) => run.device?.id),
  field('error', 'text', 'why it failed', (run) => run.failure && `${run.failure.code} ${run.failure.message}`),
  field('endReason', 'text', 'how it ended', (run) => run.endReason, ['completed', 'stopped', 'earlyStopped']),
  field('parent', 'text', 'the run it was branched from', (run) => run.parent?.runId),
  field('version', 'text', 'of the software that made it', (run) => run.softwareVersion),
];

/** Metrics that every kind of run may have; others are found in the runs at hand. */
export const standardMetricKeys: readonly string[] = [
  'testAccuracy',
  'testLoss',
  'testMae',
  'trainAccuracy',
  'trainLoss',
  'trainMae',
  'validationAccuracy',
  'validationLoss',
  'validationMae',
  'loss',
  'epoch',
  'p',
  'rho',
  'gradientNorm',
  'updateRatio',
  'samplesPerSecond',
  'elapsedSeconds',
  'workerMemoryBytes',
  'processMemoryBytes',
  'processorPercent',
  'cardPercent',
  'cardMemoryBytes',
  'dataWaitShare',
];

const closedChoices: Readonly<Record<string, readonly string[]>> = {
  'optimizer.id': optimizerIds,
  'model.preset': modelIds,
};

/** Configurations that between them have every setting there is. */
function exampleConfigs(): RunConfig[] {
  const everyOption = {
    split: { validation: 0.1 },
    earlyStopping: {},
    learningRate: { base: 0.1, gamma: 0.1, stepEveryEpochs: 1, warmup: { length: 1 } },
    pSchedule: { horizonEpochs: 1, gamma: 0.1, stepEveryEpochs: 1 },
  };
  return [
    parseRunConfig(everyOption),
    ...optimizerCatalogue.map(({ id }) => parseRunConfig({ optimizer: { id } })),
    ...modelCatalogue.map(({ id }) => parseRunConfig({ model: { preset: id } })),
    parseRunConfig({ model: { layers: [{ type: 'flatten' }] } }),
  ];
}

/** The settings of a run, by short name and by full path. */
function settingFields(): FilterField[] {
  const examples = new Map(exampleConfigs().flatMap((config) => [...configFields(config)]));
  return [...examples].flatMap(([path, example]) => {
    const kind: FieldKind = typeof example === 'number' ? 'number' : typeof example === 'boolean' ? 'switch' : 'text';
    const keys = path.split('.');
    const short = fieldName(path);
    const isOfP = keys[0] === 'pSchedule';
    const read = (run: Run): string | number | boolean | undefined => {
      // its configuration is only the default; what the other program said has its own names
      if (run.origin) return run.origin.hyperparameters[path] ?? run.origin.hyperparameters[short];
      if (isOfP && !findOptimizer(run.config.optimizer.id).usesPSchedule) return undefined;
      const value = valueAt(run.config, keys);
      if (typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean') return value;
      return Array.isArray(value) ? configFields(run.config).get(path)?.toString() : undefined;
    };
    const names = new Set([short, path]);
    return [...names].map((name, index): FilterField => ({
      ...field(name, kind, `setting ${path}`, read, closedChoices[path]),
      source: 'setting',
      isAlias: index > 0,
    }));
  });
}

const aliases: Readonly<Record<string, string>> = {
  lr: 'learningRate',
  wd: 'weightDecay',
  tags: 'tag',
  params: 'parameters',
};

const canonical = (name: string): string => name.toLowerCase().replaceAll(/[-_]/g, '');

/** The fields a filter may name. Settings win over metrics of the same name; `metric.p` always means the metric. */
export class FilterVocabulary {
  readonly fields: readonly FilterField[];
  private readonly byName: ReadonlyMap<string, FilterField>;

  /** `metricKeys`: metrics of the runs at hand beyond the standard ones; `nowMs`: the clock that ages count from. */
  constructor(options: { metricKeys?: Iterable<string>; nowMs: () => number }) {
    const keys = new Set([...standardMetricKeys, ...(options.metricKeys ?? [])]);
    const settings = [...runFields(options.nowMs), ...settingFields()];
    const taken = new Set(settings.map(({ name }) => name));
    const metrics = [...keys].flatMap((key) => {
      const metric: FilterField = {
        ...field(`metric.${key}`, 'number', `last value of the metric ${key}`, (run) => run.latest[key]),
        source: 'metric',
      };
      const isTaken = taken.has(key) && key !== 'p';
      return isTaken
        ? [metric]
        : [
            { ...metric, name: key },
            { ...metric, isAlias: true },
          ];
    });
    const all = [...settings.filter(({ name }) => name !== 'p'), ...metrics];
    this.fields = all;
    this.byName = new Map(all.map((entry) => [canonical(entry.name), entry]));
  }

  find(name: string): FilterField | undefined {
    const wanted = canonical(name);
    return this.byName.get(wanted) ?? this.byName.get(canonical(aliases[wanted] ?? ''));
  }
}
