import { axes, legend, type Area } from './axes.ts';
import { linearScale, logScale, paddedRange } from './scale.ts';
import { seriesStyle } from './seriesColors.ts';
import { element, figure, polyline, round, type PlotTheme } from './svg.ts';

/** A curve with a band around it, as columns. */
export interface Band {
  label: string;
  xs: ArrayLike<number>;
  means: ArrayLike<number>;
  lows: ArrayLike<number>;
  highs: ArrayLike<number>;
}

/** Values of the later four fifths: the first steps of a run would press all that follows together. */
const settled = (bands: readonly Band[]): number[] =>
  bands.flatMap(({ xs, lows, highs }) => {
    const from = (xs[xs.length - 1] ?? 0) / 5;
    return Array.from(xs).flatMap((x, i) => (x < from ? [] : [lows[i]!, highs[i]!]));
  });

/**
 * Means over seeds with a band for each setting. A log axis leaves out what is not above 0; another
 * one shows where the curves settle, and cuts what lies outside at its frame.
 */
export function bandPlot(options: {
  bands: readonly Band[];
  title: string;
  xLabel: string;
  yLabel: string;
  theme: PlotTheme;
  isLogY?: boolean;
}): string {
  const { bands, theme, isLogY = false } = options;
  const size = { width: 760, height: Math.max(340, 110 + 16 * bands.length) };
  const area: Area = { left: 68, right: size.width - 210, top: 40, bottom: size.height - 48 };
  const isShown = (value: number): boolean => Number.isFinite(value) && (!isLogY || value > 0);
  const all = bands.flatMap(({ means, lows, highs }) => [means, lows, highs].flatMap((column) => Array.from(column)));
  const shown = all.filter(isShown);
  const xs = bands.flatMap((band) => Array.from(band.xs));
  const x = linearScale([Math.min(...xs, 0), Math.max(...xs, 1)], [area.left, area.right]);
  const y = isLogY
    ? logScale([Math.min(...shown, 1), Math.max(...shown, Number.MIN_VALUE)], [area.bottom, area.top])
    : linearScale(paddedRange(settled(bands)), [area.bottom, area.top]);
  const clamp = (value: number): number => Math.min(area.bottom, Math.max(area.top, y.at(value)));
  const drawn = bands.map((band, i) => {
    const { color, dash } = seriesStyle(i, theme.scheme);
    const indices = Array.from({ length: band.xs.length }, (_, k) => k).filter(
      (k) => isShown(band.means[k]!) && isShown(band.lows[k]!) && isShown(band.highs[k]!),
    );
    const upper = indices.map((k) => `${round(x.at(band.xs[k]!))},${round(clamp(band.highs[k]!))}`);
    const lower = indices.toReversed().map((k) => `${round(x.at(band.xs[k]!))},${round(clamp(band.lows[k]!))}`);
    return (
      element('polygon', { points: [...upper, ...lower].join(' '), fill: color, 'fill-opacity': 0.14 }) +
      polyline(
        indices.map((k) => [x.at(band.xs[k]!), clamp(band.means[k]!)] as const),
        { stroke: color, 'stroke-width': 1.8, 'stroke-dasharray': dash.length ? dash.join(' ') : undefined },
      )
    );
  });
  const frame = axes({ area, theme, x, y, xLabel: options.xLabel, yLabel: options.yLabel, title: options.title });
  const entries = bands.map(({ label }, i) => ({ label, ...seriesStyle(i, theme.scheme) }));
  return figure(
    size,
    theme,
    options.title,
    frame + drawn.join('') + legend(entries, { x: area.right + 14, y: area.top + 6 }, theme),
  );
}
