import type { RunConfig } from '../contract/runConfig.ts';
import { findOptimizer } from '../optimizers/catalogue.ts';
import { createPSchedule } from '../schedules/pSchedule.ts';
import type { ConfigWarning, WarningFacts } from './configWarnings.ts';

/** The largest p_max of the paper's settings; above, its figure 4 shows fluctuation. */
const largestUsualP = 10;

const round = (value: number): string => String(Number(value.toPrecision(3)));

/** Steps over which p changes, the S of the paper, in epochs or steps. */
function annealingUnits({ pSchedule, epochs }: RunConfig, stepsPerEpoch: number): number {
  const horizon = pSchedule.horizonEpochs ?? epochs;
  return pSchedule.per === 'step' ? horizon * stepsPerEpoch : horizon;
}

/** Traps of the p schedule, for optimizers that read it. */
export function warnAboutP({ config, size }: WarningFacts): ConfigWarning[] {
  const optimizer = findOptimizer(config.optimizer.id);
  if (!optimizer.usesPSchedule) return [];
  const { pSchedule, epochs } = config;
  const { kind, pMax, pEnd } = pSchedule;
  const found: ConfigWarning[] = [];
  const stepsPerEpoch = size?.stepsPerEpoch ?? 1;
  const anneals = kind !== 'constant' && pMax > pEnd;

  if (pMax === 2) {
    found.push({
      id: 'pIsTwo',
      level: 'info',
      field: 'pSchedule.pMax',
      message:
        optimizer.id === 'lpsgdm'
          ? `At p = 2 throughout this is SGD with averaged momentum. To take the steps of SGDM at some learning rate, multiply that rate by 1 / (1 - beta) = ${round(1 / (1 - Number(config.optimizer.hyperparameters['beta'])))}.`
          : 'At p = 2 throughout LPSGD is plain SGD.',
    });
    return found;
  }
  if (anneals && annealingUnits(config, stepsPerEpoch) <= 1) {
    found.push({
      id: 'nothingToAnnealOver',
      level: 'warning',
      field: 'epochs',
      message: `p cannot anneal over one ${pSchedule.per} (S = 1): it stays at ${round(pMax)} for the whole run and never reaches ${round(pEnd)}. Train for more epochs, or move p with every step.`,
      fix: { label: 'Move p every step', changes: { 'pSchedule.per': 'step' } },
    });
  } else if (anneals) {
    found.push(...warnAboutHorizon(config, stepsPerEpoch));
  }
  if (kind === 'constant') {
    found.push({
      id: 'pStaysHigh',
      level: 'info',
      field: 'pSchedule.kind',
      message: `p stays at ${round(pMax)} to the end. The method anneals p to 2, because flat regions late in training make a large p oscillate.`,
      fix: { label: 'Anneal as in the paper', changes: { 'pSchedule.kind': 'cosine' } },
    });
  }
  if (pMax > largestUsualP) {
    found.push({
      id: 'pIsVeryLarge',
      level: 'warning',
      field: 'pSchedule.pMax',
      message: `p max ${round(pMax)} starts close to sign descent. The paper uses 6 to 9; accuracy is not monotone in p max, and very large values fluctuate or degrade.`,
      fix: { label: 'Use p max 6', changes: { 'pSchedule.pMax': 6 } },
    });
  }
  if (config.optimizer.hyperparameters['beta'] === 0) {
    found.push({
      id: 'isLpsgd',
      level: 'info',
      field: 'optimizer.hyperparameters.beta',
      message: 'With beta = 0 LPSGDM has no momentum and takes the steps of LPSGD.',
    });
  }
  if (epochs > 1 && pSchedule.kind === 'step' && pSchedule.gamma === 1) {
    found.push({
      id: 'stairsWithoutHeight',
      level: 'warning',
      field: 'pSchedule.gamma',
      message: 'With gamma = 1 every stair is as high as the one before: p never moves. Use 0.5, for example.',
      fix: { label: 'Use 0.5', changes: { 'pSchedule.gamma': 0.5 } },
    });
  }
  return found;
}

function warnAboutHorizon(config: RunConfig, stepsPerEpoch: number): ConfigWarning[] {
  const { pSchedule, epochs } = config;
  const horizon = pSchedule.horizonEpochs;
  if (horizon === undefined || horizon === epochs) return [];
  const last = createPSchedule(pSchedule, { epochs, stepsPerEpoch }).at(epochs - 1, stepsPerEpoch - 1).p;
  const fix = { label: 'Anneal over the whole run', changes: { 'pSchedule.horizonEpochs': undefined } };
  return horizon > epochs
    ? [
        {
          id: 'horizonBeyondRun',
          level: 'warning',
          field: 'pSchedule.horizonEpochs',
          message: `p anneals over ${horizon} epochs but the run has ${epochs}: it ends at p = ${round(last)}, not at ${round(pSchedule.pEnd)}.`,
          fix,
        },
      ]
    : [
        {
          id: 'horizonBeforeEnd',
          level: 'info',
          field: 'pSchedule.horizonEpochs',
          message: `p reaches its end after ${horizon} of ${epochs} epochs and stays at ${round(last)} for the rest.`,
          fix,
        },
      ];
}
