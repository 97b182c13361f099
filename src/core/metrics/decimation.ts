/** Points in ascending x. Where neighbours were merged before, y is their last value and low..high their range. */
export interface Points {
  xs: ArrayLike<number>;
  ys: ArrayLike<number>;
  lows?: ArrayLike<number> | null;
  highs?: ArrayLike<number> | null;
}

export interface Window {
  /** indices of the points looked at: from inclusive, to exclusive */
  from: number;
  to: number;
  /** x at the left and right edge of the drawing */
  left: number;
  right: number;
  /** the drawing is divided into so many columns of equal width */
  columns: number;
  isLog: boolean;
}

export interface DrawnPoints {
  xs: Float64Array;
  ys: Float64Array;
}

/** First, minimum, maximum and last: what a line through all points of a column would touch. */
const keptPerColumn = 4;

/**
 * Reduces points to what a line through them shows at this width: of the points in each column it keeps the first, the
 * minimum, the maximum and the last, in their order, so that no peak is lost. Points that fit anyway are all kept. A
 * value that is not finite is a gap in the line; in a column with finite values it is left out. With `isLog`, points at
 * x <= 0 have no place and are left out.
 */
export function decimate(points: Points, window: Window): DrawnPoints {
  const { from, to, columns } = window;
  const isMerged = Boolean(points.lows && points.highs);
  const fits = (to - from) * (isMerged ? 3 : 1) <= keptPerColumn * columns;
  return fits ? keepAll(points, window) : keepExtremes(points, window);
}

function keepAll({ xs, ys, lows, highs }: Points, { from, to, isLog }: Window): DrawnPoints {
  const isMerged = lows && highs;
  const out = createOutput((to - from) * (isMerged ? 3 : 1));
  for (let i = from; i < to; i++) {
    const x = xs[i]!;
    if (isLog && !(x > 0)) continue;
    if (isMerged && Number.isFinite(lows[i]) && lows[i]! < highs[i]!) {
      out.add(x, lows[i]!);
      out.add(x, highs[i]!);
    }
    out.add(x, ys[i]!);
  }
  return out.done();
}

function keepExtremes({ xs, ys, lows, highs }: Points, { from, to, left, right, columns, isLog }: Window): DrawnPoints {
  const out = createOutput((columns + 2) * keptPerColumn);
  const place = isLog ? Math.log10 : (x: number): number => x;
  const start = place(left);
  const perUnit = columns / (place(right) - start);
  let i = isLog ? firstPositive(xs, from, to) : from;
  while (i < to) {
    // points left and right of the drawing each make one column, so that lines leave it at the right height
    const column = columnOf(xs[i]!);
    const first = i;
    let last = -1;
    let lowest = -1;
    let highest = -1;
    let low = Infinity;
    let high = -Infinity;
    let firstFinite = -1;
    for (; i < to && columnOf(xs[i]!) === column; i++) {
      const y = ys[i]!;
      const own = lows ? lows[i]! : y;
      const ownHigh = highs ? highs[i]! : y;
      if (own < low) {
        low = own;
        lowest = i;
      }
      if (ownHigh > high) {
        high = ownHigh;
        highest = i;
      }
      if (Number.isFinite(y)) {
        if (firstFinite < 0) firstFinite = i;
        last = i;
      }
    }
    if (lowest < 0) out.add(xs[first]!, NaN);
    else addColumn(firstFinite, lowest, low, highest, high, last);
  }
  return out.done();

  function columnOf(x: number): number {
    const column = Math.floor((place(x) - start) * perUnit);
    return column < 0 ? -1 : column >= columns ? columns : column;
  }

  function addColumn(first: number, lowest: number, low: number, highest: number, high: number, last: number): void {
    const [one, oneY, two, twoY] = lowest <= highest ? [lowest, low, highest, high] : [highest, high, lowest, low];
    if (first >= 0 && !(first === one && ys[first] === oneY)) out.add(xs[first]!, ys[first]!);
    out.add(xs[one]!, oneY);
    if (two !== one || twoY !== oneY) out.add(xs[two]!, twoY);
    const isLastKept = (last === one && ys[last] === oneY) || (last === two && ys[last] === twoY);
    if (last >= 0 && last !== first && !isLastKept) out.add(xs[last]!, ys[last]!);
  }
}

function firstPositive(xs: ArrayLike<number>, from: number, to: number): number {
  let i = from;
  while (i < to && !(xs[i]! > 0)) i++;
  return i;
}

function createOutput(capacity: number) {
  const xs = new Float64Array(capacity);
  const ys = new Float64Array(capacity);
  let length = 0;
  return {
    add(x: number, y: number): void {
      xs[length] = x;
      ys[length++] = y;
    },
    done: (): DrawnPoints => ({ xs: xs.subarray(0, length), ys: ys.subarray(0, length) }),
  };
}
