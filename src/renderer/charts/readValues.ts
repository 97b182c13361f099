import { nearestIndex } from '../../core/metrics/search.ts';
import type { FittedLine } from './fitLines.ts';

/** What a line says at the cursor. */
export interface CursorValue {
  id: string;
  label: string;
  color: string;
  dash: readonly number[];
  /** the recorded value nearest to the cursor, or the mean of a group */
  raw: number;
  smoothed: number | null;
  band: { low: number; high: number } | null;
  /** where the value was recorded */
  x: number;
}

/**
 * The values of all lines nearest to an x, in the order of the lines. A line that has ended or not begun there, by more than
 * `reach`, has none.
 */
export function readValues(lines: readonly FittedLine[], x: number, reach: number): CursorValue[] {
  return lines.flatMap(({ line, columns: { raw, smoothed, band } }) => {
    const { xs, ys, length } = raw;
    const i = nearestIndex(xs, length, x);
    if (i < 0 || x < xs[0]! - reach || x > xs[length - 1]! + reach) return [];
    const s = smoothed ? nearestIndex(smoothed.xs, smoothed.length, xs[i]!) : -1;
    const at = smoothed ? s : i;
    return {
      id: line.id,
      label: line.label,
      color: line.style.color,
      dash: line.style.dash,
      raw: ys[i]!,
      smoothed: smoothed ? smoothed.ys[s]! : null,
      band: band && { low: band.lows[at]!, high: band.highs[at]! },
      x: xs[i]!,
    };
  });
}

/** The last value of every line that has one. */
export function readLastValues(lines: readonly FittedLine[]): CursorValue[] {
  return lines.flatMap((fitted) => {
    const { xs, length } = fitted.columns.raw;
    return length === 0 ? [] : readValues([fitted], xs[length - 1]!, 0);
  });
}
