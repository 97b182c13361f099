import type { Curve } from '../../core/metrics/seedStatistics.ts';
import type { SeriesStyle } from '../theme/seriesPalette.ts';
import type { LiveSeries } from '../stores/liveSeries.ts';
import type { XMode } from './chartSettings.ts';

/** How lines are looked at. */
export interface LineView {
  xMode: XMode;
  /** 0 shows no smoothed line */
  smoothing: number;
  /** the stretch of x on the screen; null for all of it */
  visible: { left: number; right: number } | null;
}

/** A curve whose points may stand for several, see Points of core/metrics/decimation. */
export interface RangedCurve extends Curve {
  lows: ArrayLike<number> | null;
  highs: ArrayLike<number> | null;
}

/** What a line looks like before it is fitted to the width of a chart. */
export interface LineColumns {
  raw: RangedCurve;
  smoothed: Curve | null;
  /** spread around the line; its curves lie on the x of `raw`, or of `smoothed` where there is one */
  band: { lows: ArrayLike<number>; highs: ArrayLike<number> } | null;
  /** points recorded in all, merged ones counted each */
  totalPoints: number;
  /** the smoothed line was made of merged points and is not exact */
  isSmoothingApproximate: boolean;
}

/** One line of a chart. */
export interface ChartLine {
  id: string;
  label: string;
  style: SeriesStyle;
  /** the series it is made of; the chart is drawn anew when one changes */
  sources: readonly LiveSeries[];
  columns(view: LineView): LineColumns;
  /** Reads what is on the screen in finer resolution if the line has it only merged; `onRead` is called if so. */
  refine(view: LineView, onRead: () => void): void;
}
