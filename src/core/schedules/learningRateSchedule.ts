import { z } from 'zod';
import { between, remainingShare } from './decay.ts';
import type { RunLength } from './decay.ts';
import { boundedNumber, choice, perUnit } from './fields.ts';

export const learningRateKinds = ['cosine', 'constant', 'step', 'linear'] as const;

/** `sweep` serves range tests and is no decay: it rises. */
const scheduleKinds = [...learningRateKinds, 'sweep'] as const;

/** The warm-up of a run whose configuration names none: so many epochs, but at most this share of the run. */
export const defaultWarmup = { epochs: 5, maxShare: 1 / 8 } as const;

/**
 * Linear warm-up from 0 to `base`, then a decay from `base` to `end`. gamma and stepEveryEpochs serve `step` only.
 * `sweep` has no warm-up and rises from `base` to `end` by equal factors. A warm-up length of 0 means none; a length left out is 5 epochs, or an eighth of a run shorter than 40 epochs.
 */
export const learningRateScheduleSchema = z
  .strictObject({
    kind: choice('learningRate.kind', scheduleKinds).default('cosine'),
    base: boundedNumber('learningRate.base', { above: 0 }),
    end: boundedNumber('learningRate.end', { min: 0 }).default(0),
    warmup: z
      .strictObject({
        length: boundedNumber('learningRate.warmup.length', { min: 0 }).optional(),
        unit: choice('learningRate.warmup.unit', ['epochs', 'steps']).default('epochs'),
      })
      .prefault({}),
    per: choice('learningRate.per', perUnit).default('step'),
    /** factor on the learning rate per stair; default 0.1 */
    gamma: boundedNumber('learningRate.gamma', { above: 0, max: 1 }).optional(),
    /** epochs per stair; default a third of the epochs after the warm-up */
    stepEveryEpochs: boundedNumber('learningRate.stepEveryEpochs', { above: 0 }).optional(),
  })
  .refine(({ kind, base, end }) => kind === 'constant' || kind === 'sweep' || end <= base, {
    path: ['end'],
    error: 'learningRate.end must not be above base: the learning rate decays',
  })
  .refine(({ kind, base, end }) => kind !== 'sweep' || end > base, {
    path: ['end'],
    error: 'learningRate.end must be above base: a sweep rises',
  });

export type LearningRateScheduleConfig = z.output<typeof learningRateScheduleSchema>;

export interface LearningRateSchedule {
  /** epoch and stepInEpoch count from 0 */
  at(epoch: number, stepInEpoch: number): number;
}

/** Steps of warm-up in this run: as configured, though never more than the run has. */
export function warmupSteps(config: LearningRateScheduleConfig, run: RunLength): number {
  const { length, unit } = config.warmup;
  const steps = run.epochs * run.stepsPerEpoch;
  if (length === undefined) {
    return Math.floor(Math.min(defaultWarmup.epochs * run.stepsPerEpoch, defaultWarmup.maxShare * steps));
  }
  return Math.min(Math.round(unit === 'epochs' ? length * run.stepsPerEpoch : length), steps);
}

/**
 * The learning rate of every step. With k = 0, 1, ... counting steps, W of warm-up and N in all: base (k + 1) / W while
 * k < W; then cosine end + (base - end) (1 + cos(pi x)) / 2 or linear end + (base - end) (1 - x) with
 * x = (k - W) / (N - W), so that even the last step moves and `end` is what the step after it would have. `step`
 * multiplies by gamma per stair and never goes below `end`. `per: 'epoch'` holds the decay still within an epoch.
 */
export function createLearningRateSchedule(config: LearningRateScheduleConfig, run: RunLength): LearningRateSchedule {
  const { kind, base, end } = config;
  const { epochs, stepsPerEpoch } = run;
  if (kind === 'sweep') {
    const lastStep = Math.max(1, epochs * stepsPerEpoch - 1);
    return { at: (epoch, stepInEpoch) => base * (end / base) ** ((epoch * stepsPerEpoch + stepInEpoch) / lastStep) };
  }
  const warmup = warmupSteps(config, run);
  const decaySteps = Math.max(1, epochs * stepsPerEpoch - warmup);
  const stairEpochs = config.stepEveryEpochs ?? Math.max(1, decaySteps / stepsPerEpoch / 3);
  const shape = { kind, gamma: config.gamma ?? 0.1, stepEveryEpochs: stairEpochs };
  return {
    at(epoch, stepInEpoch) {
      const step = epoch * stepsPerEpoch + stepInEpoch;
      if (step < warmup) return (base * (step + 1)) / warmup;
      const counted = config.per === 'step' ? step : epoch * stepsPerEpoch;
      const passed = Math.min(Math.max(0, counted - warmup), decaySteps);
      const share = remainingShare(shape, { fraction: passed / decaySteps, epochsPassed: passed / stepsPerEpoch });
      return kind === 'step' ? Math.max(end, base * share) : between(base, end, share);
    },
  };
}
