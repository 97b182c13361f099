import type { ReportOptions } from '../../core/contract/reports.ts';
import { findOptimizer } from '../../core/optimizers/catalogue.ts';
import { classScores } from '../../core/metrics/confusion.ts';
import type { BesidePaper, ReportData } from '../../core/reports/reportData.ts';
import type { ReportFigure } from '../../core/reports/reportFigures.ts';
import { durationText, markdownText, numberText, valueText } from '../../core/reports/reportText.ts';
import { configFields, fieldName } from '../../core/runs/configFields.ts';
import { metricName } from '../../core/studies/studyFigures.ts';
import { pText } from '../../core/studies/studyMarkdown.ts';
import { paperText } from './besidePaperHtml.ts';
import { summaryText } from './htmlParts.ts';
import { resultMetrics } from './resultMetrics.ts';

const mostListed = 40;

/** A table of cells that are Markdown already. */
function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(titles), line(titles.map(() => '---')), ...rows.map(line), ''].join('\n');
}

/** A fence that no line of the code can close. */
function code(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}text\n${text}\n${fence}\n`;
}

/** The report as Markdown that stands beside the figures as `NAME.svg`. Every text of a user is shown letter by letter. */
export function renderMarkdown(data: ReportData, options: ReportOptions, figures: readonly ReportFigure[]): string {
  const has = (section: ReportOptions['sections'][number]): boolean => options.sections.includes(section);
  const parts = [`# ${markdownText(data.title)}\n`, `**${markdownText(data.verdict.sentence)}**\n`];
  if (data.verdict.rule !== '') parts.push(`${markdownText(data.verdict.rule)}\n`);
  if (data.besidePaper) parts.push('## Beside the paper\n', ...besidePaper(data.besidePaper));
  if (has('notes') && data.notes.trim() !== '') parts.push('## Notes\n', `${data.notes.trim()}\n`);
  if (has('results')) parts.push('## Results\n', ...results(data));
  if (has('differences') && data.differences.length > 0) parts.push('## What differs\n', differences(data));
  if (has('curves') && figures.length > 0) {
    parts.push(
      '## Curves\n',
      ...figures.map(({ name, title, caption }) => `![${markdownText(title)}](${name}.svg)\n\n${caption}\n`),
    );
  }
  if (has('confusion')) parts.push(...classes(data));
  if (has('settings')) parts.push('## Settings\n', ...settings(data));
  if (has('environment')) parts.push('## Environment and data\n', environment(data));
  if (has('repeat')) {
    const commands = data.runs.flatMap(({ command }) => (command === null ? [] : [command]));
    if (commands.length > 0) parts.push('## How to repeat it\n', code(commands.slice(0, mostListed).join('\n')));
  }
  if (has('formulas')) parts.push('## Formulas and references\n', ...formulas(data));
  if (data.omissions.length > 0)
    parts.push('## Left out\n', ...data.omissions.map((text) => `- ${markdownText(text)}`), '');
  return `${parts.join('\n').trimEnd()}\n`;
}

/** What deviates stands in every report, whatever sections it has. */
function besidePaper({ title, place, conclusion, lines, findings, deviations, open, command }: BesidePaper): string[] {
  const list = (items: readonly string[]): string => `${items.map((item) => `- ${markdownText(item)}`).join('\n')}\n`;
  return [
    `${markdownText(`${title} (${place}). The paper’s conclusion: ${conclusion}`)}\n`,
    table(
      ['', 'Paper', 'Our setting', 'Ours', 'Difference'],
      lines.map(({ label, paper, setting, ours, difference }) => [
        markdownText(label),
        paperText(paper),
        setting === null ? '–' : markdownText(setting),
        ours ? `${summaryText('testAccuracy', ours)} (${ours.count})` : '–',
        difference === null ? '–' : valueText('testAccuracy', difference),
      ]),
    ),
    'Test accuracy, mean ± standard deviation (seeds). A difference is shown on the paper’s own data only.\n',
    list(findings),
    '### What deviates from the paper\n',
    deviations.length === 0 ? 'Nothing that the paper states.\n' : list(deviations),
    '### What the paper leaves open, and what we chose\n',
    list(open.map(({ question, chosen }) => `${question}: ${chosen}`)),
    code(command),
  ];
}

