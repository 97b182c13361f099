import type { Study } from '../contract/studies.ts';
import { seedStatistics, type Curve } from '../metrics/seedStatistics.ts';
import { bandPlot } from '../plots/bandPlot.ts';
import { heatMap } from '../plots/heatMap.ts';
import { intervalPlot } from '../plots/intervalPlot.ts';
import { intervalRows } from '../plots/intervalRows.ts';
import { parallelCoordinates } from '../plots/parallelCoordinates.ts';
import { tickText } from '../plots/scale.ts';
import type { PlotTheme } from '../plots/svg.ts';
import { fieldName } from '../runs/configFields.ts';
import { isAxisOf, type SettingValue } from './axes.ts';
import { pointText } from './planStudy.ts';
import { rankedRows, type StudyRow, type StudyTable } from './studyTable.ts';

export interface StudyFigure {
  /** for a file: `accuracy`, `heat-map` */
  name: string;
  title: string;
  svg: string;
}

/** Curves of a metric by run id, x in epochs. */
export type CurvesByRun = ReadonlyMap<string, Curve>;

/** More settings than this cannot be told apart in one drawing. */
export const mostShown = 12;
const mostBands = 8;
/** Wider than this, names of settings are read better in rows. */
const widestColumns = 820;

const isShare = (metric: string): boolean => metric.endsWith('Accuracy');
/** A metric in the unit that people read: accuracies in percent. */
export const inUnit = (metric: string, value: number): number => (isShare(metric) ? 100 * value : value);
export const unitName = (metric: string): string => `${metricName(metric)}${isShare(metric) ? ' (%)' : ''}`;
/** testAccuracy as test accuracy */
export const metricName = (metric: string): string =>
  metric.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

const shortLabel = ({ setting }: StudyRow, rows: readonly StudyRow[]): string => {
  const isOneOptimizer = new Set(rows.map((row) => row.setting.optimizer.label)).size === 1;
  const text = pointText(setting.point);
  return isOneOptimizer && text !== '' ? text : setting.label;
};

/** The settings with their seeds; the best ones when there are many. `report` shows the metric to report. */
export function settingsFigure(
  study: Study,
  rows: readonly StudyRow[],
  theme: PlotTheme,
  isReport = false,
): StudyFigure {
  const { metric, report, direction } = study.spec.objective;
  const shownMetric = isReport && report !== null ? report : metric;
  const valuesOf = ({ cells }: StudyRow): number[] =>
    cells.flatMap((cell) => {
      const value = isReport && report !== null ? cell.report : cell.state === 'done' ? cell.value : null;
      return value === null ? [] : [inUnit(shownMetric, value)];
    });
  const summaryOf = (row: StudyRow) => (isReport && report !== null ? row.reportSummary : row.summary);
  const shown = rows.length > mostShown ? rankedRows(rows, direction).slice(0, mostShown) : rows;
  const items = shown.flatMap((row) => {
    const summary = summaryOf(row);
    if (!summary) return [];
    const { mean, interval } = summary;
    return [
      {
        label: shortLabel(row, rows),
        values: valuesOf(row),
        mean: inUnit(shownMetric, mean),
        interval: interval && { low: inUnit(shownMetric, interval.low), high: inUnit(shownMetric, interval.high) },
      },
    ];
  });
  const title = rows.length > mostShown ? `${study.name}: the ${mostShown} best settings` : study.name;
  const common = { items, title, theme };
  const text = isShare(shownMetric) ? (value: number): string => value.toFixed(1) : tickText;
  const longest = Math.max(...items.map(({ label }) => label.length), 0);
  const width = Math.max(520, 110 + items.length * Math.max(74, 6.2 * longest));
  const titleWidth = Math.min(widestColumns, 60 + 7.6 * title.length);
  const svg =
    width > widestColumns
      ? intervalRows({ ...common, xLabel: unitName(shownMetric), xText: text })
      : intervalPlot({
          ...common,
          xLabel: '',
          yLabel: unitName(shownMetric),
          yText: text,
          width: Math.max(width, titleWidth),
        });
  return { name: 'settings', title, svg };
}

/** A metric over the epochs, mean and range over the seeds, for the given settings. */
export function curvesFigure(
  options: { name: string; title: string; metric: string; isLogY?: boolean; theme: PlotTheme },
  rows: readonly StudyRow[],
  curves: CurvesByRun,
): StudyFigure {
  const { metric, theme, title } = options;
  const bands = rows.slice(0, mostBands).flatMap((row) => {
    const own = row.cells.flatMap(({ runId }) => {
      const curve = runId === null ? undefined : curves.get(runId);
      return curve && curve.length > 0 ? [curve] : [];
    });
    if (own.length === 0) return [];
    const { xs, means, minimums, maximums } = seedStatistics(own);
    const inUnits = (column: Float64Array): Float64Array => column.map((value) => inUnit(metric, value));
    return [
      {
        label: shortLabel(row, rows),
        xs,
        means: inUnits(means),
        lows: inUnits(minimums),
        highs: inUnits(maximums),
      },
    ];
  });
  const svg = bandPlot({
    bands,
    title,
    xLabel: 'epoch',
    yLabel: unitName(metric),
    theme,
    ...(options.isLogY ? { isLogY: true } : {}),
  });
  return { name: options.name, title, svg };
}

