import type { Database } from 'better-sqlite3';
import type { MetricColumns } from '../../core/contract/workerMessages.ts';
import type { Series } from '../../core/contract/runs.ts';
import { AppError } from '../../core/errors.ts';
import {
  bucketOf,
  cover,
  merge,
  mergeByWidth,
  neighbours,
  pyramidFactor,
  pyramidLevels,
  stepsPerBucket,
  type Bucket,
} from './pyramid.ts';
import { atomic } from './atomic.ts';

export interface MetricBatch {
  runId: string;
  /** every point up to this step is in this batch or an earlier one */
  step: number;
  /** by key; steps need not be in order, a step stored before gets the new value */
  series: Readonly<Record<string, MetricColumns>>;
  /** seconds of training up to here */
  trainSeconds: number;
}

export interface SeriesRange {
  from?: number | undefined;
  to?: number | undefined;
  /** about this many buckets at most; 0 gives every point */
  maxPoints: number;
}

export interface MetricStore {
  /** Stores a batch with its pyramid and the run's step in one transaction. */
  commit(batch: MetricBatch): void;
  keys(runId: string): { key: string; points: number }[];
  /** One series in step order; an unknown key gives an empty one. */
  series(runId: string, key: string, range: SeriesRange): Series;
  /** Forgets what comes after a step, as if it had never been stored; -1 forgets everything. */
  truncateAfter(runId: string, step: number): void;
  /** Deletes some of a run's points and says whether any are left. For a run that goes altogether. */
  removeSome(runId: string, limit: number): boolean;
}

interface SeriesRow {
  keyId: number;
  points: number;
  firstStep: number;
  lastStep: number;
}

const finiteOrNull = (value: number): number | null => (Number.isFinite(value) ? value : null);
const isAscending = (steps: readonly number[]): boolean => steps.every((step, i) => i === 0 || step > steps[i - 1]!);
const selectSeries = `SELECT key_id AS keyId, points, first_step AS firstStep, last_step AS lastStep FROM run_series`;
const whereSeries = 'run_id = ? AND key_id = ?';

/** More buckets than asked are read and merged evenly, since a level alone would be up to 16 times too coarse. */
const readAhead = 4;

