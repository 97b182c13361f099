import { heatColor } from './heatMap.ts';
import { linearScale, logScale, tickText } from './scale.ts';
import { element, escaped, figure, label, polyline, type PlotTheme } from './svg.ts';

export type ParallelValue = number | string | boolean;

export interface ParallelAxis {
  label: string;
  isLog: boolean;
}

export interface ParallelLine {
  label: string;
  /** one per axis; undefined where the setting does not have it, and the line has a gap */
  values: readonly (ParallelValue | undefined)[];
  /** from 0, the worst, to 1, the best; null when nothing ended */
  share: number | null;
}

/** One line per setting through an axis per hyperparameter; the last axis is the result, which also gives the colour. */
export function parallelCoordinates(options: {
  axes: readonly ParallelAxis[];
  lines: readonly ParallelLine[];
  title: string;
  theme: PlotTheme;
}): string {
  const { axes, lines, theme } = options;
  const size = { width: Math.max(480, 170 * axes.length), height: 320 };
  const [top, bottom] = [64, size.height - 28];
  const xOf = (i: number): number => (axes.length === 1 ? 80 : 70 + (i * (size.width - 170)) / (axes.length - 1));
  const places = axes.map((axis, i) =>
    axisOf(
      axis,
      lines.map(({ values }) => values[i]),
      [bottom, top],
    ),
  );
  const frames = axes.map((axis, i) => {
    const x = xOf(i);
    return [
      element('line', { x1: x, x2: x, y1: top, y2: bottom, stroke: theme.muted, 'stroke-width': 1 }),
      label(x, top - 18, axis.label, { color: theme.ink, anchor: 'middle', weight: 600 }),
    ].join('');
  });
  const ticks = axes.flatMap((_, i) =>
    places[i]!.ticks.map(({ at, text }) =>
      label(xOf(i) + 6, at + 3.5, text, { size: 10, color: theme.ink, halo: theme.background }),
    ),
  );
  const drawn = lines
    .toSorted((a, b) => (a.share ?? -1) - (b.share ?? -1))
    .map(({ label: name, values, share }) => {
      const points = values.flatMap((value, i) => {
        const at = value === undefined ? null : places[i]!.at(value);
        return at === null ? [] : [[xOf(i), at] as const];
      });
      const color =
        share === null ? theme.grid : heatColor(theme.scheme === 'dark' ? 0.25 + 0.75 * share : 0.92 * share);
      const line = polyline(points, { stroke: color, 'stroke-width': 1.8, 'stroke-opacity': 0.85 });
      return element('g', {}, element('title', {}, escaped(name)) + line);
    });
  const title = label(20, 24, options.title, { size: 13, color: theme.ink, weight: 600 });
  return figure(size, theme, options.title, [title, ...frames, ...drawn, ...ticks].join(''));
}

interface PlacedAxis {
  at(value: ParallelValue): number | null;
  ticks: { at: number; text: string }[];
}

function axisOf(
  { isLog }: ParallelAxis,
  values: readonly (ParallelValue | undefined)[],
  range: readonly [number, number],
): PlacedAxis {
  const known = [...new Set(values.filter((value) => value !== undefined))];
  const numbers = known.filter((value) => typeof value === 'number');
  if (numbers.length === known.length && numbers.length > 0) {
    const domain = [Math.min(...numbers), Math.max(...numbers)] as const;
    const canLog = isLog && domain[0] > 0;
    const scale = canLog ? logScale(domain, range) : linearScale(domain, range, 5);
    const marks = numbers.length <= 8 ? numbers : scale.ticks;
    return {
      at: (value) => (typeof value === 'number' ? scale.at(value) : null),
      ticks: marks.map((mark) => ({ at: scale.at(mark), text: tickText(Number(mark.toPrecision(4))) })),
    };
  }
  const names = known.map(String);
  const scale = linearScale([0, Math.max(1, names.length - 1)], range);
  return {
    at: (value) => scale.at(names.indexOf(String(value))),
    ticks: names.map((text, i) => ({ at: scale.at(i), text })),
  };
}
