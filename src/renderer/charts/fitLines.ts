import { decimate, type DrawnPoints, type Points } from '../../core/metrics/decimation.ts';
import { lowerBound } from '../../core/metrics/search.ts';
import type { ChartLine, LineColumns, LineView } from './chartLine.ts';

/** A line fitted to the width of a chart, ready to be drawn. */
export interface FittedLine {
  line: ChartLine;
  columns: LineColumns;
  raw: DrawnPoints;
  smoothed: DrawnPoints | null;
  band: { lows: DrawnPoints; highs: DrawnPoints } | null;
}

export interface Range {
  min: number;
  max: number;
}

export interface FittedChart {
  lines: FittedLine[];
  /** null without any point to show */
  x: Range | null;
  y: Range | null;
  /** points drawn of the faint lines, and points there are in the stretch shown */
  shownPoints: number;
  totalPoints: number;
  isSmoothingApproximate: boolean;
}

export interface FitOptions {
  view: LineView;
  widthPx: number;
  isLogX: boolean;
  isLogY: boolean;
}

/** Beyond so many points on the screen each column gets two pixels: nobody can tell a hundred lines apart anyway. */
const manyPoints = 60_000;

/** Fits the lines to a chart: takes what is on the screen, reduces it to the width, and finds what the axes must span. */
export function fitLines(lines: readonly ChartLine[], options: FitOptions): FittedChart {
  const { view, isLogX, isLogY } = options;
  const all = lines.map((line) => ({ line, columns: line.columns(view) }));
  const x = view.visible ? { min: view.visible.left, max: view.visible.right } : extentOfX(all, isLogX);
  if (!x) return { lines: [], x: null, y: null, shownPoints: 0, totalPoints: 0, isSmoothingApproximate: false };
  const entryCount = all.reduce((sum, { columns }) => sum + columns.raw.length, 0);
  const columnCount = Math.max(20, Math.floor(options.widthPx / (entryCount > manyPoints ? 2 : 1)));

  const fitted = all.map(({ line, columns }): FittedLine => {
    const { raw, smoothed, band } = columns;
    const under = smoothed ?? raw;
    const reduce = (points: Points, length: number): DrawnPoints =>
      decimate(points, {
        ...indexRange(points.xs, length, x),
        left: x.min,
        right: x.max,
        columns: columnCount,
        isLog: isLogX,
      });
    return {
      line,
      columns,
      raw: reduce(raw, raw.length),
      smoothed: smoothed ? reduce(smoothed, smoothed.length) : null,
      band: band && {
        lows: reduce({ xs: under.xs, ys: band.lows }, under.length),
        highs: reduce({ xs: under.xs, ys: band.highs }, under.length),
      },
    };
  });
  const shown = all.map(({ columns }) => pointsIn(columns, x));
  return {
    lines: fitted,
    x,
    y: extentOfY(fitted, isLogY),
    shownPoints: Math.min(
      fitted.reduce((sum, { raw }) => sum + raw.xs.length, 0),
      shown.reduce((sum, count) => sum + count, 0),
    ),
    totalPoints: shown.reduce((sum, count) => sum + count, 0),
    isSmoothingApproximate: all.some(({ columns }) => columns.isSmoothingApproximate),
  };
}

/** One point more on each side, so that lines run off the edges. */
function indexRange(xs: ArrayLike<number>, length: number, { min, max }: Range): { from: number; to: number } {
  return {
    from: Math.max(0, lowerBound(xs, length, min) - 1),
    to: Math.min(length, lowerBound(xs, length, max) + 2),
  };
}

/** Recorded points between two x; where they are merged, in proportion. */
function pointsIn({ raw, totalPoints }: LineColumns, { min, max }: Range): number {
  if (raw.length === 0) return 0;
  const entries =
    lowerBound(raw.xs, raw.length, max + Number.EPSILON * Math.abs(max)) - lowerBound(raw.xs, raw.length, min);
  if (entries >= raw.length - 1 || raw.lows === null) return entries >= raw.length - 1 ? totalPoints : entries;
  return Math.round((entries / raw.length) * totalPoints);
}

function extentOfX(all: readonly { columns: LineColumns }[], isLog: boolean): Range | null {
  let min = Infinity;
  let max = -Infinity;
  for (const { columns } of all) {
    const { xs, length } = columns.raw;
    const first = isLog ? lowerBound(xs, length, Number.MIN_VALUE) : 0;
    if (first >= length || !Number.isFinite(xs[first]) || !Number.isFinite(xs[length - 1])) continue;
    min = Math.min(min, xs[first]!);
    max = Math.max(max, xs[length - 1]!);
  }
  return min <= max ? widened({ min, max }, isLog) : null;
}

function extentOfY(lines: readonly FittedLine[], isLog: boolean): Range | null {
  let min = Infinity;
  let max = -Infinity;
  const include = (points: DrawnPoints): void => {
    for (const y of points.ys) {
      if (!Number.isFinite(y) || (isLog && y <= 0)) continue;
      if (y < min) min = y;
      if (y > max) max = y;
    }
  };
  for (const { raw, smoothed, band } of lines) {
    include(raw);
    if (smoothed) include(smoothed);
    if (band) {
      include(band.lows);
      include(band.highs);
    }
  }
  return min <= max ? padded({ min, max }, isLog) : null;
}

/** A single x still needs an axis of some length. */
function widened({ min, max }: Range, isLog: boolean): Range {
  if (min < max) return { min, max };
  if (isLog) return { min: min / 2, max: max * 2 };
  return { min: Math.max(0, min - 1), max: max + 1 };
}

/** Room above and below, so that a line does not lie on the frame. */
function padded({ min, max }: Range, isLog: boolean): Range {
  if (isLog) {
    const factor = min === max ? 2 : (max / min) ** 0.04;
    return { min: min / factor, max: max * factor };
  }
  const room = min === max ? Math.abs(min) * 0.05 || 1 : (max - min) * 0.05;
  // what is never negative is not shown with a negative axis
  return { min: min >= 0 ? Math.max(0, min - room) : min - room, max: max + room };
}
