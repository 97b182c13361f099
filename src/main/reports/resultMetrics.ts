import { judgingMetrics } from '../../core/reports/reportVerdict.ts';
import type { ReportData } from '../../core/reports/reportData.ts';

const shown = [...new Set([...judgingMetrics, 'trainAccuracy', 'trainMae'])];
const mostForeign = 8;

/** The metrics that a table of results shows: those of the end of a run, or what another program measured. */
export function resultMetrics({ runs }: Pick<ReportData, 'runs'>): string[] {
  const known = shown.filter((metric) => runs.some(({ final }) => typeof final[metric] === 'number'));
  if (known.length > 0) return known;
  return [...new Set(runs.flatMap(({ final }) => Object.keys(final)))].slice(0, mostForeign);
}