function results(data: ReportData): string[] {
  const metrics = resultMetrics(data);
  if (data.kind === 'run') {
    const [run] = data.runs;
    const rows = metrics.map((metric) => {
      const best = run!.best[metric];
      return [
        markdownText(metricName(metric)),
        valueText(metric, run!.final[metric]),
        best ? valueText(metric, best.value) : '',
        best ? String(best.step) : '',
      ];
    });
    return [table(['Metric', 'At the end', 'Best', 'at step'], rows)];
  }
  const groups = table(
    ['Setting', 'Seeds', ...metrics.map((metric) => markdownText(metricName(metric)))],
    data.groups.map(({ label, runIds, final }) => [
      markdownText(label),
      String(runIds.length),
      ...metrics.map((metric) => summaryText(metric, final[metric])),
    ]),
  );
  const pairs = data.comparisons.map(({ other, metric, seeds, difference, interval, p }) => [
    markdownText(other),
    String(seeds),
    valueText(metric, difference),
    interval ? `${valueText(metric, interval.low)} to ${valueText(metric, interval.high)}` : '',
    pText(p),
  ]);
  return [
    groups,
    'Mean ± standard deviation over the seeds, at the end of the runs.\n',
    ...(pairs.length > 0
      ? [
          `${markdownText(data.comparisons[0]!.best)} minus each other setting:\n`,
          table(['Other setting', 'Common seeds', 'Difference', '95 % interval', 'p (Holm)'], pairs),
        ]
      : []),
    table(
      ['Run', 'Seed', 'Status', ...metrics.map((metric) => markdownText(metricName(metric))), 'Training'],
      data.runs
        .slice(0, mostListed)
        .map(({ name, seed, status, final, trainSeconds }) => [
          markdownText(name),
          String(seed),
          status,
          ...metrics.map((metric) => valueText(metric, final[metric])),
          durationText(trainSeconds),
        ]),
    ),
  ];
}

function differences({ groups, differences: found }: ReportData): string {
  return table(
    ['Setting', ...groups.map(({ label }) => markdownText(label))],
    found.map(({ name, values }) => [
      markdownText(name),
      ...values.map((value) => (value === null ? '' : markdownText(String(value)))),
    ]),
  );
}

function classes({ evaluations, runs }: ReportData): string[] {
  return evaluations.flatMap((evaluation) => {
    const { name } = runs.find(({ id }) => id === evaluation.runId)!;
    const title = evaluations.length > 1 ? `: ${markdownText(name)}` : '';
    if (evaluation.task === 'regression') {
      const { meanAbsoluteError, rootMeanSquaredError, r2 } = evaluation;
      const value = (number: number | null): string => (number === null ? '–' : numberText(number));
      return [
        `## Errors${title}\n`,
        `Mean absolute error ${value(meanAbsoluteError)}, root mean squared error ${value(rootMeanSquaredError)}, share of variance explained ${value(r2)}.\n`,
      ];
    }
    const share = (value: number | null): string => (value === null ? '–' : valueText('testAccuracy', value));
    const scores = classScores(evaluation.confusion).slice(0, 2 * mostListed);
    return [
      `## Classes${title}\n`,
      `${evaluation.rows} rows of the ${evaluation.part} part, weights of step ${evaluation.step}.\n`,
      table(
        ['Class', 'Rows', 'Precision', 'Recall', 'F1'],
        scores.map(({ support, precision, recall, f1 }, i) => [
          markdownText(evaluation.classes[i]!),
          String(support),
          share(precision),
          share(recall),
          share(f1),
        ]),
      ),
    ];
  });
}

function settings({ groups, runs }: ReportData): string[] {
  return groups.slice(0, 8).flatMap(({ label, runIds, seeds }) => {
    const { config, hyperparameters } = runs.find(({ id }) => id === runIds[0])!;
    const fields = hyperparameters
      ? Object.entries(hyperparameters)
      : [...configFields(config)]
          .filter(([path]) => path !== 'seed')
          .map(([path, value]) => [fieldName(path), value] as const);
    const rows = [...(seeds.length > 0 ? [['seeds', seeds.join(', ')] as const] : []), ...fields];
    return [
      ...(groups.length > 1 ? [`### ${markdownText(label)}\n`] : []),
      table(
        ['Setting', 'Value'],
        rows.map(([name, value]) => [markdownText(String(name)), markdownText(String(value))]),
      ),
    ];
  });
}

function environment({ runs, datasets }: ReportData): string {
  const unique = (values: readonly (string | null)[]): string =>
    [...new Set(values.filter((value) => value !== null))].map(markdownText).join('; ') || '–';
  const [first] = runs;
  return table(
    ['What', 'Value'],
    [
      ['Software', `lp-workbench ${unique(runs.map(({ softwareVersion }) => softwareVersion))}`],
      ['Device', unique(runs.map(({ device }) => device))],
      ['Trainable numbers', first!.parameterCount?.toLocaleString('en') ?? '–'],
      ...datasets.flatMap(({ name, id, rows, hash }) => [
        ['Dataset', `${markdownText(name)} (${markdownText(id)}), ${rows.toLocaleString('en')} rows`],
        ['Hash of the data', hash],
      ]),
    ],
  );
}

function formulas({ runs }: ReportData): string[] {
  const own = runs.filter(({ hyperparameters }) => hyperparameters === null);
  return [...new Set(own.map(({ config }) => config.optimizer.id))].flatMap((id) => {
    const { name, summary, formula, reference } = findOptimizer(id);
    return [
      `### ${name}\n`,
      `${summary}\n`,
      ...formula.map((line) => `$$${line}$$\n`),
      `${reference.authors}: ${reference.title}. ${reference.where}\n`,
    ];
  });
}
