import { axes, type Area } from './axes.ts';
import { linearScale, paddedRange } from './scale.ts';
import { seriesStyle } from './seriesColors.ts';
import { element, figure, label, type PlotTheme } from './svg.ts';

/** One setting: the values of its seeds, their mean and how sure it is. */
export interface IntervalItem {
  label: string;
  values: readonly number[];
  mean: number;
  interval: { low: number; high: number } | null;
}

export const intervalNote = 'dots: seeds · line: mean · bar: 95 % interval (cut at the frame)';

/** Every seed as a dot, the mean as a line, the 95 % interval as a bar; a column for each item. */
export function intervalPlot(options: {
  items: readonly IntervalItem[];
  title: string;
  xLabel: string;
  yLabel: string;
  theme: PlotTheme;
  yText?: (value: number) => string;
  width?: number;
}): string {
  const { items, theme, width = Math.max(480, 110 + 74 * items.length) } = options;
  const size = { width, height: 340 };
  const area: Area = { left: 68, right: size.width - 20, top: 40, bottom: size.height - 62 };
  const [low, high] = paddedRange(
    items.flatMap(({ values, mean }) => [...values, mean]),
    0.25,
  );
  // an interval of three seeds may be far wider than everything it is about: it is cut at the frame
  const y = linearScale([low, high], [area.bottom, area.top]);
  const x = linearScale([-0.5, items.length - 0.5], [area.left, area.right]);
  const clamp = (value: number): number => Math.min(area.bottom, Math.max(area.top, y.at(value)));
  const half = Math.min(18, (area.right - area.left) / items.length / 3);
  const { color } = seriesStyle(0, theme.scheme);
  const dots = seriesStyle(1, theme.scheme).color;
  const drawn = items.map(({ values, mean, interval }, i) => {
    const at = x.at(i);
    const bar = interval
      ? element('rect', {
          x: at - half / 2,
          width: half,
          y: clamp(interval.high),
          height: Math.max(0, clamp(interval.low) - clamp(interval.high)),
          fill: color,
          'fill-opacity': 0.18,
        })
      : '';
    const line = element('line', {
      x1: at - half,
      x2: at + half,
      y1: y.at(mean),
      y2: y.at(mean),
      stroke: color,
      'stroke-width': 2.5,
    });
    const points = values.map((value, k) =>
      element('circle', {
        cx: at + (k - (values.length - 1) / 2) * Math.min(7, half / 2),
        cy: y.at(value),
        r: 3,
        fill: dots,
        'fill-opacity': 0.85,
      }),
    );
    return bar + line + points.join('');
  });
  const frame = axes({
    area,
    theme,
    x: { ...x, ticks: items.map((_, i) => i) },
    xNames: items.map(({ label: text }) => text),
    y,
    xLabel: options.xLabel,
    yLabel: options.yLabel,
    title: options.title,
    ...(options.yText ? { yText: options.yText } : {}),
  });
  const note = label(area.right, size.height - 8, intervalNote, { size: 9.5, color: theme.muted, anchor: 'end' });
  return figure(size, theme, options.title, frame + drawn.join('') + note);
}
