import type { RangePoints, RateSuggestion } from '../learningRate/rangeTest.ts';
import { axes, type Area } from './axes.ts';
import { linearScale, logScale, paddedRange } from './scale.ts';
import { seriesStyle } from './seriesColors.ts';
import { element, figure, label, polyline, type PlotTheme } from './svg.ts';

/** The losses of a range test over the rate: as measured, smoothed, and where the suggestion lies. */
export function rangePlot(options: {
  points: RangePoints;
  /** null while the test goes on */
  found: RateSuggestion | null;
  title: string;
  theme: PlotTheme;
}): string {
  const { points, found, theme, title } = options;
  const size = { width: 560, height: 320 };
  const area: Area = { left: 64, right: size.width - 16, top: 40, bottom: size.height - 48 };
  const shown = points.learningRates.flatMap((rate, i) => {
    const loss = points.losses[i];
    return loss === null || loss === undefined || !Number.isFinite(loss) ? [] : [[rate, loss] as const];
  });
  const first = shown[0]?.[1] ?? 1;
  // a loss that has broken would press everything else flat
  const [low, high] = paddedRange(shown.map(([, loss]) => loss).filter((loss) => loss <= 2 * Math.abs(first)));
  const x = logScale([points.learningRates[0]!, points.learningRates.at(-1)!], [area.left, area.right]);
  const y = linearScale([low, high], [area.bottom, area.top]);
  const pixels = (pairs: readonly (readonly [number, number])[]) =>
    pairs.filter(([, loss]) => loss <= high).map(([rate, loss]) => [x.at(rate), y.at(loss)] as const);
  const [raw, smooth, mark] = [0, 0, 1].map((index) => seriesStyle(index, theme.scheme).color);
  const smoothed = found ? found.learningRates.map((rate, i) => [rate, found.smoothed[i]!] as const) : [];
  const place = found?.suggestion ? x.at(found.suggestion) : null;
  return figure(
    size,
    theme,
    title,
    [
      axes({ area, theme, x, y, xLabel: 'learning rate', yLabel: 'loss', title }),
      polyline(pixels(shown), { stroke: raw, 'stroke-opacity': 0.35, 'stroke-width': 1.2 }),
      polyline(pixels(smoothed), { stroke: smooth, 'stroke-width': 2 }),
      ...(place === null
        ? []
        : [
            element('line', {
              x1: place,
              x2: place,
              y1: area.top,
              y2: area.bottom,
              stroke: mark,
              'stroke-width': 1.5,
              'stroke-dasharray': '4 3',
            }),
            label(place + 5, area.top + 10, `suggested ${found!.suggestion}`, { size: 10.5, color: theme.ink }),
          ]),
    ].join(''),
  );
}
