import { escaped } from '../../core/plots/svg.ts';
import type { ReportSummary } from '../../core/reports/reportData.ts';
import { meanText, plainText } from '../../core/reports/reportText.ts';

/** A name of the user, kept from turning the direction of what stands beside it. */
export const named = (text: string): string => `<bdi>${escaped(plainText(text))}</bdi>`;
/** A name where there is little room; it stands whole elsewhere. */
export const shortened = (text: string, most: number): string =>
  text.length > most
    ? `${Array.from(text)
        .slice(0, most - 1)
        .join('')}…`
    : text;
export const cell = (text: string, isNumber = false): string => `<td${isNumber ? ' class="n"' : ''}>${text}</td>`;
export const head = (titles: readonly (readonly [string, boolean])[]): string =>
  `<tr>${titles.map(([title, isNumber]) => `<th scope="col"${isNumber ? ' class="n"' : ''}>${title}</th>`).join('')}</tr>`;
export const table = (header: string, rows: readonly string[], kind = ''): string =>
  `<div class="scroll"><table${kind ? ` class="${kind}"` : ''}><thead>${header}</thead><tbody>${rows.join('')}</tbody></table></div>`;

export const section = (title: string, body: string): string => `<section><h2>${title}</h2>\n${body}</section>`;

export const summaryText = (metric: string, summary: ReportSummary | undefined): string =>
  summary ? meanText(metric, summary.mean, summary.spread) : '–';