/** What a heat map can show: the two axes of the grid of one optimizer; null when no optimizer has exactly two. */
export function heatMapAxes({
  spec: { search, optimizers },
}: Pick<Study, 'spec'>): { x: string; y: string; optimizer: string } | null {
  if (search.kind !== 'grid') return null;
  const searched = optimizers.map((optimizer) => ({
    optimizer: optimizer.label,
    paths: search.axes.filter((axis) => isAxisOf(axis, optimizer)).map(({ path }) => path),
  }));
  const [only, another] = searched.filter(({ paths }) => paths.length > 0);
  if (!only || another || only.paths.length !== 2) return null;
  return { x: only.paths[1]!, y: only.paths[0]!, optimizer: only.optimizer };
}

const orderOf = (values: readonly SettingValue[]): SettingValue[] =>
  values.every((value) => typeof value === 'number') ? values.toSorted((a, b) => Number(a) - Number(b)) : [...values];
const nameOf = (value: SettingValue): string => (typeof value === 'number' ? tickText(value) : String(value));

/** The objective over two settings, the mean of the seeds in each cell. */
export function heatMapFigure(study: Study, { rows }: StudyTable, theme: PlotTheme): StudyFigure | null {
  const axes = heatMapAxes(study);
  if (!axes || study.spec.search.kind !== 'grid' || rows.every(({ summary }) => summary === null)) return null;
  const { x: xPath, y: yPath, optimizer } = axes;
  const { metric, direction } = study.spec.objective;
  const valuesOf = (path: string): SettingValue[] =>
    orderOf(study.spec.search.kind === 'grid' ? study.spec.search.axes.find((axis) => axis.path === path)!.values : []);
  const [columns, lines] = [valuesOf(xPath), valuesOf(yPath)];
  const values = lines.map((y) =>
    columns.map((x) => {
      const row = rows.find(
        ({ setting }) =>
          setting.optimizer.label === optimizer && setting.point[xPath] === x && setting.point[yPath] === y,
      );
      return row?.summary ? inUnit(metric, row.summary.mean) : null;
    }),
  );
  const whose = study.spec.optimizers.length > 1 ? ` of ${optimizer}` : '';
  const title = `Mean ${unitName(metric)}${whose} over the seeds`;
  const svg = heatMap({
    columns: columns.map(nameOf),
    rows: lines.map(nameOf),
    values,
    title,
    xLabel: fieldName(xPath),
    yLabel: fieldName(yPath),
    theme,
    text: (value) => (isShare(metric) ? value.toFixed(1) : tickText(Number(value.toPrecision(3)))),
    direction,
  });
  return { name: 'heat-map', title, svg };
}

/** Every setting as a line through what was searched; null when nothing was. */
export function parallelFigure(study: Study, { rows }: StudyTable, theme: PlotTheme): StudyFigure | null {
  const { search, objective, optimizers } = study.spec;
  if (search.kind === 'none') return null;
  const means = rows.flatMap(({ summary }) => (summary ? [summary.mean] : []));
  if (means.length === 0) return null;
  const [min, max] = [Math.min(...means), Math.max(...means)];
  const isLog = (path: string): boolean => /learningRate|weightDecay|epsilon|pMax|batchSize/i.test(path);
  const hasOptimizers = optimizers.length > 1;
  const axes = [
    ...(hasOptimizers ? [{ label: 'optimizer', isLog: false }] : []),
    ...search.axes.map(({ path }) => ({ label: fieldName(path), isLog: isLog(path) })),
    { label: unitName(objective.metric), isLog: false },
  ];
  const lines = rows.map(({ setting, summary }) => {
    const share = summary ? (max > min ? (summary.mean - min) / (max - min) : 1) : null;
    return {
      label: setting.label,
      share: share === null ? null : objective.direction === 'maximize' ? share : 1 - share,
      values: [
        ...(hasOptimizers ? [setting.optimizer.label] : []),
        ...search.axes.map(({ path }) => {
          const value = setting.point[path];
          return Array.isArray(value) ? value.join('-') : value;
        }),
        summary ? inUnit(objective.metric, summary.mean) : undefined,
      ],
    };
  });
  const title = 'Every setting through what was searched';
  return { name: 'parallel-coordinates', title, svg: parallelCoordinates({ axes, lines, title, theme }) };
}
