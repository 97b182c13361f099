import { bandPlot } from '../plots/bandPlot.ts';
import type { PlotTheme } from '../plots/svg.ts';
import type { ReportCurve, ReportData } from './reportData.ts';

export interface ReportFigure {
  /** for a file: `testAccuracy` */
  name: string;
  title: string;
  /** sentences below it; empty where there is nothing to say */
  caption: string;
  svg: string;
}

/** Lines of one drawing that can still be told apart. */
const mostLines = 8;
const mostLabelCharacters = 64;

const inUnits = (key: string, values: readonly (number | null)[]): Float64Array =>
  Float64Array.from(values, (value) => (value === null ? Number.NaN : key.endsWith('Accuracy') ? 100 * value : value));

const shortened = (label: string): string =>
  label.length > mostLabelCharacters
    ? `${Array.from(label)
        .slice(0, mostLabelCharacters - 1)
        .join('')}…`
    : label;

/** A curve of a report, the `index`th of it from 0, as a vector drawing. */
export function reportFigure(curve: ReportCurve, index: number, x: ReportData['x'], theme: PlotTheme): ReportFigure {
  const { key, title, isLog } = curve;
  const unit = key.endsWith('Accuracy') ? ' (%)' : '';
  const bands = curve.lines.slice(0, mostLines).map(({ label, xs, means, lows, highs }) => ({
    label: shortened(label),
    xs,
    means: inUnits(key, means),
    lows: inUnits(key, lows),
    highs: inUnits(key, highs),
  }));
  const svg = bandPlot({
    bands,
    title: shortened(`${title}${unit}`),
    xLabel: x,
    yLabel: '',
    theme,
    isLogY: isLog && canBeLog(curve),
    isCompact: true,
  });
  // the number tells Loss from loss, which many a disk does not
  const name = `${index + 1}-${key.replaceAll(/[^A-Za-z0-9]+/g, '-')}`;
  return { name, title, caption: captionOf(curve), svg };
}

const canBeLog = ({ lines }: ReportCurve): boolean =>
  lines.some(({ means }) => means.some((value) => value !== null && value > 0));

function captionOf({ lines }: ReportCurve): string {
  const shown = lines.slice(0, mostLines);
  const drawn = shown.reduce((sum, { xs }) => sum + xs.length, 0);
  const total = shown.reduce((sum, { totalPoints }) => sum + totalPoints, 0);
  const merged =
    total > drawn ? `${total.toLocaleString('en')} points are drawn at ${drawn.toLocaleString('en')} places.` : '';
  const left = lines.length > mostLines ? `${lines.length - mostLines} more settings are not drawn.` : '';
  return [merged, left].filter((sentence) => sentence !== '').join(' ');
}

/** Name of the file with the picture of a row, of the `index`th evaluation of a report from 0. */
export const worstPicture = (index: number, row: number): string => `worst-${index + 1}-${row}.png`;

/** What lines and bands of all figures are, in a sentence. */
export function bandSentence({ curves }: Pick<ReportData, 'curves'>): string {
  const areOfSeeds = curves.some(({ lines }) => lines.some(({ runIds }) => runIds.length > 1));
  return areOfSeeds
    ? 'Lines are means over the seeds; bands reach from the least to the greatest seed.'
    : 'Lines are the values, or where every step has one their moving average; bands hold every value that was measured.';
}
