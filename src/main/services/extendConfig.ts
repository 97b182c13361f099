import { parseRunConfig, type RunConfig } from '../../core/contract/runConfig.ts';
import { AppError } from '../../core/errors.ts';
import { findOptimizer } from '../../core/optimizers/catalogue.ts';

export type Extend = 'keepHorizon' | 'annealAgain';

/**
 * The configuration of a run that goes on to `epochs` in all. `keepHorizon` leaves p annealed over the epochs of the
 * old configuration, so that it stays at its end; `annealAgain` anneals p over the whole longer run.
 * Throws `badUsage` when the optimizer follows p and the choice is missing, or when the run would not get longer.
 */
export function extendConfig(config: RunConfig, epochs: number, extend: Extend | undefined): RunConfig {
  if (epochs <= config.epochs) {
    throw new AppError(
      'badUsage',
      `The run already has ${config.epochs} epochs; to make it longer ask for more than that, not for ${epochs}.`,
      { details: { epochs, configured: config.epochs } },
    );
  }
  const followsP = findOptimizer(config.optimizer.id).usesPSchedule && config.pSchedule.kind !== 'constant';
  if (followsP && extend === undefined) {
    throw new AppError(
      'badUsage',
      `Say how p goes on over the added epochs: keepHorizon leaves it at its end (${config.pSchedule.pEnd}), annealAgain anneals it over all ${epochs} epochs.`,
    );
  }
  const { horizonEpochs, ...pSchedule } = config.pSchedule;
  return parseRunConfig({
    ...config,
    epochs,
    pSchedule: extend === 'annealAgain' ? pSchedule : { ...pSchedule, horizonEpochs: horizonEpochs ?? config.epochs },
  });
}
