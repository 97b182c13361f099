import { AppError } from '../errors.ts';
import { checkHyperparameters, findOptimizer, hyperparameterNumbers } from '../optimizers/catalogue.ts';
import type { HyperparameterValues } from '../optimizers/catalogue.ts';
import type { OptimizerSpec, ScalarSlots } from '../optimizers/optimizerSpec.ts';
import { createLearningRateSchedule, learningRateScheduleSchema } from '../schedules/learningRateSchedule.ts';
import type { LearningRateScheduleConfig } from '../schedules/learningRateSchedule.ts';
import { createPSchedule, pScheduleSchema } from '../schedules/pSchedule.ts';
import type { PScheduleConfig } from '../schedules/pSchedule.ts';
import { toyFunction } from './toyFunctions.ts';
import type { Point, ToyFunctionChoice } from './toyFunctions.ts';

export interface ToyRun {
  function: ToyFunctionChoice;
  optimizer: string;
  /** those left out take the catalogue's defaults; weight decay, too, which moves the point where a descent ends */
  hyperparameters?: HyperparameterValues;
  /** a number is a constant learning rate without warm-up; default the optimizer's own */
  learningRate?: number | LearningRateScheduleConfig;
  /** default cosine from p 6 to 2 */
  pSchedule?: PScheduleConfig;
  /** at least 1; one step is one epoch of both schedules */
  steps: number;
  start: Point;
}

export interface ToyResult {
  /** [a, b, f] of the start and after every step, in float64; finite numbers only */
  trajectory: [number, number, number][];
  /** the first step (from 1) whose point or value was no longer a finite number; the trajectory ends before it */
  diverged?: { step: number };
}

/**
 * Descends a function of two variables without noise. Throws AppError `unknownFunction`, `unknownOptimizer`, or
 * `badConfig` for hyperparameters, learning rate, steps or start out of range.
 */
export function runToy(run: ToyRun): ToyResult {
  const spec = findOptimizer(run.optimizer);
  const target = toyFunction(run.function);
  checkToyRun(run, spec);
  const numbers = hyperparameterNumbers(spec, run.hyperparameters ?? {});
  const length = { epochs: run.steps, stepsPerEpoch: 1 };
  const learningRates = createLearningRateSchedule(learningRateOf(run, spec), length);
  const ps = createPSchedule(run.pSchedule ?? pScheduleSchema.parse({}), length);

  let [a, b] = run.start;
  let slotsA = startSlots(spec, a);
  let slotsB = startSlots(spec, b);
  const trajectory: ToyResult['trajectory'] = [[a, b, target.value(run.start)]];
  for (let t = 1; t <= run.steps; t++) {
    const step = { ...numbers, learningRate: learningRates.at(t - 1, 0), rho: ps.at(t - 1, 0).rho, t };
    const [gradientA, gradientB] = target.gradient([a, b]);
    ({ theta: a, slots: slotsA } = spec.updateScalar(a, gradientA, slotsA, step));
    ({ theta: b, slots: slotsB } = spec.updateScalar(b, gradientB, slotsB, step));
    const value = target.value([a, b]);
    if (![a, b, value].every(Number.isFinite)) return { trajectory, diverged: { step: t } };
    trajectory.push([a, b, value]);
  }
  return { trajectory };
}

/** The state of one coordinate before the first step. */
export function startSlots(spec: OptimizerSpec, theta: number): ScalarSlots {
  return Object.fromEntries(spec.slots.map(({ name, start }) => [name, start === 'weight' ? theta : 0]));
}

function learningRateOf(run: ToyRun, spec: OptimizerSpec): LearningRateScheduleConfig {
  const rate = run.learningRate ?? spec.defaultLearningRate;
  if (typeof rate !== 'number') return rate;
  return learningRateScheduleSchema.parse({ kind: 'constant', base: rate, warmup: { length: 0 } });
}

function checkToyRun(run: ToyRun, spec: OptimizerSpec): void {
  const problems = checkHyperparameters(spec, run.hyperparameters ?? {}).map(({ message }) => message);
  if (!Number.isInteger(run.steps) || run.steps < 1) {
    problems.push(`steps must be a whole number of at least 1, got ${run.steps}`);
  }
  if (typeof run.learningRate === 'number' && !(run.learningRate > 0 && run.learningRate < Infinity)) {
    problems.push(`learningRate must be above 0, got ${run.learningRate}`);
  }
  if (!run.start.every(Number.isFinite)) problems.push(`start must be two finite numbers, got ${run.start.join(',')}`);
  if (problems.length > 0) {
    throw new AppError('badConfig', `The descent cannot start: ${problems.join('; ')}.`, { details: { problems } });
  }
}
