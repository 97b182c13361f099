import type { ValueUnit } from './axisOptions.ts';

/** Which metrics a chart of one run shows together. */
export interface ChartSpec {
  key: string;
  metricKeys: readonly string[];
  unit: ValueUnit;
}

/** Measured anew in every step and therefore noisy; the rest is measured once per epoch or follows a schedule. */
const perStep: ReadonlySet<string> = new Set(['loss', 'gradientNorm', 'updateRatio', 'samplesPerSecond']);
/** What the machine was doing, sampled every few seconds. */
const system: readonly string[] = ['processorPercent', 'processMemoryBytes', 'cardPercent', 'cardMemoryBytes'];
const exact: ReadonlySet<string> = new Set([
  'p',
  'rho',
  'learningRate',
  'workerMemoryBytes',
  'dataWaitShare',
  ...system,
]);
/** These are axes, not curves. */
const axes: ReadonlySet<string> = new Set(['epoch', 'elapsedSeconds']);

/** Whether the moving average applies to a metric. */
export function isSmoothedMetric(key: string, smoothsEpochs: boolean): boolean {
  return perStep.has(key) || (smoothsEpochs && !exact.has(key));
}

export const clockKey = 'elapsedSeconds';

const together: readonly ChartSpec[] = [
  { key: 'loss', metricKeys: ['loss', 'trainLoss', 'validationLoss', 'testLoss'], unit: 'plain' },
  { key: 'accuracy', metricKeys: ['trainAccuracy', 'validationAccuracy', 'testAccuracy'], unit: 'plain' },
  { key: 'mae', metricKeys: ['trainMae', 'validationMae', 'testMae'], unit: 'plain' },
];
const alone: readonly string[] = [
  'p',
  'rho',
  'learningRate',
  'gradientNorm',
  'updateRatio',
  'samplesPerSecond',
  'workerMemoryBytes',
  'dataWaitShare',
];

export const isSystemMetric = (key: string): boolean => system.includes(key) || key === 'workerMemoryBytes';

export const unitOf = (key: string): ValueUnit => (key.endsWith('Bytes') ? 'bytes' : 'plain');

/** The charts of one run: what belongs together in one chart, each other metric in its own. */
export function runCharts(metricKeys: ReadonlySet<string>): ChartSpec[] {
  const grouped = together
    .map((spec) => ({ ...spec, metricKeys: spec.metricKeys.filter((key) => metricKeys.has(key)) }))
    .filter((spec) => spec.metricKeys.length > 0);
  const shown = new Set([...together.flatMap((spec) => spec.metricKeys), ...axes]);
  return [...grouped, ...inOrder([...metricKeys].filter((key) => !shown.has(key))).map(single)];
}

/** The charts of several runs: one metric each, with the scores that a comparison is about in front. */
export function comparisonCharts(metricKeys: ReadonlySet<string>): ChartSpec[] {
  const scores = ['accuracy', 'mae', 'loss']
    .flatMap((name) => together.find(({ key }) => key === name)!.metricKeys.toReversed())
    .filter((key) => metricKeys.has(key));
  const rest = [...metricKeys].filter((key) => !scores.includes(key) && !axes.has(key));
  return [...scores, ...inOrder(rest)].map(single);
}

const single = (key: string): ChartSpec => ({ key, metricKeys: [key], unit: unitOf(key) });

function inOrder(keys: readonly string[]): string[] {
  const place = (key: string): number => (alone.includes(key) ? alone.indexOf(key) : alone.length);
  return keys.toSorted((a, b) => place(a) - place(b) || (a < b ? -1 : 1));
}

/** The look of a metric among the others of its chart: train, validation and test have their colours everywhere. */
export function metricStyleIndex(key: string): number {
  if (key.startsWith('validation')) return 2;
  if (key.startsWith('test')) return 1;
  return key === 'loss' ? 6 : 0;
}
