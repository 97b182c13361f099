import type { Study } from '../contract/studies.ts';
import { inUnit, metricName, unitName, type StudyFigure } from './studyFigures.ts';
import type { Summary } from './statistics/summarize.ts';
import { verdictRule, type Verdict } from './statistics/verdict.ts';
import { rankedRows, type StudyRow, type StudyTable } from './studyTable.ts';

const decimals = (metric: string): number => (metric.endsWith('Accuracy') ? 2 : 5);

/** 99.07 ± 0.16 */
export function meanText(metric: string, summary: Pick<Summary, 'mean' | 'spread'> | null): string {
  if (!summary) return '–';
  const digits = decimals(metric);
  const mean = inUnit(metric, summary.mean).toFixed(digits);
  return summary.spread === null ? mean : `${mean} ± ${inUnit(metric, summary.spread).toFixed(digits)}`;
}

/** 98.67 to 99.47 */
export function intervalText(metric: string, interval: { low: number; high: number } | null): string {
  if (!interval) return '–';
  const digits = decimals(metric);
  return `${inUnit(metric, interval.low).toFixed(digits)} to ${inUnit(metric, interval.high).toFixed(digits)}`;
}

export function pText(p: number | null): string {
  if (p === null) return '–';
  return p < 0.001 ? '< 0.001' : p.toFixed(3);
}

/** What may be said of a study, in a sentence or two. */
export function verdictText(verdict: Verdict, rows: readonly StudyRow[]): string {
  const best = rows.find(({ setting }) => setting.id === verdict.bestId)?.setting.label ?? '';
  switch (verdict.kind) {
    case 'none':
      return verdict.reason;
    case 'alone':
      return `${best} is the only setting; there is nothing to compare it with.`;
    case 'winner':
      return `${best} is better than every other setting.`;
    case 'moreSeeds': {
      const needed =
        verdict.seedsNeeded === null
          ? ''
          : ` About ${verdict.seedsNeeded} seeds would be needed, if means and spreads stayed as they are.`;
      return `More seeds are needed: ${best} has the best mean, but no winner can be named. ${verdict.reason}${needed}`;
    }
  }
}

/** What became of the runs that have no value, or an empty text. */
export function troubleText({ cells }: StudyRow): string {
  const words = {
    pruned: 'pruned',
    failed: 'failed',
    open: 'not ended',
    active: 'training',
    waiting: 'waiting',
    done: '',
  };
  return Object.entries(words)
    .flatMap(([state, word]) => {
      const count = cells.filter((cell) => cell.state === state).length;
      return word === '' || count === 0 ? [] : [`${count} ${word}`];
    })
    .join(', ');
}

/** The results of a study as Markdown. */
export function studyMarkdown(
  study: Pick<Study, 'name' | 'note' | 'spec'>,
  table: StudyTable,
  { trainSeconds, figures = [] }: { trainSeconds: number; figures?: readonly StudyFigure[] },
): string {
  const { metric, report, direction } = study.spec.objective;
  const head = [
    'setting',
    `${unitName(metric)}`,
    '95 % interval',
    'seeds',
    ...(report === null ? [] : [unitName(report)]),
    'best minus this, paired',
    'p (Holm)',
    '',
  ];
  const rows = rankedRows(table.rows, direction).map((row) => {
    const difference = row.comparison?.difference;
    return [
      row.setting.label,
      meanText(metric, row.summary),
      intervalText(metric, row.summary?.interval ?? null),
      String(row.summary?.count ?? 0),
      ...(report === null ? [] : [meanText(report, row.reportSummary)]),
      difference ? intervalText(metric, difference.interval) : '',
      row.comparison ? pText(row.comparison.adjustedP) : '',
      troubleText(row),
    ];
  });
  const runs = table.rows.reduce((sum, { cells }) => sum + cells.length, 0);
  return [
    `# ${study.name}`,
    '',
    ...(study.note.trim() === '' ? [] : [study.note.trim(), '']),
    `${runs} runs: ${table.rows.length} settings, ${study.spec.seeds.length} seeds. ${Math.round(trainSeconds)} seconds of training in all.`,
    '',
    `**${verdictText(table.verdict, table.rows)}**`,
    '',
    `${verdictRule} Settings are judged by ${metricName(metric)} at the end of a run.`,
    '',
    ...figures.flatMap(({ name, title }) => [`![${title}](${name}.svg)`, '']),
    '## Results',
    '',
    'Mean ± standard deviation over the seeds; intervals are Student’s at 95 %. The last columns compare the best setting with each other one, seed for seed.',
    '',
    `| ${head.join(' | ')} |`,
    `| ${head.map(() => '---').join(' | ')} |`,
    ...rows.map((cells) => `| ${cells.join(' | ')} |`),
    '',
  ].join('\n');
}
