import type { RunConfig } from '../contract/runConfig.ts';
import { findOptimizer } from '../optimizers/catalogue.ts';
import { createLearningRateSchedule } from '../schedules/learningRateSchedule.ts';
import { createPSchedule } from '../schedules/pSchedule.ts';

/** What p, rho and the learning rate will be over a run, as columns of equal length. */
export interface SchedulePreview {
  /** passed epochs, fractions within an epoch */
  epochs: number[];
  learningRate: number[];
  /** null where the optimizer does not read the p schedule */
  p: number[] | null;
  rho: number[] | null;
}

type Scheduled = Pick<RunConfig, 'optimizer' | 'pSchedule' | 'learningRate' | 'epochs'>;

/** The schedules of a run at every step, or at about `maxPoints` of them; the first and the last step are always there. */
export function schedulePreview(config: Scheduled, stepsPerEpoch: number, maxPoints: number): SchedulePreview {
  const run = { epochs: config.epochs, stepsPerEpoch };
  const pSchedule = createPSchedule(config.pSchedule, run);
  const learningRates = createLearningRateSchedule(config.learningRate, run);
  const readsP = findOptimizer(config.optimizer.id).usesPSchedule;
  const lastStep = config.epochs * stepsPerEpoch - 1;
  const stride = Math.max(1, lastStep / (maxPoints - 1));
  const steps: number[] = [];
  for (let at = 0; at < lastStep; at += stride) steps.push(Math.round(at));
  steps.push(lastStep);
  const places = steps.map((step) => [Math.floor(step / stepsPerEpoch), step % stepsPerEpoch] as const);
  const values = places.map(([epoch, stepInEpoch]) => pSchedule.at(epoch, stepInEpoch));
  return {
    epochs: steps.map((step) => step / stepsPerEpoch),
    learningRate: places.map(([epoch, stepInEpoch]) => learningRates.at(epoch, stepInEpoch)),
    p: readsP ? values.map(({ p }) => p) : null,
    rho: readsP ? values.map(({ rho }) => rho) : null,
  };
}
