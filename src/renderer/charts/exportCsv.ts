import type { RunsService } from '../../core/contract/runs.ts';
import { readEveryPoint } from '../stores/readEveryPoint.ts';
import type { LiveSeries } from '../stores/liveSeries.ts';
import { xOfStep, type StepUnits } from './xMapping.ts';

/** One series of the table. */
export interface CsvSource {
  run: string;
  runId: string;
  series: LiveSeries;
  units: StepUnits;
}

export interface CsvOptions {
  sources: readonly CsvSource[];
  metrics: RunsService['metrics'];
  /** only steps of this stretch; null for all */
  stepsOf: (source: CsvSource) => { from: number; to: number } | null;
}

const header = ['run', 'runId', 'metric', 'step', 'epoch', 'trainingSeconds', 'value'];
const quoted = (text: string): string => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
const cell = (value: number): string => (Number.isFinite(value) ? String(value) : '');

/** Every recorded point of the series as CSV, one line per point, also of those that the chart shows merged. */
export async function seriesAsCsv({ sources, metrics, stepsOf }: CsvOptions): Promise<string> {
  const lines = [header.join(',')];
  for (const source of sources) {
    const { series, units } = source;
    const isMerged = series.buffer.lows !== null;
    const whole = isMerged ? await readEveryPoint({ metrics, series, isWanted: () => true }) : null;
    const { steps, values, length } = whole ?? series.buffer;
    const stretch = stepsOf(source);
    const start = [quoted(source.run), source.runId, series.key].join(',');
    for (let i = 0; i < length; i++) {
      const step = steps[i]!;
      if (stretch && (step < stretch.from || step > stretch.to)) continue;
      const places = [step, xOfStep(step, 'epoch', units), xOfStep(step, 'time', units)].map(cell);
      lines.push(`${start},${places.join(',')},${cell(values[i]!)}`);
    }
  }
  return `${lines.join('\n')}\n`;
}
