import { intervalNote, type IntervalItem } from './intervalPlot.ts';
import { linearScale, paddedRange, tickText } from './scale.ts';
import { seriesStyle } from './seriesColors.ts';
import { element, escaped, figure, label, type PlotTheme } from './svg.ts';

const rowHeight = 26;
const letterWidth = 6.1;
const longestName = 58;
const shortened = (text: string): string => (text.length > longestName ? `${text.slice(0, longestName - 1)}…` : text);

/** What `intervalPlot` shows with a row for each item, for names that have no room under a column. */
export function intervalRows(options: {
  items: readonly IntervalItem[];
  title: string;
  xLabel: string;
  theme: PlotTheme;
  xText?: (value: number) => string;
}): string {
  const { items, theme, xText = tickText } = options;
  const names = items.map(({ label: text }) => shortened(text));
  const left = 28 + letterWidth * Math.max(...names.map(({ length }) => length), 8);
  const size = { width: left + 460, height: 40 + rowHeight * items.length + 66 };
  const [right, top, bottom] = [size.width - 24, 40, size.height - 66];
  const domain = paddedRange(
    items.flatMap(({ values, mean }) => [...values, mean]),
    0.12,
  );
  const x = linearScale(domain, [left, right]);
  // an interval of three seeds may be far wider than everything it is about: it is cut at the frame
  const clamp = (value: number): number => Math.min(right, Math.max(left, x.at(value)));
  const { color } = seriesStyle(0, theme.scheme);
  const dots = seriesStyle(1, theme.scheme).color;
  const grid = x.ticks.map((tick) => {
    const at = x.at(tick);
    return (
      element('line', { x1: at, x2: at, y1: top, y2: bottom, stroke: theme.grid, 'stroke-width': 1 }) +
      label(at, bottom + 16, xText(tick), { size: 10, color: theme.muted, anchor: 'middle' })
    );
  });
  const rows = items.map(({ label: name, values, mean, interval }, i) => {
    const y = top + rowHeight * (i + 0.5);
    const bar = interval
      ? element('rect', {
          x: clamp(interval.low),
          width: Math.max(0, clamp(interval.high) - clamp(interval.low)),
          y: y - 5,
          height: 10,
          fill: color,
          'fill-opacity': 0.18,
        })
      : '';
    const line = element('line', {
      x1: x.at(mean),
      x2: x.at(mean),
      y1: y - 9,
      y2: y + 9,
      stroke: color,
      'stroke-width': 2.5,
    });
    const points = values.map((value) =>
      element('circle', { cx: x.at(value), cy: y, r: 3, fill: dots, 'fill-opacity': 0.85 }),
    );
    const text = label(left - 10, y + 3.5, names[i]!, { size: 10.5, color: theme.ink, anchor: 'end' });
    return element('g', {}, element('title', {}, escaped(name)) + text + bar + line + points.join(''));
  });
  const frame = element('line', { x1: left, x2: left, y1: top, y2: bottom, stroke: theme.muted, 'stroke-width': 1 });
  const title = label(20, 24, options.title, { size: 13, color: theme.ink, weight: 600 });
  const under = label((left + right) / 2, bottom + 34, options.xLabel, { color: theme.ink, anchor: 'middle' });
  const note = label(right, size.height - 8, intervalNote, { size: 9.5, color: theme.muted, anchor: 'end' });
  return figure(size, theme, options.title, [...grid, frame, ...rows, title, under, note].join(''));
}
