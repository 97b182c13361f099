import { tQuantile } from './studentT.ts';

export interface Interval {
  low: number;
  high: number;
}

export interface Summary {
  count: number;
  mean: number;
  /** sample standard deviation (n - 1); null for a single value, which has none */
  spread: number | null;
  /** 95 % interval of the mean: mean ± t(n - 1) * spread / sqrt(n); null for a single value */
  interval: Interval | null;
}

/** How sure an interval is. */
export const confidence = 0.95;

/** Mean, spread and Student's interval of the finite numbers among the values; null when there is none. */
export function summarize(values: readonly (number | null | undefined)[]): Summary | null {
  const numbers = values.filter((value): value is number => typeof value === 'number' && Number.isFinite(value));
  const count = numbers.length;
  if (count === 0) return null;
  const mean = numbers.reduce((sum, value) => sum + value, 0) / count;
  if (count === 1) return { count, mean, spread: null, interval: null };
  const squares = numbers.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const spread = Math.sqrt(squares / (count - 1));
  const half = (tQuantile(confidence, count - 1) * spread) / Math.sqrt(count);
  return { count, mean, spread, interval: { low: mean - half, high: mean + half } };
}
