import type { RunsService } from '../../core/contract/runs.ts';
import { lowerBound } from '../../core/metrics/search.ts';
import { createSeriesBuffer, type SeriesBuffer } from '../../core/metrics/seriesBuffer.ts';
import type { LiveSeries } from '../stores/liveSeries.ts';
import type { SeriesStyle } from '../theme/seriesPalette.ts';
import type { ChartLine, LineView } from './chartLine.ts';
import { createSmoothedColumn } from './smoothedColumn.ts';
import { createXColumn, stepOfX, type StepUnits } from './xMapping.ts';

export interface RunLineOptions {
  id: string;
  label: string;
  style: SeriesStyle;
  series: LiveSeries;
  units: () => StepUnits;
  /** whether the moving average of the page applies to it */
  isSmoothed: boolean;
  metrics: RunsService['metrics'];
}

/** A stretch of a series read in finer resolution. */
interface Detail {
  fromStep: number;
  toStep: number;
  /** what it was made for; a series read anew makes it worthless */
  base: SeriesBuffer;
  buffer: SeriesBuffer;
}

/** Entries on the screen below which a merged series is read again in finer resolution. */
const enoughEntries = 1_000;
const detailPoints = 2_000;

/** The line of one metric of one run. */
export function createRunLine({ id, label, style, series, units, isSmoothed, metrics }: RunLineOptions): ChartLine {
  const xColumn = createXColumn();
  const detailXColumn = createXColumn();
  const smoothedColumn = createSmoothedColumn();
  let detail: Detail | null = null;
  let asked: { fromStep: number; toStep: number } | null = null;

  const stepsOnScreen = ({ visible, xMode }: LineView): { fromStep: number; toStep: number } | null => {
    if (!visible) return null;
    const fromStep = Math.max(0, Math.floor(stepOfX(visible.left, xMode, units())));
    const toStep = Math.ceil(stepOfX(visible.right, xMode, units()));
    return fromStep <= toStep ? { fromStep, toStep } : null;
  };

  const detailFor = (view: LineView): Detail | null => {
    const screen = stepsOnScreen(view);
    const isFitting =
      detail &&
      screen &&
      detail.base === series.buffer &&
      detail.fromStep <= screen.fromStep &&
      detail.toStep >= screen.toStep;
    return isFitting ? detail : null;
  };

  return {
    id,
    label,
    style,
    sources: [series],
    columns(view) {
      const base = series.buffer;
      const fine = detailFor(view);
      const raw = fine?.buffer ?? base;
      const xs = xColumn.of(base, view.xMode, units());
      const hasSmoothed = isSmoothed && view.smoothing > 0;
      if (hasSmoothed && base.lows) series.wantEveryPoint();
      return {
        raw: {
          xs: fine ? detailXColumn.of(raw, view.xMode, units()) : xs,
          ys: raw.values,
          lows: raw.lows,
          highs: raw.highs,
          length: raw.length,
        },
        smoothed: hasSmoothed ? { xs, ys: smoothedColumn.of(base, view.smoothing), length: base.length } : null,
        band: null,
        totalPoints: raw.totalPoints,
        isSmoothingApproximate: hasSmoothed && base.lows !== null,
      };
    },
    refine(view, onRead) {
      const screen = stepsOnScreen(view);
      const base = series.buffer;
      if (!screen || !base.lows || detailFor(view)) return;
      const { fromStep, toStep } = screen;
      const entries = lowerBound(base.steps, base.length, toStep) - lowerBound(base.steps, base.length, fromStep);
      if (entries >= enoughEntries) return;
      // a margin on both sides, so that dragging a little needs no new request
      const margin = Math.ceil((toStep - fromStep) / 2);
      const wanted = { fromStep: Math.max(0, fromStep - margin), toStep: toStep + margin };
      asked = wanted;
      metrics({ runId: series.runId, keys: [series.key], ...wanted, maxPoints: 2 * detailPoints }).then(
        ([found]) => {
          if (asked !== wanted || !found || series.buffer !== base) return;
          const buffer = createSeriesBuffer(4 * detailPoints);
          buffer.replace(found, found.totalPoints);
          detail = { ...wanted, base, buffer };
          onRead();
        },
        () => {
          // the coarse points stay, and the chart says that they are merged
        },
      );
    },
  };
}
