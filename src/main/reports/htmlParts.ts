import { escaped } from '../../core/plots/svg.ts';
import type { ReportSummary } from '../../core/reports/reportData.ts';
import { valueText } from '../../core/reports/reportText.ts';

/** A name of the user, kept from turning the direction of what stands beside it. */
export const named = (text: string): string => `<bdi>${escaped(text)}</bdi>`;
export const cell = (text: string, isNumber = false): string => `<td${isNumber ? ' class="n"' : ''}>${text}</td>`;
export const head = (titles: readonly (readonly [string, boolean])[]): string =>
  `<tr>${titles.map(([title, isNumber]) => `<th scope="col"${isNumber ? ' class="n"' : ''}>${title}</th>`).join('')}</tr>`;
export const table = (header: string, rows: readonly string[], kind = ''): string =>
  `<div class="scroll"><table${kind ? ` class="${kind}"` : ''}><thead>${header}</thead><tbody>${rows.join('')}</tbody></table></div>`;

export const section = (title: string, body: string): string => `<section><h2>${title}</h2>\n${body}</section>`;

export function summaryText(metric: string, summary: ReportSummary | undefined): string {
  if (!summary) return '–';
  const mean = valueText(metric, summary.mean);
  return summary.spread === null ? mean : `${mean.replace(/ %$/, '')} ± ${valueText(metric, summary.spread)}`;
}

export function signedValue(metric: string, value: number): string {
  const text = valueText(metric, Math.abs(value));
  return value < 0 ? `−${text}` : `+${text}`;
}
