import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Series } from '../../../src/core/contract/runs.ts';
import { createGenerator, type Generator } from '../../../src/core/random/generator.ts';
import { createMetricStore, type MetricStore } from '../../../src/main/storage/metricStore.ts';
import { migrate } from '../../../src/main/storage/migrate.ts';
import { migrations } from '../../../src/main/storage/migrations/index.ts';
import { createRunStore, type RunStore } from '../../../src/main/storage/runStore.ts';
import { stepsUpTo } from '../services/testApp.ts';
import { storedRun, thrownBy } from './storageFixtures.ts';

let db: Database.Database;
let store: MetricStore;
let runs: RunStore;
/** rows that statements gave out since it was last set to 0 */
let rowsRead: number;

/** The database, counting the rows that are read from it. */
function counting(inner: Database.Database): Database.Database {
  const wrapStatement = (statement: Database.Statement): Database.Statement =>
    new Proxy(statement, {
      get(target, name) {
        if (name === 'pluck') return () => wrapStatement(target.pluck());
        if (name === 'all') {
          return (...args: unknown[]) => {
            const rows = target.all(...args);
            rowsRead += rows.length;
            return rows;
          };
        }
        const value: unknown = Reflect.get(target, name);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
  return new Proxy(inner, {
    get(target, name) {
      if (name === 'prepare') return (sql: string) => wrapStatement(target.prepare(sql));
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

beforeEach(() => {
  db = new Database(':memory:');
  migrate(db, migrations);
  runs = createRunStore(db);
  rowsRead = 0;
  store = createMetricStore(counting(db));
  for (const id of ['a', 'b']) runs.insert(storedRun(id));
});
afterEach(() => db.close());

type Points = Map<number, number | null>;

/** Minimum, maximum and last of the points in steps from..to, leaving out what is no number; computed from nothing but the points. */
function bruteForce(points: Points, from: number, to: number) {
  const inside = [...points].filter(([step]) => step >= from && step <= to).toSorted(([a], [b]) => a - b);
  const numbers = inside.flatMap(([, value]) => (value === null ? [] : [value]));
  return {
    count: inside.length,
    last: inside.at(-1) ?? null,
    minimum: numbers.length > 0 ? Math.min(...numbers) : null,
    maximum: numbers.length > 0 ? Math.max(...numbers) : null,
  };
}

/** Where a reduced series says something else than its points; empty when nowhere. */
function lies(series: Series, points: Points, from: number, to: number): string[] {
  const found: string[] = [];
  let begin = from;
  series.steps.forEach((step, i) => {
    const truth = bruteForce(points, begin, step);
    const said = {
      count: truth.count,
      last: [step, series.values[i]],
      minimum: series.minimums ? series.minimums[i] : truth.minimum,
      maximum: series.maximums ? series.maximums[i] : truth.maximum,
    };
    if (JSON.stringify(said) !== JSON.stringify(truth)) {
      found.push(`${begin}..${step}: ${JSON.stringify(said)} is not ${JSON.stringify(truth)}`);
    }
    begin = step + 1;
  });
  const all = bruteForce(points, from, to);
  if (series.totalPoints !== all.count) found.push(`${series.totalPoints} points, not ${all.count}`);
  const behind = bruteForce(points, begin, to).count;
  if (behind > 0) found.push(`${behind} points after the last bucket`);
  return found;
}

function commit(runId: string, key: string, points: readonly (readonly [number, number])[]): void {
  const step = Math.max(...points.map(([at]) => at));
  const series = { [key]: { steps: points.map(([at]) => at), values: points.map(([, value]) => value) } };
  store.commit({ runId, step, series, trainSeconds: 0 });
}

const toStored = (value: number): number | null => (Number.isFinite(value) ? value : null);

/** A few hundred points after `step`: dense or with gaps of very different size, now and then not a number. */
function randomBatch(random: Generator, step: number): [number, number][] {
  const stride = [1, 1, 2, 37, 5_000][Math.floor(random.nextFloat() * 5)]!;
  const size = 1 + Math.floor(random.nextFloat() * 400);
  const batch: [number, number][] = [];
  let at = step;
  for (let i = 0; i < size; i++) {
    at += 1 + Math.floor(random.nextFloat() * stride);
    const kind = random.nextFloat();
    const value = kind < 0.03 ? Number.NaN : kind < 0.05 ? Infinity : random.nextNormal();
    batch.push([at, value]);
  }
  return batch;
}

describe.each(stepsUpTo(8))('a random life of a series, seed %i', (seed) => {
  it('every reduced view tells the true minimum, maximum and last of its points', () => {
    const random = createGenerator(seed, 'test/metrics');
    const points: Points = new Map();
    let last = 0;
    for (let round = 0; round < 12; round++) {
      const choice = random.nextFloat();
      if (choice < 0.2 && points.size > 0) {
        last = choice < 0.02 ? -1 : Math.floor(random.nextFloat() * last);
        store.truncateAfter('a', last);
        for (const step of points.keys()) if (step > last) points.delete(step);
        last = Math.max(0, last);
      } else if (choice < 0.3 && points.size > 0) {
        // points that come late, or again with another value
        const again = [...points.keys()]
          .filter(() => random.nextFloat() < 0.05)
          .map((step) => [step, step / 7] as const);
        const late = [[Math.floor(random.nextFloat() * last) + 1, 99] as const];
        const batch = [...again, ...late];
        commit('a', 'loss', batch);
        for (const [step, value] of batch) points.set(step, value);
      } else {
        const batch = randomBatch(random, last);
        commit('a', 'loss', batch);
        for (const [step, value] of batch) points.set(step, toStored(value));
        last = batch.at(-1)![0];
      }
      commit('b', 'loss', [[round + 1, -1_000]]);

      const range = random.nextFloat() < 0.5 ? {} : { from: Math.floor(last * 0.3), to: Math.floor(last * 0.8) };
      const maxPoints = [0, 1, 7, 100, 2_000][Math.floor(random.nextFloat() * 5)]!;
      const series = store.series('a', 'loss', { ...range, maxPoints });
      expect(lies(series, points, range.from ?? 0, range.to ?? Infinity)).toEqual([]);
      // a bucket may begin before the range and end after it
      expect(series.steps.length).toBeLessThanOrEqual(maxPoints === 0 ? Infinity : maxPoints + 1);
    }
    const newest = bruteForce(points, 0, Infinity).last;
    expect(runs.get('a')?.latest['loss'] ?? null).toBe(newest?.[1] ?? null);
    expect(store.keys('a')).toEqual(newest ? [{ key: 'loss', points: points.size }] : []);
    expect(store.series('b', 'loss', { maxPoints: 0 }).steps).toEqual(stepsUpTo(12));
  });
});

it('a chart of a million points reads a few thousand rows and misses no peak', () => {
  const size = 1_000_000;
  const random = createGenerator(1, 'test/million');
  const values = Float64Array.from({ length: size }, () => random.nextNormal());
  values[123_456] = 1_000;
  values[654_321] = -1_000;
  values[777_777] = Number.NaN;
  const batch = 50_000;
  for (let first = 0; first < size; first += batch) {
    const steps = stepsUpTo(first + batch, first + 1);
    const part = { steps, values: [...values.subarray(first, first + batch)] };
    store.commit({ runId: 'a', step: first + batch, series: { loss: part }, trainSeconds: 0 });
  }
  for (const { from, to, maxPoints } of [
    { from: 1, to: size, maxPoints: 2_000 },
    { from: 100_001, to: 900_017, maxPoints: 1_000 },
    { from: 654_000, to: 655_000, maxPoints: 500 },
  ]) {
    rowsRead = 0;
    const series = store.series('a', 'loss', { from, to, maxPoints });
    expect(rowsRead).toBeLessThan(5 * maxPoints + 200);
    expect(series.totalPoints).toBe(to - from + 1);
    expect(series.steps.length).toBeGreaterThan(maxPoints / 2);
    let begin = from - 1;
    let wrong = 0;
    series.steps.forEach((step, i) => {
      const part = values.subarray(begin, step).filter((value) => !Number.isNaN(value));
      const isTrue =
        series.minimums?.[i] === part.reduce((a, b) => Math.min(a, b)) &&
        series.maximums?.[i] === part.reduce((a, b) => Math.max(a, b)) &&
        series.values[i] === values[step - 1];
      if (!isTrue) wrong++;
      begin = step;
    });
    expect(wrong).toBe(0);
    expect(begin).toBe(to);
  }
});

describe('nothing is stored by halves', () => {
  const loss = { steps: [1, 2], values: [3, 4] };

  it.each([
    {
      what: 'a series with more steps than values',
      series: { loss, other: { steps: [1, 2], values: [1] } },
      says: '2 steps and 1 values',
    },
    {
      what: 'a step that is no number',
      series: { loss, other: { steps: [Number.NaN], values: [1] } },
      says: 'NOT NULL',
    },
  ])('$what leaves the whole batch out', ({ series, says }) => {
    expect(() => store.commit({ runId: 'a', step: 2, series, trainSeconds: 1 })).toThrow(says);
    expect(store.keys('a')).toEqual([]);
    expect(runs.get('a')).toMatchObject({ step: 0, trainSeconds: 0, latest: {} });
    // a key that was new in the batch that failed can be used afterwards
    store.commit({ runId: 'a', step: 2, series: { loss, other: loss }, trainSeconds: 1 });
    expect(store.keys('a')).toEqual([
      { key: 'loss', points: 2 },
      { key: 'other', points: 2 },
    ]);
  });

  it('metrics of a run that is not there are refused', () => {
    expect(() => store.commit({ runId: 'nobody', step: 2, series: { loss }, trainSeconds: 1 })).toThrow('FOREIGN KEY');
    expect(db.prepare('SELECT count(*) FROM metrics').pluck().get()).toBe(0);
  });

  it('names the metric whose columns differ in length', () => {
    const series = { loss: { steps: [1], values: [] } };
    expect(thrownBy(() => store.commit({ runId: 'a', step: 1, series, trainSeconds: 0 }))).toMatchObject({
      code: 'malformedMessage',
      message: 'The metric "loss" of run a came with 1 steps and 0 values; the batch was not stored.',
    });
  });
});

it('forgets a run piece by piece and says when nothing is left', () => {
  store.commit({
    runId: 'a',
    step: 1_000,
    series: { loss: { steps: stepsUpTo(1_000), values: stepsUpTo(1_000) }, p: { steps: [1], values: [6] } },
    trainSeconds: 0,
  });
  store.commit({ runId: 'b', step: 1, series: { loss: { steps: [1], values: [5] } }, trainSeconds: 0 });
  let turns = 1;
  while (store.removeSome('a', 300)) turns++;
  expect(turns).toBe(5);
  expect(store.keys('a')).toEqual([]);
  expect(db.prepare("SELECT count(*) FROM metric_buckets WHERE run_id = 'a'").pluck().get()).toBe(0);
  expect(store.series('b', 'loss', { maxPoints: 0 }).values).toEqual([5]);
});
