import { parseRunConfig, type RunConfig } from '../contract/runConfig.ts';
import { AppError } from '../errors.ts';
import { findOptimizer } from '../optimizers/catalogue.ts';
import { fieldName } from '../runs/configFields.ts';
import { withChanges } from '../runs/withChanges.ts';
import { isAxisOf, pointsOf, type Point, type SettingValue } from './axes.ts';
import type { StudyOptimizer, StudySpec } from './studySpec.ts';

/** One way of training that a study tries, with every seed. */
export interface StudySetting {
  /** stable: made of the optimizer's place and the point's */
  id: string;
  label: string;
  optimizer: StudyOptimizer;
  point: Point;
}

/** Where a run of a study stands. */
export interface StudyPlace {
  /** place in the order in which runs are trained */
  position: number;
  settingId: string;
  seed: number;
  name: string;
}

export interface StudyOutline {
  settings: StudySetting[];
  /** all settings with the first seed, then all with the second: what has ended can always be compared */
  places: StudyPlace[];
}

/** One run of a study before it exists. */
export interface PlannedRun extends StudyPlace {
  config: RunConfig;
}

export interface StudyPlan {
  settings: StudySetting[];
  /** in the order of `StudyOutline.places` */
  runs: PlannedRun[];
}

/** A study of more runs is refused: it would be looked at by nobody. */
export const mostRuns = 2_000;

/** `p 6` would be clearer than `pMax 6` only to those who know the paper. */
export const pointText = (point: Point): string =>
  Object.entries(point)
    .map(([path, value]) => `${fieldName(path)} ${valueText(value)}`)
    .join(', ');
const valueText = (value: SettingValue): string => (Array.isArray(value) ? value.join('-') : String(value));

/**
 * The settings of a study and the places of its runs, without the configurations: quick for any size.
 * Throws AppError `badConfig` when an axis concerns no optimizer, or there are too many runs.
 */
export function outlineStudy(spec: StudySpec): StudyOutline {
  if (spec.search.kind !== 'none') {
    const idle = spec.search.axes.find((axis) => !spec.optimizers.some((optimizer) => isAxisOf(axis, optimizer)));
    if (idle) throw invalid(`the axis ${idle.path} concerns none of the optimizers`);
  }
  const settings = spec.optimizers.flatMap((optimizer, o) =>
    pointsOf(spec.search, optimizer).map((point, i): StudySetting => {
      const text = pointText(point);
      const label = text === '' ? optimizer.label : `${optimizer.label}, ${text}`;
      return { id: `${o}.${i}`, label, optimizer, point };
    }),
  );
  const count = settings.length * spec.seeds.length;
  if (count > mostRuns) throw invalid(`it has ${count} runs; at most ${mostRuns} are possible`);
  const places = spec.seeds.flatMap((seed, s) =>
    settings.map((setting, i): StudyPlace => ({
      position: s * settings.length + i,
      settingId: setting.id,
      seed,
      name: `${setting.label} · seed ${seed}`,
    })),
  );
  return { settings, places };
}

/**
 * The runs of a study, always the same for the same study: every optimizer with every point of the search and every seed.
 * All runs of a seed start from the same weights and see the same batches, because both are drawn from the seed alone.
 * Throws AppError `badConfig` when a configuration is not valid, an axis concerns no optimizer, or there are too many.
 */
export function planStudy(spec: StudySpec): StudyPlan {
  const { settings, places } = outlineStudy(spec);
  const configs = settings.map((setting) => settingConfig(spec, setting));
  const runs = places.map((place): PlannedRun => ({
    ...place,
    config: { ...configs[place.position % settings.length]!, seed: place.seed },
  }));
  return { settings, runs };
}

/** The configuration of a setting with the first seed; nothing else of it depends on the seed. Throws `badConfig`. */
export function settingConfig({ base, seeds }: StudySpec, { optimizer, point, label }: StudySetting): RunConfig {
  const { optimizer: _optimizer, learningRate, ...rest } = base;
  const changed = withChanges(
    {
      ...rest,
      optimizer: { id: optimizer.id, hyperparameters: {} },
      learningRate: { base: findOptimizer(optimizer.id).defaultLearningRate, ...(learningRate as object | undefined) },
    },
    { ...optimizer.settings, ...point, seed: seeds[0] },
  );
  try {
    return parseRunConfig(changed);
  } catch (error) {
    throw invalid(`${label}: ${(error as Error).message}`, error);
  }
}

function invalid(why: string, cause?: unknown): AppError {
  return new AppError('badConfig', `The study is not valid: ${why.replace(/\.$/, '')}.`, { cause });
}
