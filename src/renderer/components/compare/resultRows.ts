import { meanAndSpread, type MeanAndSpread } from '../../../core/runs/meanAndSpread.ts';
import { comparisonCharts } from '../../charts/chartSpecs.ts';
import type { ComparedItem } from './comparedItems.ts';

export interface ResultRow {
  item: ComparedItem;
  /** by metric key, and `trainSeconds` */
  values: ReadonlyMap<string, MeanAndSpread | null>;
}

export const timeKey = 'trainSeconds';

/** These end where their schedule ends and say nothing about a result. */
const noResults: ReadonlySet<string> = new Set([
  'p',
  'rho',
  'learningRate',
  'workerMemoryBytes',
  'processMemoryBytes',
  'processorPercent',
  'cardPercent',
  'cardMemoryBytes',
  'dataWaitShare',
  'loss',
]);

/** The metrics worth a column, those that a comparison is about in front. */
export function resultKeys(items: readonly ComparedItem[]): string[] {
  const keys = new Set(items.flatMap(({ runs }) => runs.flatMap(({ latest }) => Object.keys(latest))));
  return comparisonCharts(keys)
    .map(({ key }) => key)
    .filter((key) => !noResults.has(key));
}

export function resultRows(items: readonly ComparedItem[], keys: readonly string[]): ResultRow[] {
  return items.map((item) => ({
    item,
    values: new Map([
      ...keys.map((key) => [key, meanAndSpread(item.runs.map(({ latest }) => latest[key]))] as const),
      [timeKey, meanAndSpread(item.runs.map(({ trainSeconds }) => trainSeconds))] as const,
    ]),
  }));
}

/** 1 where more is better, -1 where less is, 0 where neither. */
export function goodDirection(key: string): 1 | -1 | 0 {
  if (key.endsWith('Accuracy') || key === 'samplesPerSecond') return 1;
  return key.endsWith('Loss') || key.endsWith('Mae') || key === timeKey ? -1 : 0;
}

/** The best mean of a column; null where there is no better and worse, or nothing to choose from. */
export function bestOf(rows: readonly ResultRow[], key: string): number | null {
  const direction = goodDirection(key);
  const means = rows.flatMap(({ values }) => values.get(key)?.mean ?? []);
  if (direction === 0 || means.length < 2) return null;
  return direction > 0 ? Math.max(...means) : Math.min(...means);
}

/** Rows by a column; those without a value come last either way. */
export function sortRows(rows: readonly ResultRow[], key: string, isDescending: boolean): ResultRow[] {
  const sign = isDescending ? -1 : 1;
  return rows.toSorted((a, b) => {
    const [left, right] = [a.values.get(key)?.mean, b.values.get(key)?.mean];
    if (left === undefined || right === undefined) return Number(left === undefined) - Number(right === undefined);
    return sign * (left - right);
  });
}
