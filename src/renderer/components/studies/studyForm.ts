import type { RunConfig } from '../../../core/contract/runConfig.ts';
import { findOptimizer } from '../../../core/optimizers/catalogue.ts';
import { configFields, fieldName } from '../../../core/runs/configFields.ts';
import type { StudySpecInput } from '../../../core/studies/studySpec.ts';

/** One optimizer of the form; fields that are null take the catalogue's default. */
export interface OptimizerDraft {
  id: string;
  learningRate: number | null;
  weightDecay: number | null;
  pMax: number | null;
  /** further hyperparameters that are not the catalogue's, such as the beta of the run that a study is made from */
  others: Readonly<Record<string, number | boolean>>;
}

export interface AxisDraft {
  path: string;
  /** for a grid: numbers or words, joined by commas */
  values: string;
  min: number | null;
  max: number | null;
  isLog: boolean;
}

export interface StudyDraft {
  base: RunConfig;
  optimizers: readonly OptimizerDraft[];
  seeds: readonly number[];
  search: 'none' | 'grid' | 'random';
  axes: readonly AxisDraft[];
  trials: number;
  searchSeed: number;
  metric: string;
  isPruning: boolean;
  minEpochs: number;
  minRuns: number;
}

/** Paths of the settings that a study may vary, with what people call them. */
export function axisPaths(base: RunConfig, optimizers: readonly OptimizerDraft[]): { path: string; name: string }[] {
  const usual = ['learningRate.base', 'pSchedule.pMax', 'pSchedule.kind', 'batchSize', 'epochs'];
  const own = optimizers.flatMap(({ id }) =>
    findOptimizer(id).hyperparameters.map(({ key }) => `optimizer.hyperparameters.${key}`),
  );
  const others = [...configFields(base).keys()].filter(
    (path) => !/^(seed|optimizer\.|dataset\.|device|threads|checkpoint\.|initialWeights\.)/.test(path),
  );
  return [...new Set([...usual, ...own, ...others])].map((path) => ({ path, name: fieldName(path) }));
}

/** One optimizer as the form begins with it: as the base has it, or with the catalogue's values. */
export function draftOf(id: string, base: RunConfig): OptimizerDraft {
  const { hyperparameters, defaultLearningRate, usesPSchedule } = findOptimizer(id);
  const own = base.optimizer.id === id ? base.optimizer.hyperparameters : {};
  const decay = own['weightDecay'] ?? hyperparameters.find(({ key }) => key === 'weightDecay')?.default;
  const isSpecial = ([key, value]: [string, number | boolean]): boolean =>
    key !== 'weightDecay' && value !== hyperparameters.find((spec) => spec.key === key)?.default;
  return {
    id,
    learningRate: base.optimizer.id === id ? base.learningRate.base : defaultLearningRate,
    weightDecay: typeof decay === 'number' ? decay : null,
    pMax: usesPSchedule ? base.pSchedule.pMax : null,
    others: Object.fromEntries(Object.entries(own).filter(isSpecial)),
  };
}

export const minimizes = (metric: string): boolean => /Loss$|Mae$/.test(metric);

/** A word of a list as the value it stands for. */
function valueOf(word: string): number | string | boolean {
  if (word === 'true' || word === 'false') return word === 'true';
  const number = Number(word);
  return word !== '' && Number.isFinite(number) ? number : word;
}

function axisOf({ path, values, min, max, isLog }: AxisDraft, isRandom: boolean) {
  if (isRandom && min !== null && max !== null) {
    const isInteger = /epochs|batchSize|Epochs|Size$/.test(path);
    return { path, min, max, scale: isLog ? ('log' as const) : ('linear' as const), isInteger };
  }
  return {
    path,
    values: values
      .split(/[\s,;]+/)
      .filter((word) => word !== '')
      .map(valueOf),
  };
}

/** What the form says, as a study; it is checked where it is used. */
export function specOf(draft: StudyDraft): StudySpecInput {
  const { optimizer: _optimizer, learningRate, pSchedule, seed: _seed, ...base } = draft.base;
  const { base: _rate, ...schedule } = learningRate;
  return {
    base: { ...base, learningRate: schedule, pSchedule },
    optimizers: draft.optimizers.map(({ id, learningRate: rate, weightDecay, pMax, others }) => ({
      id,
      settings: {
        ...(rate === null ? {} : { 'learningRate.base': rate }),
        ...Object.fromEntries(
          Object.entries(others).map(([key, value]) => [`optimizer.hyperparameters.${key}`, value]),
        ),
        ...(weightDecay === null ? {} : { 'optimizer.hyperparameters.weightDecay': weightDecay }),
        ...(pMax === null || !findOptimizer(id).usesPSchedule ? {} : { 'pSchedule.pMax': pMax }),
      },
    })),
    seeds: [...draft.seeds],
    search:
      draft.search === 'none' || draft.axes.length === 0
        ? { kind: 'none' }
        : draft.search === 'grid'
          ? { kind: 'grid', axes: draft.axes.map((axis) => axisOf(axis, false) as { path: string; values: number[] }) }
          : {
              kind: 'random',
              axes: draft.axes.map((axis) => axisOf(axis, true) as { path: string; min: number; max: number }),
              trials: draft.trials,
              seed: draft.searchSeed,
            },
    objective: {
      metric: draft.metric,
      direction: minimizes(draft.metric) ? 'minimize' : 'maximize',
      report: draft.metric === 'validationAccuracy' ? 'testAccuracy' : null,
    },
    stopping: draft.isPruning
      ? { kind: 'median', minEpochs: draft.minEpochs, minRuns: draft.minRuns }
      : { kind: 'none' },
  };
}
