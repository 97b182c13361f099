/** Steps of a level-1 bucket, and buckets of one level in a bucket of the next. */
export const pyramidFactor = 16;
/** Level 0 is the points themselves. */
export const pyramidLevels = 5;

/** Several neighbouring points of a series. Minimum and maximum leave out values that are not finite (null). */
export interface Bucket {
  minimum: number | null;
  maximum: number | null;
  lastStep: number;
  lastValue: number | null;
  points: number;
}

/** A stretch of whole buckets of one level; `first` and `last` are bucket numbers, for level 0 steps. */
export interface Stretch {
  level: number;
  first: number;
  last: number;
}

export const stepsPerBucket = (level: number): number => pyramidFactor ** level;
export const bucketOf = (step: number, level: number): number => Math.floor(step / stepsPerBucket(level));

const lesser = (a: number | null, b: number | null): number | null => (a === null || (b !== null && b < a) ? b : a);
const greater = (a: number | null, b: number | null): number | null => (a === null || (b !== null && b > a) ? b : a);

/** One bucket from two, the second later than the first. */
export function merge(earlier: Bucket, later: Bucket): Bucket {
  return {
    minimum: lesser(earlier.minimum, later.minimum),
    maximum: greater(earlier.maximum, later.maximum),
    lastStep: later.lastStep,
    lastValue: later.lastValue,
    points: earlier.points + later.points,
  };
}

/** Merges neighbours (given in step order) that fall in the same group of `width` steps. */
export function mergeByWidth(buckets: readonly Bucket[], width: number): Bucket[] {
  const merged: Bucket[] = [];
  let group = -1;
  for (const bucket of buckets) {
    const own = Math.floor(bucket.lastStep / width);
    const previous = merged.at(-1);
    if (previous && own === group) merged[merged.length - 1] = merge(previous, bucket);
    else merged.push(bucket);
    group = own;
  }
  return merged;
}

/**
 * Steps from..to as whole buckets, none coarser than `level`: a few fine ones at both ends, coarse ones between.
 * In step order, without gap or overlap.
 */
export function cover(from: number, to: number, level: number): Stretch[] {
  if (from > to) return [];
  if (level === 0) return [{ level: 0, first: from, last: to }];
  const width = stepsPerBucket(level);
  const first = Math.ceil(from / width);
  const last = Math.floor((to + 1) / width) - 1;
  if (first > last) return cover(from, to, level - 1);
  return [
    ...cover(from, first * width - 1, level - 1),
    { level, first, last },
    ...cover((last + 1) * width, to, level - 1),
  ];
}

/** Ascending numbers as stretches of neighbours. */
export function neighbours(sorted: readonly number[]): { first: number; last: number }[] {
  const stretches: { first: number; last: number }[] = [];
  for (const value of sorted) {
    const open = stretches.at(-1);
    if (open && value <= open.last + 1) open.last = Math.max(open.last, value);
    else stretches.push({ first: value, last: value });
  }
  return stretches;
}
