export { seriesStyle, type SeriesStyle } from '../../core/plots/seriesColors.ts';
