import { z } from 'zod';
import { between, remainingShare } from './decay.ts';
import type { DecayShape, RunLength } from './decay.ts';
import { boundedNumber, choice, perUnit } from './fields.ts';
import { rhoOf } from './rho.ts';

export const pScheduleKinds = ['cosine', 'constant', 'linear', 'step', 'exponential'] as const;

/**
 * How p goes from pMax to pEnd. `cosine` per epoch is the paper's schedule (eq. 19); `constant` stays at pMax.
 * horizonEpochs is the S of the paper, the epochs over which p anneals; without it, the epochs of the run. After the
 * horizon p stays at its last value. gamma and stepEveryEpochs serve `step` and `exponential` only.
 */
export const pScheduleSchema = z
  .strictObject({
    kind: choice('pSchedule.kind', pScheduleKinds).default('cosine'),
    pMax: boundedNumber('pSchedule.pMax', { min: 2 }).default(6),
    pEnd: boundedNumber('pSchedule.pEnd', { min: 2 }).default(2),
    per: choice('pSchedule.per', perUnit).default('epoch'),
    horizonEpochs: z
      .int({ error: 'pSchedule.horizonEpochs must be a whole number of epochs' })
      .min(1, 'pSchedule.horizonEpochs must be at least 1')
      .optional(),
    /** factor on p - pEnd: per stair (default 0.5), or per epoch of `exponential` (default: 1 % is left at the end) */
    gamma: boundedNumber('pSchedule.gamma', { above: 0, max: 1 }).optional(),
    /** epochs per stair; default a quarter of the horizon */
    stepEveryEpochs: boundedNumber('pSchedule.stepEveryEpochs', { above: 0 }).optional(),
  })
  .refine(({ kind, pMax, pEnd }) => kind === 'constant' || pEnd <= pMax, {
    path: ['pEnd'],
    error: 'pSchedule.pEnd must not be above pMax: p anneals downwards',
  });

export type PScheduleConfig = z.output<typeof pScheduleSchema>;

export interface PValue {
  p: number;
  /** (p - 2) / (p - 1) */
  rho: number;
}

export interface PSchedule {
  /** epoch and stepInEpoch count from 0 */
  at(epoch: number, stepInEpoch: number): PValue;
}

function shapeOf(config: PScheduleConfig, horizonEpochs: number): DecayShape {
  const onePercentAtTheEnd = 0.01 ** (1 / Math.max(1, horizonEpochs - 1));
  return {
    kind: config.kind,
    gamma: config.gamma ?? (config.kind === 'exponential' ? onePercentAtTheEnd : 0.5),
    stepEveryEpochs: config.stepEveryEpochs ?? Math.max(1, horizonEpochs / 4),
  };
}

/**
 * p and rho of every step. With s = 1..S counting epochs (or steps), the cosine is
 * p_s = pEnd + (pMax - pEnd) (1 + cos(pi (s - 1) / (S - 1))) / 2: pMax first, exactly pEnd in the last epoch (or step).
 * S = 1 gives pMax.
 */
export function createPSchedule(config: PScheduleConfig, run: RunLength): PSchedule {
  const horizonEpochs = config.horizonEpochs ?? run.epochs;
  const unitsPerEpoch = config.per === 'step' ? run.stepsPerEpoch : 1;
  const lastUnit = horizonEpochs * unitsPerEpoch - 1;
  const shape = shapeOf(config, horizonEpochs);
  return {
    at(epoch, stepInEpoch) {
      const unit = Math.min(config.per === 'step' ? epoch * unitsPerEpoch + stepInEpoch : epoch, lastUnit);
      const fraction = lastUnit === 0 ? 0 : unit / lastUnit;
      const share = remainingShare(shape, { fraction, epochsPassed: unit / unitsPerEpoch });
      const p = between(config.pMax, config.pEnd, share);
      return { p, rho: rhoOf(p) };
    },
  };
}
