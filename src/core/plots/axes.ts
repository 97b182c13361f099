import { tickText, type Scale } from './scale.ts';
import { element, label, type PlotTheme } from './svg.ts';

/** The drawing area of a figure in pixels. */
export interface Area {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

export interface AxesOptions {
  area: Area;
  theme: PlotTheme;
  x: Scale;
  y: Scale;
  xLabel: string;
  yLabel: string;
  title?: string;
  /** names in place of numbers along x, at the ticks of x */
  xNames?: readonly string[];
  yText?: (value: number) => string;
}

/** Grid, ticks, names of the axes and the title. */
export function axes({ area, theme, x, y, xLabel, yLabel, title, xNames, yText = tickText }: AxesOptions): string {
  const { left, right, top, bottom } = area;
  const line = (x1: number, y1: number, x2: number, y2: number, stroke: string): string =>
    element('line', { x1, y1, x2, y2, stroke, 'stroke-width': 1 });
  const rows = y.ticks.map((tick) => {
    const at = y.at(tick);
    return (
      line(left, at, right, at, theme.grid) +
      label(left - 6, at + 3.5, yText(tick), { size: 10, color: theme.muted, anchor: 'end' })
    );
  });
  const columns = x.ticks.map((tick, i) => {
    const at = x.at(tick);
    return (
      line(at, bottom, at, bottom + 4, theme.muted) +
      label(at, bottom + 16, xNames?.[i] ?? tickText(tick), { size: 10, color: theme.muted, anchor: 'middle' })
    );
  });
  return [
    ...rows,
    ...columns,
    line(left, bottom, right, bottom, theme.muted),
    line(left, top, left, bottom, theme.muted),
    label((left + right) / 2, bottom + 33, xLabel, { color: theme.ink, anchor: 'middle' }),
    label(left - 44, (top + bottom) / 2, yLabel, { color: theme.ink, anchor: 'middle', rotate: -90 }),
    ...(title ? [label(left, top - 12, title, { size: 13, color: theme.ink, weight: 600 })] : []),
  ].join('');
}

export interface LegendEntry {
  label: string;
  color: string;
  dash?: readonly number[];
}

export const legendLineHeight = 16;
const entryLead = 24;

function entryAt({ label: text, color, dash }: LegendEntry, x: number, y: number, theme: PlotTheme): string {
  return (
    element('line', {
      x1: x,
      x2: x + 18,
      y1: y,
      y2: y,
      stroke: color,
      'stroke-width': 2.5,
      'stroke-dasharray': dash?.length ? dash.join(' ') : undefined,
    }) + label(x + entryLead, y + 3.5, text, { size: 10.5, color: theme.ink })
  );
}

/** Names of series with their colours, in a column. */
export function legend(entries: readonly LegendEntry[], at: { x: number; y: number }, theme: PlotTheme): string {
  return entries.map((entry, i) => entryAt(entry, at.x, at.y + i * legendLineHeight, theme)).join('');
}

/** Names of series by lines as wide as `width`: places from the upper left, and how many lines they need. */
export function legendLines(
  entries: readonly LegendEntry[],
  width: number,
): { places: { x: number; line: number }[]; lines: number } {
  // a letter of common typefaces at this size is hardly ever wider on average
  const widthOf = ({ label: text }: LegendEntry): number => entryLead + 6.2 * Array.from(text).length + 14;
  const places: { x: number; line: number }[] = [];
  let [x, line] = [0, 0];
  for (const entry of entries) {
    if (x > 0 && x + widthOf(entry) > width) [x, line] = [0, line + 1];
    places.push({ x, line });
    x += widthOf(entry);
  }
  return { places, lines: entries.length === 0 ? 0 : line + 1 };
}

/** The same, drawn from `at` on. */
export function legendBelow(
  entries: readonly LegendEntry[],
  at: { x: number; y: number; width: number },
  theme: PlotTheme,
): string {
  const { places } = legendLines(entries, at.width);
  return entries
    .map((entry, i) => entryAt(entry, at.x + places[i]!.x, at.y + places[i]!.line * legendLineHeight, theme))
    .join('');
}
