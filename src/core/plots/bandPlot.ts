import { axes, legend, legendBelow, legendLineHeight, legendLines, type Area } from './axes.ts';
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

/** All values, unless those of the beginning would press the rest into less than a third of the height. */
function worthShowing(bands: readonly Band[], all: readonly number[]): readonly number[] {
  const span = (values: readonly number[]): number => {
    const finite = values.filter(Number.isFinite);
    return finite.length === 0 ? 0 : Math.max(...finite) - Math.min(...finite);
  };
  const late = settled(bands);
  return span(all) <= 3 * span(late) ? all : late;
}

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
  /** for two beside each other on a page: the names of the curves stand below, and those of a single one are left out */
  isCompact?: boolean;
}): string {
  const { bands, theme, isLogY = false, isCompact = false } = options;
  const entries = bands.map(({ label }, i) => ({ label, ...seriesStyle(i, theme.scheme) }));
  const { size, area } = isCompact ? compactLayout(bands.length > 1 ? entries : []) : wideLayout(bands.length);
  const isShown = (value: number): boolean => Number.isFinite(value) && (!isLogY || value > 0);
  const all = bands.flatMap(({ means, lows, highs }) => [means, lows, highs].flatMap((column) => Array.from(column)));
  const shown = all.filter(isShown);
  const xs = bands.flatMap((band) => Array.from(band.xs));
  const x = linearScale([Math.min(...xs, 0), Math.max(...xs, 1)], [area.left, area.right]);
  const y = isLogY
    ? logScale([Math.min(...shown, 1), Math.max(...shown, Number.MIN_VALUE)], [area.bottom, area.top])
    : linearScale(paddedRange(worthShowing(bands, shown)), [area.bottom, area.top]);
  // what lies outside is cut at the frame; a number that no drawing program minds stands for what lies far outside
  const clamp = (value: number): number => Math.min(farAway, Math.max(-farAway, y.at(value)));
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
  const names = isCompact
    ? legendBelow(bands.length > 1 ? entries : [], { ...compactLegend, y: area.bottom + axisHeight }, theme)
    : legend(entries, { x: area.right + 14, y: area.top + 6 }, theme);
  return figure(size, theme, options.title, frame + framed(area, drawn.join('')) + names);
}

const farAway = 1e5;

/** A drawing of which nothing is seen outside of an area. It needs no name, which others in one page might have too. */
function framed({ left, right, top, bottom }: Area, body: string): string {
  const [width, height] = [right - left, bottom - top];
  return element(
    'svg',
    { x: left, y: top, width, height, viewBox: `${left} ${top} ${width} ${height}`, overflow: 'hidden' },
    body,
  );
}

interface Layout {
  size: { width: number; height: number };
  area: Area;
}

function wideLayout(bands: number): Layout {
  const size = { width: 760, height: Math.max(340, 110 + legendLineHeight * bands) };
  return { size, area: { left: 68, right: size.width - 210, top: 40, bottom: size.height - 48 } };
}

const compactWidth = 470;
const compactLegend = { x: 52, width: compactWidth - 56 };
/** below the drawing area: ticks and the name of the axis */
const axisHeight = 52;

function compactLayout(entries: Parameters<typeof legendLines>[0]): Layout {
  const area: Area = { left: 52, right: compactWidth - 16, top: 36, bottom: 232 };
  const { lines } = legendLines(entries, compactLegend.width);
  return {
    size: { width: compactWidth, height: area.bottom + 42 + lines * legendLineHeight + (lines > 0 ? 4 : 0) },
    area,
  };
}
