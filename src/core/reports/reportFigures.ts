import { bandPlot } from '../plots/bandPlot.ts';
import type { PlotTheme } from '../plots/svg.ts';
import type { ReportCurve, ReportData } from './reportData.ts';

export interface ReportFigure {
  /** for a file: `testAccuracy` */
  name: string;
  title: string;
  /** a sentence below it */
  caption: string;
  svg: string;
}

/** Lines of one drawing that can still be told apart. */
const mostLines = 8;
const mostLabelCharacters = 26;

const inUnits = (key: string, values: readonly (number | null)[]): Float64Array =>
  Float64Array.from(values, (value) => (value === null ? Number.NaN : key.endsWith('Accuracy') ? 100 * value : value));

const shortened = (label: string): string =>
  label.length > mostLabelCharacters ? `${label.slice(0, mostLabelCharacters - 1)}…` : label;

/** The curves of a report as vector drawings. */
export function reportFigures({ curves, x }: Pick<ReportData, 'curves' | 'x'>, theme: PlotTheme): ReportFigure[] {
  return curves.map((curve, i) => {
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
      title,
      xLabel: x,
      yLabel: `${title}${unit}`.slice(0, 44),
      theme,
      isLogY: isLog && canBeLog(curve),
    });
    // the number tells Loss from loss, which many a disk does not
    const name = `${i + 1}-${key.replaceAll(/[^A-Za-z0-9]+/g, '-')}`;
    return { name, title, caption: captionOf(curve), svg };
  });
}

const canBeLog = ({ lines }: ReportCurve): boolean =>
  lines.some(({ means }) => means.some((value) => value !== null && value > 0));

function captionOf({ lines }: ReportCurve): string {
  const shown = lines.slice(0, mostLines);
  const drawn = shown.reduce((sum, { xs }) => sum + xs.length, 0);
  const total = shown.reduce((sum, { totalPoints }) => sum + totalPoints, 0);
  const isOfSeeds = shown.some(({ runIds }) => runIds.length > 1);
  const band = isOfSeeds
    ? 'Lines: mean over the seeds; bands: least to greatest seed.'
    : 'Bands: every value that was measured; lines: moving average, or the values themselves.';
  const merged =
    total > drawn ? ` ${total.toLocaleString('en')} points are drawn at ${drawn.toLocaleString('en')} places.` : '';
  const left = lines.length > mostLines ? ` ${lines.length - mostLines} more settings are not drawn.` : '';
  return `${band}${merged}${left}`;
}
