import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { medianStopEpoch, runningMeans } from '../../../src/core/studies/medianStopping.ts';
import { comparePairs, holmAdjusted, seedsNeeded } from '../../../src/core/studies/statistics/comparePairs.ts';
import { tQuantile, twoSidedP } from '../../../src/core/studies/statistics/studentT.ts';
import { summarize } from '../../../src/core/studies/statistics/summarize.ts';
import { verdictOf, type Contender } from '../../../src/core/studies/statistics/verdict.ts';

const numbers = z.array(z.number());
const interval = z.object({ low: z.number(), high: z.number() });
const goldenSchema = z.object({
  quantiles: z.array(z.object({ degrees: z.number(), confidence: z.number(), t: z.number() })),
  tails: z.array(z.object({ degrees: z.number(), t: z.number(), p: z.number() })),
  summaries: z.array(z.object({ values: numbers, mean: z.number(), spread: z.number(), interval })),
  pairs: z.array(
    z.object({ first: numbers, second: numbers, mean: z.number(), spread: z.number(), interval, p: z.number() }),
  ),
  holm: z.object({ ps: numbers, adjusted: numbers }),
  median: z.array(
    z.object({
      direction: z.enum(['maximize', 'minimize']),
      minEpochs: z.int(),
      minRuns: z.int(),
      others: z.array(numbers),
      runs: z.array(z.object({ own: numbers, epoch: z.int().nullable() })),
    }),
  ),
});
/** What SciPy and NumPy computed; see test/golden/studies/make.py. */
const golden = goldenSchema.parse(
  JSON.parse(readFileSync(new URL('../../golden/studies/golden.json', import.meta.url), 'utf8')),
);

const relativeError = (value: number, expected: number): number =>
  Math.abs(value - expected) / Math.max(Math.abs(expected), 1e-12);
const bySeed = (values: readonly number[]): Map<number, number> => new Map(values.map((value, seed) => [seed, value]));

describe('against SciPy', () => {
  it.each(golden.quantiles)('t of $confidence with $degrees degrees of freedom', ({ confidence, degrees, t }) => {
    // some versions of SciPy invert to about 2e-9 only
    expect(relativeError(tQuantile(confidence, degrees), t)).toBeLessThan(1e-8);
    expect(relativeError(twoSidedP(tQuantile(confidence, degrees), degrees), 1 - confidence)).toBeLessThan(1e-12);
  });
  it.each(golden.tails)('p of |T| > $t with $degrees degrees of freedom', ({ t, degrees, p }) => {
    expect(relativeError(twoSidedP(t, degrees), p)).toBeLessThan(1e-9);
  });
  it.each(golden.summaries)('mean, spread and interval of $values', ({ values, ...expected }) => {
    const found = summarize([...values, null, NaN])!;
    expect(found.count).toBe(values.length);
    expect(relativeError(found.mean, expected.mean)).toBeLessThan(1e-12);
    expect(relativeError(found.spread!, expected.spread)).toBeLessThan(1e-9);
    expect(relativeError(found.interval!.low, expected.interval.low)).toBeLessThan(1e-9);
    expect(relativeError(found.interval!.high, expected.interval.high)).toBeLessThan(1e-9);
  });
  it.each(golden.pairs)('paired difference with p $p', ({ first, second, ...expected }) => {
    const found = comparePairs(bySeed(first), bySeed(second))!;
    expect(relativeError(found.mean, expected.mean)).toBeLessThan(1e-9);
    expect(relativeError(found.spread!, expected.spread)).toBeLessThan(1e-9);
    expect(relativeError(found.interval!.low, expected.interval.low)).toBeLessThan(1e-8);
    expect(relativeError(found.interval!.high, expected.interval.high)).toBeLessThan(1e-8);
    expect(relativeError(found.p!, expected.p)).toBeLessThan(1e-7);
  });
  it("Holm's correction", () => {
    const found = holmAdjusted(golden.holm.ps);
    golden.holm.adjusted.forEach((expected, i) => expect(found[i]).toBeCloseTo(expected, 12));
  });
  it.each(golden.median.flatMap(({ runs, ...rule }) => runs.map((run) => ({ ...rule, ...run }))))(
    'the median rule, $direction, ends at $epoch',
    ({ own, others, direction, minEpochs, minRuns, epoch }) => {
      expect(medianStopEpoch({ kind: 'median', minEpochs, minRuns }, direction, own, others.map(runningMeans))).toBe(
        epoch,
      );
    },
  );
});