export function createMetricStore(db: Database): MetricStore {
  const addKey = db.prepare('INSERT INTO metric_keys (key) VALUES (?) ON CONFLICT DO NOTHING');
  const keyId = db.prepare<[string], number>('SELECT id FROM metric_keys WHERE key = ?').pluck();
  const keyIds = new Map<string, number>();
  const addPoint = db.prepare('INSERT INTO metrics (run_id, key_id, step, value) VALUES (?, ?, ?, ?)');
  const upsertPoint = db.prepare(`INSERT INTO metrics (run_id, key_id, step, value) VALUES (?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET value = excluded.value`);
  const readPoints = db.prepare<unknown[], Bucket>(`
    SELECT value AS minimum, value AS maximum, step AS lastStep, value AS lastValue, 1 AS points
    FROM metrics WHERE ${whereSeries} AND step BETWEEN ? AND ? ORDER BY step`);
  const readBuckets = db.prepare<unknown[], Bucket>(`
    SELECT minimum, maximum, last_step AS lastStep, last_value AS lastValue, points
    FROM metric_buckets WHERE ${whereSeries} AND level = ? AND bucket BETWEEN ? AND ? ORDER BY bucket`);
  const countPoints = db
    .prepare<unknown[], number>(`SELECT count(*) FROM metrics WHERE ${whereSeries} AND step BETWEEN ? AND ?`)
    .pluck();
  const sumPoints = db
    .prepare<unknown[], number>(
      `SELECT coalesce(sum(points), 0) FROM metric_buckets WHERE ${whereSeries} AND level = ? AND bucket BETWEEN ? AND ?`,
    )
    .pluck();
  const firstStepOf = db.prepare<unknown[], number>(`SELECT min(step) FROM metrics WHERE ${whereSeries}`).pluck();
  const lastPointOf = db.prepare<unknown[], { step: number; value: number | null }>(
    `SELECT step, value FROM metrics WHERE ${whereSeries} ORDER BY step DESC LIMIT 1`,
  );
  const writeBucket = db.prepare(`INSERT OR REPLACE INTO metric_buckets
    (run_id, key_id, level, bucket, minimum, maximum, last_step, last_value, points) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const dropBuckets = db.prepare(`DELETE FROM metric_buckets WHERE ${whereSeries} AND level = ? AND bucket >= ?`);
  const dropPoints = db.prepare(`DELETE FROM metrics WHERE ${whereSeries} AND step > ?`);
  const writeSeries = db.prepare(`INSERT OR REPLACE INTO run_series
    (run_id, key_id, points, first_step, last_step, last_value) VALUES (?, ?, ?, ?, ?, ?)`);
  const dropSeries = db.prepare(`DELETE FROM run_series WHERE ${whereSeries}`);
  const oneSeries = db.prepare<unknown[], SeriesRow>(`${selectSeries} WHERE ${whereSeries}`);
  const allSeries = db.prepare<unknown[], SeriesRow>(`${selectSeries} WHERE run_id = ?`);
  const listKeys = db.prepare<unknown[], { key: string; points: number }>(`
    SELECT key, points FROM run_series JOIN metric_keys ON metric_keys.id = key_id WHERE run_id = ? ORDER BY key`);
  const setProgress = db.prepare('UPDATE runs SET step = ?, train_seconds = ? WHERE id = ?');
  const lowerStep = db.prepare('UPDATE runs SET step = min(step, ?) WHERE id = ?');
  const stepAtOffset = db
    .prepare<unknown[], number>(`SELECT step FROM metrics WHERE ${whereSeries} ORDER BY step LIMIT 1 OFFSET ?`)
    .pluck();
  const dropPointsBefore = db.prepare(`DELETE FROM metrics WHERE ${whereSeries} AND step < ?`);
  const dropAllPoints = db.prepare(`DELETE FROM metrics WHERE ${whereSeries}`);
  const dropAllBuckets = db.prepare(`DELETE FROM metric_buckets WHERE ${whereSeries}`);

  const idOfKey = (key: string): number => {
    const known = keyIds.get(key);
    if (known !== undefined) return known;
    addKey.run(key);
    return keyId.get(key)!;
  };

  const read = (runId: string, key: number, level: number, first: number, last: number): Bucket[] =>
    level === 0 ? readPoints.all(runId, key, first, last) : readBuckets.all(runId, key, level, first, last);

  /** Writes the buckets of a level that hold these steps anew from the level below. */
  const rebuild = (runId: string, key: number, level: number, sortedSteps: readonly number[]): void => {
    for (const { first, last } of neighbours(sortedSteps.map((step) => bucketOf(step, level)))) {
      const parts = read(runId, key, level - 1, first * pyramidFactor, (last + 1) * pyramidFactor - 1);
      for (const bucket of mergeByWidth(parts, stepsPerBucket(level))) {
        const { minimum, maximum, lastStep, lastValue, points } = bucket;
        writeBucket.run(runId, key, level, bucketOf(lastStep, level), minimum, maximum, lastStep, lastValue, points);
      }
    }
  };

  const count = (runId: string, key: number, from: number, to: number): number =>
    cover(from, to, pyramidLevels).reduce(
      (sum, { level, first, last }) =>
        sum +
        (level === 0 ? countPoints.get(runId, key, first, last)! : sumPoints.get(runId, key, level, first, last)!),
      0,
    );

  /** Adds buckets of points that come after all others of their series to a level, without reading a point. */
  const extend = (runId: string, key: number, level: number, later: readonly Bucket[]): void => {
    const at = bucketOf(later[0]!.lastStep, level);
    const [open] = readBuckets.all(runId, key, level, at, at);
    for (const [i, bucket] of later.entries()) {
      const { minimum, maximum, lastStep, lastValue, points } = i === 0 && open ? merge(open, bucket) : bucket;
      writeBucket.run(runId, key, level, bucketOf(lastStep, level), minimum, maximum, lastStep, lastValue, points);
    }
  };

  const append = (
    runId: string,
    key: number,
    before: SeriesRow | undefined,
    { steps, values }: MetricColumns,
  ): void => {
    let later: Bucket[] = [];
    for (let i = 0; i < steps.length; i++) {
      const value = finiteOrNull(values[i]!);
      addPoint.run(runId, key, steps[i]!, value);
      later.push({ minimum: value, maximum: value, lastStep: steps[i]!, lastValue: value, points: 1 });
    }
    for (let level = 1; level <= pyramidLevels; level++) {
      later = mergeByWidth(later, stepsPerBucket(level));
      extend(runId, key, level, later);
    }
    const { lastStep, lastValue } = later.at(-1)!;
    const points = (before?.points ?? 0) + steps.length;
    writeSeries.run(runId, key, points, before?.firstStep ?? steps[0]!, lastStep, lastValue);
  };

  /** Points in any order, some of which may replace others. */
  const insert = (runId: string, key: number, { steps, values }: MetricColumns): void => {
    for (let i = 0; i < steps.length; i++) upsertPoint.run(runId, key, steps[i]!, finiteOrNull(values[i]!));
    const distinct = [...new Set(steps)].toSorted((a, b) => a - b);
    for (let level = 1; level <= pyramidLevels; level++) rebuild(runId, key, level, distinct);
    summarise(runId, key);
  };

  const summarise = (runId: string, key: number): void => {
    const last = lastPointOf.get(runId, key);
    if (!last) {
      dropSeries.run(runId, key);
      return;
    }
    const first = firstStepOf.get(runId, key)!;
    writeSeries.run(runId, key, count(runId, key, first, last.step), first, last.step, last.value);
  };

  const commit = atomic(db, ({ runId, step, series, trainSeconds }: MetricBatch) => {
    for (const [name, { steps, values }] of Object.entries(series)) {
      if (steps.length !== values.length) {
        throw new AppError(
          'malformedMessage',
          `The metric "${name}" of run ${runId} came with ${steps.length} steps and ${values.length} values; the batch was not stored.`,
        );
      }
      if (steps.length === 0) continue;
      const key = idOfKey(name);
      const before = oneSeries.get(runId, key);
      if (isAscending(steps) && steps[0]! > (before?.lastStep ?? -1)) append(runId, key, before, { steps, values });
      else insert(runId, key, { steps, values });
    }
    setProgress.run(step, trainSeconds, runId);
  });

  return {
    commit(batch) {
      commit(batch);
      // remembered only now: a transaction that failed took its new keys with it
      for (const name of Object.keys(batch.series)) {
        if (!keyIds.has(name)) {
          const id = keyId.get(name);
          if (id !== undefined) keyIds.set(name, id);
        }
      }
    },
    keys: (runId) => listKeys.all(runId),
    series(runId, name, { from, to, maxPoints }) {
      const key = keyId.get(name);
      const row = key === undefined ? undefined : oneSeries.get(runId, key);
      const first = Math.max(from ?? 0, row?.firstStep ?? 0);
      const last = Math.min(to ?? Infinity, row?.lastStep ?? -1);
      if (!row || first > last) return { key: name, steps: [], values: [], totalPoints: 0 };
      const isWhole = first === row.firstStep && last === row.lastStep;
      const totalPoints = isWhole ? row.points : count(runId, row.keyId, first, last);
      if (maxPoints === 0 || totalPoints <= maxPoints) {
        const points = read(runId, row.keyId, 0, first, last);
        return {
          key: name,
          steps: points.map((point) => point.lastStep),
          values: points.map((point) => point.lastValue),
          totalPoints,
        };
      }
      const mostBuckets = (level: number): number =>
        Math.min(totalPoints, bucketOf(last, level) - bucketOf(first, level) + 1);
      let level = 0;
      while (level < pyramidLevels && mostBuckets(level) > readAhead * maxPoints) level++;
      const fine = cover(first, last, level).flatMap((part) =>
        read(runId, row.keyId, part.level, part.first, part.last),
      );
      const buckets = mergeByWidth(fine, Math.ceil((last - first + 1) / maxPoints));
      return {
        key: name,
        steps: buckets.map((bucket) => bucket.lastStep),
        values: buckets.map((bucket) => bucket.lastValue),
        minimums: buckets.map((bucket) => bucket.minimum),
        maximums: buckets.map((bucket) => bucket.maximum),
        totalPoints,
      };
    },
    truncateAfter: atomic(db, (runId: string, step: number) => {
      for (const row of allSeries.all(runId)) {
        if (row.lastStep <= step) continue;
        dropPoints.run(runId, row.keyId, step);
        for (let level = 1; level <= pyramidLevels; level++) {
          dropBuckets.run(runId, row.keyId, level, step < 0 ? 0 : bucketOf(step, level));
          if (step >= 0) rebuild(runId, row.keyId, level, [step]);
        }
        summarise(runId, row.keyId);
      }
      lowerStep.run(Math.max(0, step), runId);
    }),
    removeSome: atomic(db, (runId: string, limit: number) => {
      const row = allSeries.get(runId);
      if (!row) return false;
      const bound = stepAtOffset.get(runId, row.keyId, limit);
      if (bound !== undefined) {
        dropPointsBefore.run(runId, row.keyId, bound);
        return true;
      }
      dropAllPoints.run(runId, row.keyId);
      dropAllBuckets.run(runId, row.keyId);
      dropSeries.run(runId, row.keyId);
      return allSeries.get(runId) !== undefined;
    }),
  };
}
