import { seedStatistics, type Curve } from '../../core/metrics/seedStatistics.ts';
import type { SeriesStyle } from '../theme/seriesPalette.ts';
import type { ChartLine, LineColumns, LineView } from './chartLine.ts';

export interface GroupLineOptions {
  id: string;
  label: string;
  style: SeriesStyle;
  members: readonly ChartLine[];
  /** what the band shows around the mean */
  band: 'deviation' | 'range';
}

interface Averaged {
  curve: Curve;
  lows: Float64Array;
  highs: Float64Array;
}

/** The mean of several runs' lines with a band for their spread. */
export function createGroupLine({ id, label, style, members, band }: GroupLineOptions): ChartLine {
  const sources = members.flatMap((line) => line.sources);
  let made: { stamp: string; columns: LineColumns } | null = null;

  /** Changes whenever the curves of the members do. */
  const stampOf = ({ xMode, smoothing }: LineView): string => {
    const parts = sources.map(({ buffer }) => `${buffer.generation}.${buffer.length}.${buffer.lastStep}`);
    return `${xMode} ${smoothing} ${parts.join(' ')}`;
  };

  const average = (curves: readonly Curve[]): Averaged => {
    const { xs, means, deviations, minimums, maximums } = seedStatistics(curves);
    const isRange = band === 'range';
    return {
      curve: { xs, ys: means, length: xs.length },
      lows: isRange ? minimums : means.map((mean, i) => mean - deviations[i]!),
      highs: isRange ? maximums : means.map((mean, i) => mean + deviations[i]!),
    };
  };

  return {
    id,
    label,
    style,
    sources,
    columns(view) {
      const stamp = stampOf(view);
      // on a time axis the x of old points moves with the clock, which no stamp tells
      if (made?.stamp === stamp && view.xMode !== 'time') return made.columns;
      const parts = members.map((line) => line.columns({ ...view, visible: null }));
      const raw = average(parts.map((part) => part.raw));
      const isSmoothed = parts.length > 0 && parts.every((part) => part.smoothed !== null);
      const smoothed = isSmoothed ? average(parts.map((part) => part.smoothed!)) : null;
      const shown = smoothed ?? raw;
      const columns: LineColumns = {
        raw: { ...raw.curve, lows: null, highs: null },
        smoothed: smoothed?.curve ?? null,
        band: { lows: shown.lows, highs: shown.highs },
        // those of the mean; where members are merged, as many as the longest of them has
        totalPoints: Math.max(raw.curve.length, ...parts.map((part) => part.totalPoints)),
        isSmoothingApproximate: parts.some((part) => part.isSmoothingApproximate),
      };
      made = { stamp, columns };
      return columns;
    },
    refine() {
      // a mean is made of what its members hold
    },
  };
}
