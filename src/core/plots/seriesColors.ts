/**
 * Colours of series, after Okabe and Ito: told apart with every common colour vision, each shifted until it stands at
 * least 3:1 against the panel of its theme. Neighbours differ in lightness too, for greyscale prints.
 */
export const seriesColors = {
  light: ['#0068a8', '#d05000', '#00805c', '#b0508a', '#b47a00', '#2f8fce', '#4d5561', '#857400'],
  dark: ['#58aee8', '#ff8d52', '#35c49c', '#e892c0', '#efb13c', '#9ad7ff', '#c3cad4', '#ece05a'],
} as const;

/** Dashes tell series apart when the colours begin anew; the first is a solid line. */
const dashes: readonly (readonly number[])[] = [[], [6, 3], [2, 2], [9, 3, 2, 3]];

export interface SeriesStyle {
  color: string;
  dash: readonly number[];
}

/** The look of the n-th series of a chart or of the n-th run of a view, counted from 0. */
export function seriesStyle(index: number, scheme: 'light' | 'dark'): SeriesStyle {
  const colors = seriesColors[scheme];
  return {
    color: colors[index % colors.length]!,
    dash: dashes[Math.floor(index / colors.length) % dashes.length]!,
  };
}
