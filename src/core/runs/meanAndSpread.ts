export interface MeanAndSpread {
  mean: number;
  /** sample standard deviation (divided by n - 1); null for a single value, which has none */
  spread: number | null;
  count: number;
}

/** Mean and spread of the numbers among the values; null when there is none. */
export function meanAndSpread(values: readonly (number | null | undefined)[]): MeanAndSpread | null {
  const numbers = values.filter((value): value is number => typeof value === 'number' && Number.isFinite(value));
  const count = numbers.length;
  if (count === 0) return null;
  const mean = numbers.reduce((sum, value) => sum + value, 0) / count;
  const squares = numbers.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, spread: count > 1 ? Math.sqrt(squares / (count - 1)) : null, count };
}
