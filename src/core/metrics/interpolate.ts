import { lowerBound } from './search.ts';

/**
 * The value at `x` on the line through the points, of which the first `length` count; NaN outside their range. `xs`
 * ascends. Points without a finite value make a gap.
 */
export function interpolateAt(xs: ArrayLike<number>, ys: ArrayLike<number>, length: number, x: number): number {
  const after = lowerBound(xs, length, x);
  if (after === length) return NaN;
  const right = xs[after]!;
  if (right === x) return ys[after]!;
  if (after === 0) return NaN;
  const left = xs[after - 1]!;
  const share = (x - left) / (right - left);
  return ys[after - 1]! * (1 - share) + ys[after]! * share;
}

/** Like `interpolateAt`, but carried on beyond both ends with the slope of the first or last two points. */
export function extrapolateAt(xs: ArrayLike<number>, ys: ArrayLike<number>, length: number, x: number): number {
  if (length === 0) return NaN;
  if (length === 1) return ys[0]!;
  const after = Math.min(Math.max(1, lowerBound(xs, length, x)), length - 1);
  const left = xs[after - 1]!;
  const share = (x - left) / (xs[after]! - left);
  return ys[after - 1]! * (1 - share) + ys[after]! * share;
}
