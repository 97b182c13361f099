import { element, figure, label, type PlotTheme } from './svg.ts';

/** Viridis at nine places: rises in lightness all the way, in colour and in grey. */
const viridis = ['#440154', '#472d7b', '#3b528b', '#2c728e', '#21918c', '#28ae80', '#5ec962', '#addc30', '#fde725'];

/** The colour of a share from 0 to 1. */
export function heatColor(share: number): string {
  const at = Math.min(1, Math.max(0, share)) * (viridis.length - 1);
  const index = Math.min(viridis.length - 2, Math.floor(at));
  const channel = (hex: string, i: number): number => Number.parseInt(hex.slice(1 + 2 * i, 3 + 2 * i), 16);
  const mixed = [0, 1, 2].map((i) => {
    const [from, to] = [channel(viridis[index]!, i), channel(viridis[index + 1]!, i)];
    return Math.round(from + (to - from) * (at - index));
  });
  return `#${mixed.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
}

/** Two settings against each other; `values[row][column]` is null where nothing ended. The best cell has a frame. */
export function heatMap(options: {
  columns: readonly string[];
  rows: readonly string[];
  values: readonly (readonly (number | null)[])[];
  title: string;
  xLabel: string;
  yLabel: string;
  theme: PlotTheme;
  text: (value: number) => string;
  direction: 'maximize' | 'minimize';
}): string {
  const { columns, rows, values, theme } = options;
  const cell = { width: 72, height: 34 };
  const area = { left: 92, top: 44 };
  const size = {
    width: area.left + Math.max(cell.width * columns.length, 7.4 * options.title.length) + 24,
    height: area.top + cell.height * rows.length + 54,
  };
  const known = values.flat().filter((value) => value !== null);
  const [min, max] = [Math.min(...known), Math.max(...known)];
  const best = options.direction === 'maximize' ? max : min;
  const bottom = area.top + cell.height * rows.length;
  const cells = values.flatMap((row, r) =>
    row.map((value, c) => {
      const [x, y] = [area.left + c * cell.width, area.top + r * cell.height];
      const share = value === null ? 0 : max > min ? (value - min) / (max - min) : 1;
      const shown = options.direction === 'maximize' ? share : 1 - share;
      const box = element('rect', {
        x: x + 1,
        y: y + 1,
        width: cell.width - 2,
        height: cell.height - 2,
        fill: value === null ? theme.grid : heatColor(shown),
        stroke: value !== null && value === best ? theme.ink : undefined,
        'stroke-width': value !== null && value === best ? 2 : undefined,
      });
      const ink = value === null ? theme.muted : shown > 0.6 ? '#101010' : '#ffffff';
      return (
        box +
        label(x + cell.width / 2, y + cell.height / 2 + 4, value === null ? '–' : options.text(value), {
          color: ink,
          anchor: 'middle',
        })
      );
    }),
  );
  const names = [
    ...rows.map((text, r) =>
      label(area.left - 8, area.top + (r + 0.5) * cell.height + 4, text, { color: theme.muted, anchor: 'end' }),
    ),
    ...columns.map((text, c) =>
      label(area.left + (c + 0.5) * cell.width, bottom + 16, text, { color: theme.muted, anchor: 'middle' }),
    ),
    label(area.left + (cell.width * columns.length) / 2, bottom + 36, options.xLabel, {
      color: theme.ink,
      anchor: 'middle',
    }),
    label(22, (area.top + bottom) / 2, options.yLabel, { color: theme.ink, anchor: 'middle', rotate: -90 }),
    label(area.left, area.top - 16, options.title, { size: 13, color: theme.ink, weight: 600 }),
  ];
  return figure(size, theme, options.title, cells.join('') + names.join(''));
}