describe('the median rule', () => {
  const rule = { kind: 'median', minEpochs: 4, minRuns: 2 } as const;
  it('never ends a run before its least number of epochs, or with too few others', () => {
    const good = [
      [0.9, 0.9, 0.9, 0.9, 0.9],
      [0.8, 0.8, 0.8, 0.8, 0.8],
    ].map(runningMeans);
    expect(medianStopEpoch(rule, 'maximize', [0, 0, 0], good)).toBeNull();
    expect(medianStopEpoch(rule, 'maximize', [0, 0, 0, 0, 0], good)).toBe(4);
    expect(medianStopEpoch(rule, 'maximize', [0, 0, 0, 0, 0], good.slice(0, 1))).toBeNull();
  });
  it('judges by measured epochs only', () => {
    const others = [
      [null, 0.5, null, 0.6],
      [null, 0.5, null, 0.6],
    ].map(runningMeans);
    expect(medianStopEpoch(rule, 'maximize', [null, 0.1, null, 0.2], others)).toBe(4);
    expect(medianStopEpoch(rule, 'maximize', [null, null, null, null], others)).toBeNull();
  });
});

describe('a verdict', () => {
  const contender = (id: string, values: readonly number[], isWhole = true): Contender => ({
    id,
    values: bySeed(values),
    isWhole,
  });
  const clear = [contender('a', [0.9, 0.91, 0.92, 0.9]), contender('b', [0.8, 0.812, 0.819, 0.801])];

  it('names a winner only when every other setting is told from it', () => {
    expect(verdictOf(clear, 'maximize')).toMatchObject({ kind: 'winner', bestId: 'a', undecidedIds: [] });
    expect(verdictOf(clear, 'minimize')).toMatchObject({ kind: 'winner', bestId: 'b' });
    const close = [...clear, contender('c', [0.89, 0.92, 0.918, 0.9])];
    expect(verdictOf(close, 'maximize')).toMatchObject({ kind: 'moreSeeds', bestId: 'a', undecidedIds: ['c'] });
  });
  it('asks for more seeds below three, however clear the numbers look', () => {
    const two = [contender('a', [0.9, 0.9001]), contender('b', [0.1, 0.1002])];
    expect(verdictOf(two, 'maximize')).toMatchObject({ kind: 'moreSeeds', undecidedIds: ['b'] });
    expect(verdictOf(two, 'maximize').reason).toContain('at least 3');
  });
  it('does not take equal differences, which show no spread, for certainty', () => {
    const equal = [contender('a', [0.9, 0.91, 0.92]), contender('b', [0.8, 0.81, 0.82])];
    expect(verdictOf(equal, 'maximize')).toMatchObject({ kind: 'moreSeeds', undecidedIds: ['b'] });
  });
  it('crowns no setting that lost a run', () => {
    const lost = [{ ...clear[0]!, isWhole: false }, clear[1]!];
    expect(verdictOf(lost, 'maximize')).toMatchObject({ kind: 'moreSeeds', bestId: 'a' });
  });
  it('counts every pair of settings as a comparison', () => {
    const [a, b] = [contender('a', [0.9, 0.91, 0.92]), contender('b', [0.88, 0.886, 0.907])];
    const p = verdictOf([a, b], 'maximize').comparisons[0]!.adjustedP!;
    expect(p).toBeGreaterThan(0.01);
    const many = ['c', 'd', 'e'].map((id, i) => contender(id, [0.5 + i / 9, 0.4 + i / 9, 0.45 + i / 8]));
    const adjusted = verdictOf([a, b, ...many], 'maximize').comparisons.find(({ id }) => id === 'b')!.adjustedP!;
    expect(adjusted).toBeGreaterThan(2 * p);
  });
  it('has nothing to say of nothing, and of one setting alone', () => {
    expect(verdictOf([contender('a', [])], 'maximize').kind).toBe('none');
    expect(verdictOf([contender('a', [1, 2, 3])], 'maximize').kind).toBe('alone');
  });
});

it('the seeds needed are the fewest whose interval would leave zero out', () => {
  const difference = { mean: 0.01, spread: 0.02 };
  const n = seedsNeeded(difference)!;
  const half = (count: number): number => (tQuantile(0.95, count - 1) * difference.spread) / Math.sqrt(count);
  expect(half(n)).toBeLessThan(0.01);
  expect(half(n - 1)).toBeGreaterThanOrEqual(0.01);
  expect(seedsNeeded({ mean: 1e-6, spread: 1 })).toBeNull();
});
