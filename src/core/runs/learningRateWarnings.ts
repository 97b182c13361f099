import { findOptimizer } from '../optimizers/catalogue.ts';
import { warmupSteps } from '../schedules/learningRateSchedule.ts';
import { rhoOf } from '../schedules/rho.ts';
import type { ConfigWarning, WarningFacts } from './configWarnings.ts';
import { paperSettingsOf } from './paperSettings.ts';

const round = (value: number, digits = 2): string => String(Number(value.toPrecision(digits)));

const rates = (optimizerId: string): number[] => paperSettingsOf(optimizerId).map((setting) => setting.learningRate);
/** The largest learning rate that the paper reports for LPSGDM: 0.01. */
const largestUsualLpRate = Math.max(...rates('lpsgdm'));
const smallestUsualSgdRate = Math.min(...rates('sgdm'));

/** A gradient of the size that the examples in messages speak of. */
const exampleGradient = 1e-3;

/** Runs below this number of steps are too short for the paper's learning rates, which served tens of thousands. */
const shortRunSteps = 5_000;

/** Traps of the learning rate and of weight decay, which the learning rate scales. */
export function warnAboutLearningRate(facts: WarningFacts): ConfigWarning[] {
  return [...lpTraps(facts), ...otherOptimizers(facts), ...scheduleTraps(facts), ...decayTraps(facts)];
}

function lpTraps({ config, size }: WarningFacts): ConfigWarning[] {
  const optimizer = findOptimizer(config.optimizer.id);
  const { base } = config.learningRate;
  const { pMax } = config.pSchedule;
  if (!optimizer.usesPSchedule || pMax === 2) return [];
  if (base > 2 * largestUsualLpRate) {
    const direction = exampleGradient ** (1 - rhoOf(pMax));
    return [
      {
        id: 'sgdLearningRateWithLargeP',
        level: 'warning',
        field: 'learningRate.base',
        message: `${round(base)} is a learning rate for SGD. At p = ${round(pMax, 3)} a coordinate moves by lr · |m|^(1/(p-1)): where |m| = 0.001 that is ${round(base * direction)}, ${Math.round(direction / exampleGradient)} times the step of SGD. The paper uses 0.0005 to 0.01.`,
        fix: { label: 'Use 0.01', changes: { 'learningRate.base': largestUsualLpRate } },
      },
    ];
  }
  if (size && size.totalSteps < shortRunSteps && base <= 2e-3) {
    return [
      {
        id: 'learningRateForLongRuns',
        level: 'info',
        field: 'learningRate.base',
        message: `${round(base)} is meant for tens of thousands of steps; this run takes ${size.totalSteps.toLocaleString('en')}. As p falls to 2 the steps shrink to lr · m, so that a short run may end undertrained. Try 0.01.`,
        fix: { label: 'Use 0.01', changes: { 'learningRate.base': largestUsualLpRate } },
      },
    ];
  }
  return [];
}

const signMethods: readonly string[] = ['signsgd', 'signum', 'lion'];
const adaptiveMethods: readonly string[] = ['adam', 'adamw', 'rmsprop'];

function otherOptimizers({ config }: WarningFacts): ConfigWarning[] {
  const { id } = config.optimizer;
  const { name } = findOptimizer(id);
  const { base } = config.learningRate;
  if (signMethods.includes(id) && base > 0.01) {
    return [
      {
        id: 'signStepsAreLarge',
        level: 'warning',
        field: 'learningRate.base',
        message: `${name} moves every weight by the whole learning rate at every step: ${round(base)} is larger than most weights. Use 0.0001 to 0.001.`,
        fix: { label: 'Use 0.001', changes: { 'learningRate.base': 0.001 } },
      },
    ];
  }
  if (adaptiveMethods.includes(id) && base > 0.03) {
    return [
      {
        id: 'adaptiveStepsAreLarge',
        level: 'warning',
        field: 'learningRate.base',
        message: `${name} divides by the size of the gradient, so that a step is about the learning rate itself: ${round(base)} tends to diverge. Use 0.0001 to 0.01.`,
        fix: { label: 'Use 0.001', changes: { 'learningRate.base': 0.001 } },
      },
    ];
  }
  if ((id === 'sgdm' || id === 'sgd') && base < smallestUsualSgdRate) {
    return [
      {
        id: 'sgdStepsAreSmall',
        level: 'info',
        field: 'learningRate.base',
        message: `${round(base)} is small for ${name}, whose steps are as small as the gradient. The paper tunes SGDM to 0.01 to 0.1; a comparison at one learning rate for all optimizers is unfair.`,
        fix: { label: 'Use 0.1', changes: { 'learningRate.base': 0.1 } },
      },
    ];
  }
  return [];
}

function scheduleTraps({ config, size }: WarningFacts): ConfigWarning[] {
  if (!size || size.totalSteps < 1) return [];
  const { epochs, learningRate } = config;
  const warmup = warmupSteps(learningRate, { epochs, stepsPerEpoch: size.stepsPerEpoch });
  if (warmup < size.totalSteps) return [];
  return [
    {
      id: 'warmupTakesAll',
      level: 'warning',
      field: 'learningRate.warmup.length',
      message: `The warm-up takes all ${size.totalSteps.toLocaleString('en')} steps: the learning rate only grows and never decays. Make it shorter, or leave it to the default.`,
      fix: { label: 'Use the default', changes: { 'learningRate.warmup.length': undefined } },
    },
  ];
}

function decayTraps({ config }: WarningFacts): ConfigWarning[] {
  const { weightDecay: kind, name } = findOptimizer(config.optimizer.id);
  const weightDecay = Number(config.optimizer.hyperparameters['weightDecay'] ?? 0);
  const perStep = config.learningRate.base * weightDecay;
  if (kind !== 'decoupled' || perStep < 0.01) return [];
  return [
    {
      id: 'weightDecayIsStrong',
      level: 'warning',
      field: 'optimizer.hyperparameters.weightDecay',
      message: `${name} shrinks every weight by learning rate x weight decay = ${round(100 * perStep)} % at every step, which leaves little to learn. Lower one of the two.`,
    },
  ];
}
