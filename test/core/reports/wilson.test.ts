import { expect, it } from 'vitest';
import { wilsonInterval } from '../../../src/core/reports/wilson.ts';

// statsmodels.stats.proportion.proportion_confint(method="wilson") and R's prop.test(correct = FALSE) give these
it.each([
  [50, 100, 0.40383, 0.59617],
  [81, 263, 0.25529, 0.36621],
  [0, 20, 0, 0.16113],
  [20, 20, 0.83887, 1],
])('%d of %d', (right, total, low, high) => {
  const interval = wilsonInterval(right, total);
  expect(interval.low).toBeCloseTo(low, 4);
  expect(interval.high).toBeCloseTo(high, 4);
});
