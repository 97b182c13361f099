import { parseRunConfig, type RunConfig } from '../contract/runConfig.ts';
import { AppError } from '../errors.ts';
import { smooth } from '../metrics/smoothing.ts';
import { findOptimizer } from '../optimizers/catalogue.ts';

export interface RangeTest {
  from: number;
  to: number;
  /** steps of the sweep */
  steps: number;
}

export const defaultRangeTest: RangeTest = { from: 1e-6, to: 10, steps: 200 };

/** Runs of a range test carry it, so that they are found again and left out of comparisons. */
export const rangeTestTag = 'range test';

/**
 * A run that raises the learning rate by equal factors from `from` to `to`, once over about so many steps, and is never
 * evaluated. p stays where it begins: the first steps of a run are the ones that a large rate breaks. Short datasets are gone
 * through several times, of large ones a part is taken.
 */
export function rangeTestConfig(config: RunConfig, { from, to, steps }: RangeTest, trainRows: number): RunConfig {
  if (!(from > 0 && to > from && Number.isInteger(steps) && steps >= 20)) {
    throw new AppError('badConfig', 'A range test goes from a rate above 0 up to a larger one, in at least 20 steps.');
  }
  const stepsPerEpoch = Math.ceil(trainRows / config.batchSize);
  const share = Math.min(1, (steps * config.batchSize) / trainRows);
  return parseRunConfig({
    ...config,
    split: {
      ...config.split,
      ...(share < 1 ? { trainFraction: Math.max(share, 1e-6) * (config.split.trainFraction ?? 1) } : {}),
    },
    epochs: Math.max(1, Math.ceil(steps / stepsPerEpoch)),
    learningRate: { kind: 'sweep', base: from, end: to, warmup: { length: 0 } },
    ...(findOptimizer(config.optimizer.id).usesPSchedule
      ? { pSchedule: { kind: 'constant', pMax: config.pSchedule.pMax, pEnd: Math.min(2, config.pSchedule.pMax) } }
      : {}),
    evaluation: { ...config.evaluation, everyEpochs: 1_000_000 },
    checkpoint: { ...config.checkpoint, everyEpochs: 1_000_000, everySeconds: 0, keepBest: false, keepLast: 1 },
    earlyStopping: null,
  });
}

export interface RangePoints {
  learningRates: readonly number[];
  /** loss before the step with that rate; null or NaN where it was no number */
  losses: readonly (number | null)[];
}

export interface RateSuggestion {
  /** smoothed loss at each rate that counts */
  learningRates: number[];
  smoothed: number[];
  /** where the smoothed loss falls fastest per factor of the rate; null when it never falls */
  steepest: number | null;
  /** where the smoothed loss is least */
  least: number | null;
  /** where it has risen above four times its least, or stopped being a number; null when it never does */
  diverges: number | null;
  suggestion: number | null;
  /** the rule, and what it found */
  reason: string;
}

export const rangeRule =
  'The losses are smoothed (debiased exponential average, factor 0.9) and counted until they exceed their best by half of the way they had fallen. ' +
  'Suggested is the rate where the smoothed loss falls fastest per factor of the rate, but never more than a third of the rate where it is least.';

const smoothing = 0.9;
const round = (value: number): string => String(Number(value.toPrecision(2)));

/** Reads a learning rate off the curve of a range test. */
export function suggestRate({ learningRates, losses }: RangePoints): RateSuggestion {
  const values = losses.map((loss) => loss ?? NaN);
  const broken = values.findIndex((loss) => !Number.isFinite(loss));
  const usable = broken === -1 ? values.length : broken;
  const curve = Array.from(smooth(values.slice(0, usable), smoothing));
  const end = endOfUse(curve);
  const rates = learningRates.slice(0, end);
  const smoothed = curve.slice(0, end);
  const diverges = end < learningRates.length ? (learningRates[end] ?? null) : null;
  const nothing = { learningRates: [...rates], smoothed, steepest: null, least: null, diverges, suggestion: null };
  if (smoothed.length < 10) {
    return { ...nothing, reason: 'There are too few steps before the loss breaks: begin with a smaller rate.' };
  }
  const first = smoothed[0]!;
  const leastAt = smoothed.indexOf(Math.min(...smoothed));
  if (leastAt === 0 || smoothed[leastAt]! > first - 0.02 * Math.abs(first)) {
    return {
      ...nothing,
      reason: 'The loss hardly falls anywhere in this range: widen it, or check the model and the data.',
    };
  }
  const steepestAt = steepestPlace(rates, smoothed, leastAt);
  const [steepest, least] = [rates[steepestAt]!, rates[leastAt]!];
  const suggestion = Number(Math.min(steepest, least / 3).toPrecision(2));
  return {
    learningRates: [...rates],
    smoothed,
    steepest,
    least,
    diverges,
    suggestion,
    reason: `The loss falls fastest at ${round(steepest)}, is least at ${round(least)}${diverges === null ? '' : ` and breaks at about ${round(diverges)}`}; suggested is ${round(suggestion)}.`,
  };
}

/** The first place after the least value at which half of the fall is lost again; the length when there is none. */
function endOfUse(curve: readonly number[]): number {
  let least = Infinity;
  const first = curve[0] ?? 0;
  for (let i = 0; i < curve.length; i++) {
    least = Math.min(least, curve[i]!);
    const allowed = least + Math.max(0.5 * (first - least), 0.1 * Math.abs(first));
    if (i > 10 && curve[i]! > allowed) return i;
  }
  return curve.length;
}

/** Slopes are taken over a stretch of the curve, or noise would decide. */
function steepestPlace(rates: readonly number[], smoothed: readonly number[], leastAt: number): number {
  const reach = Math.max(2, Math.round(smoothed.length / 25));
  let best = { at: leastAt, slope: 0 };
  for (let i = reach; i <= leastAt; i++) {
    const to = Math.min(smoothed.length - 1, i + reach);
    const slope = (smoothed[to]! - smoothed[i - reach]!) / Math.log(rates[to]! / rates[i - reach]!);
    if (slope < best.slope) best = { at: i, slope };
  }
  return best.at;
}
