import type { ReportOptions } from '../../core/contract/reports.ts';
import type { RunsService, Series } from '../../core/contract/runs.ts';
import type { ReportCurve } from '../../core/reports/reportData.ts';
import { plainText } from '../../core/reports/reportText.ts';
import { seedStatistics, type Curve } from '../../core/metrics/seedStatistics.ts';
import { smooth } from '../../core/metrics/smoothing.ts';
import type { SeedGroup } from '../../core/runs/seedGroups.ts';
import { nextTurn } from '../../node/pacing.ts';

interface DrawnMetric {
  key: string;
  title: string;
  /** measured in every step, and so with noise that a moving average takes off */
  isPerStep: boolean;
  isLoss?: boolean;
  isLog?: boolean;
}

/** What a report draws, in this order, where runs have it. */
const drawn: readonly DrawnMetric[] = [
  { key: 'trainLoss', title: 'Training loss', isPerStep: false, isLoss: true },
  { key: 'validationLoss', title: 'Validation loss', isPerStep: false, isLoss: true },
  { key: 'testLoss', title: 'Test loss', isPerStep: false, isLoss: true },
  { key: 'trainAccuracy', title: 'Training accuracy', isPerStep: false },
  { key: 'validationAccuracy', title: 'Validation accuracy', isPerStep: false },
  { key: 'testAccuracy', title: 'Test accuracy', isPerStep: false },
  { key: 'trainMae', title: 'Training mean absolute error', isPerStep: false },
  { key: 'validationMae', title: 'Validation mean absolute error', isPerStep: false },
  { key: 'testMae', title: 'Test mean absolute error', isPerStep: false },
  { key: 'loss', title: 'Loss of every step', isPerStep: true, isLoss: true },
  { key: 'p', title: 'p of the norm', isPerStep: true },
  { key: 'rho', title: 'rho = (p - 2) / (p - 1)', isPerStep: true },
  { key: 'learningRate', title: 'Learning rate', isPerStep: true },
  { key: 'gradientNorm', title: 'Gradient norm', isPerStep: true, isLog: true },
  { key: 'updateRatio', title: 'Size of a step, relative to the weights', isPerStep: true, isLog: true },
];
/** Schedules are exact; a moving average would bend them. */
const neverSmoothed = new Set(['p', 'rho', 'learningRate']);
const mostPoints = 4_000;
const leastPoints = 120;
const mostForeign = 12;

/** Curves of every group: one run as it was measured with a moving average over it, several as mean and range. */
export async function collectCurves(
  runs: Pick<RunsService, 'metrics'>,
  groups: readonly SeedGroup[],
  options: ReportOptions,
): Promise<ReportCurve[]> {
  const members = groups.reduce((sum, group) => sum + group.runs.length, 0);
  const maxPoints = Math.max(leastPoints, Math.min(1_000, Math.floor(mostPoints / members)));
  const known = new Set(drawn.map(({ key }) => key));
  // another program has names of its own
  const foreign = [
    ...new Set(
      groups.flatMap(({ runs: own }) =>
        own.filter(({ origin }) => origin).flatMap(({ latest }) => Object.keys(latest)),
      ),
    ),
  ]
    .filter((key) => !known.has(key))
    .slice(0, mostForeign)
    .map((key): DrawnMetric => ({ key, title: plainText(key), isPerStep: true }));

  const curves: ReportCurve[] = [];
  for (const { key, title, isPerStep, isLoss, isLog } of [...drawn, ...foreign]) {
    const lines: ReportCurve['lines'] = [];
    for (const group of groups) {
      const series: Series[] = [];
      for (const run of group.runs) {
        if (!(key in run.latest)) continue;
        const [found] = await runs.metrics({ runId: run.id, keys: [key], maxPoints });
        await nextTurn();
        if (found && found.steps.length > 0) series.push({ ...found, steps: found.steps.map(stepScale(run, options)) });
      }
      if (series.length === 0) continue;
      const factor = isPerStep && !neverSmoothed.has(key) ? options.smoothing : 0;
      lines.push({
        label: plainText(group.name),
        runIds: group.runs.map(({ id }) => id),
        totalPoints: series.reduce((sum, { totalPoints }) => sum + totalPoints, 0),
        ...(series.length === 1 ? oneRun(series[0]!, factor) : severalRuns(series, factor)),
      });
    }
    if (lines.length > 0) curves.push({ key, title, isLog: isLog ?? (isLoss ? options.logLoss : false), lines });
  }
  return members === 1 ? byPart(curves) : curves;
}

const parts = ['train', 'validation', 'test'] as const;

/** Of a single run, the parts of the data are drawn over each other instead of apart. */
function byPart(curves: readonly ReportCurve[]): ReportCurve[] {
  const merged: ReportCurve[] = [];
  for (const curve of curves) {
    const part = parts.find((name) => curve.key.startsWith(name));
    if (!part) {
      merged.push(curve);
      continue;
    }
    const key = curve.key.slice(part.length);
    const lines = curve.lines.map((line) => ({ ...line, label: part === 'train' ? 'training' : part }));
    const known = merged.find((other) => other.key === key);
    if (known) known.lines.push(...lines);
    else merged.push({ ...curve, key, title: key === 'Mae' ? 'Mean absolute error' : key, lines });
  }
  return merged;
}

function stepScale(run: SeedGroup['runs'][number], { x }: ReportOptions): (step: number) => number {
  const { stepsPerEpoch } = run;
  return (step) => (x === 'epoch' && stepsPerEpoch ? step / stepsPerEpoch : step);
}

type Columns = Pick<ReportCurve['lines'][number], 'xs' | 'means' | 'lows' | 'highs'>;

const atX = (xs: ArrayLike<number>): number[] => Array.from(xs, (x) => Number(x.toPrecision(8)));
const numbers = (values: readonly (number | null)[]): Float64Array =>
  Float64Array.from(values, (value) => value ?? Number.NaN);
const orNull = (values: ArrayLike<number>): (number | null)[] =>
  Array.from(values, (value) => (Number.isFinite(value) ? Number(value.toPrecision(6)) : null));

/** The band holds every value that was measured under a moving average: the range of merged points, or from one to the next. */
function oneRun({ steps, values, minimums, maximums, totalPoints }: Series, factor: number): Columns {
  const raw = numbers(values);
  const pointsPerValue = Math.max(1, totalPoints / Math.max(1, steps.length));
  const means = factor > 0 ? smooth(raw, factor, pointsPerValue) : raw;
  const next = (i: number): number => raw[Math.min(i + 1, raw.length - 1)]!;
  if (factor === 0 && !minimums) return { xs: atX(steps), means: orNull(raw), lows: orNull(raw), highs: orNull(raw) };
  const lows = minimums ? numbers(minimums) : raw.map((value, i) => Math.min(value, next(i)));
  const highs = maximums ? numbers(maximums) : raw.map((value, i) => Math.max(value, next(i)));
  return {
    xs: atX(steps),
    means: orNull(means),
    lows: orNull(lows),
    highs: orNull(highs),
  };
}

function severalRuns(series: readonly Series[], factor: number): Columns {
  const curves: Curve[] = series.map(({ steps, values }) => {
    const raw = numbers(values);
    return { xs: steps, ys: factor > 0 ? smooth(raw, factor) : raw, length: steps.length };
  });
  const { xs, means, minimums, maximums } = seedStatistics(curves);
  return {
    xs: atX(xs),
    means: orNull(means),
    lows: orNull(minimums),
    highs: orNull(maximums),
  };
}
