import { escaped } from '../../core/plots/svg.ts';
import type { BesidePaper } from '../../core/reports/reportData.ts';
import { signedValueText } from '../../core/reports/reportText.ts';
import { cell, head, summaryText, table } from './htmlParts.ts';

/** What deviates stands in every report, whatever sections it has. */
export function besidePaperHtml({
  title,
  place,
  conclusion,
  lines,
  findings,
  deviations,
  open,
  command,
}: BesidePaper): string {
  const header = head([
    ['', false],
    ['Paper', true],
    ['Our setting', false],
    ['Ours', true],
    ['Difference', true],
  ]);
  const rows = lines.map(
    ({ label, paper, setting, ours, difference }) =>
      `<tr>${cell(escaped(label))}${cell(paperText(paper), true)}${cell(setting === null ? '–' : escaped(setting))}${cell(ours ? `${summaryText('testAccuracy', ours)} (${ours.count})` : '–', true)}${cell(difference === null ? '–' : signedValueText('testAccuracy', difference), true)}</tr>`,
  );
  const list = (items: readonly string[]): string =>
    `<ul>${items.map((item) => `<li>${escaped(item)}</li>`).join('')}</ul>`;
  return [
    `<p>${escaped(title)} (${escaped(place)}). The paper’s conclusion: ${escaped(conclusion)}</p>`,
    table(header, rows),
    '<p class="rule">Test accuracy, mean ± standard deviation (seeds). A difference is shown on the paper’s own data only.</p>',
    list(findings),
    '<h3>What deviates from the paper</h3>',
    deviations.length === 0 ? '<p>Nothing that the paper states.</p>' : list(deviations),
    '<h3>What the paper leaves open, and what we chose</h3>',
    list(open.map(({ question, chosen }) => `${question}: ${chosen}`)),
    `<pre>${escaped(command)}</pre>`,
  ].join('\n');
}

export function paperText(paper: BesidePaper['lines'][number]['paper']): string {
  if (!paper) return 'no number';
  const accuracy = (100 * paper.accuracy).toFixed(2);
  return paper.spread === null ? `${accuracy} %` : `${accuracy} ± ${(100 * paper.spread).toFixed(2)} %`;
}
