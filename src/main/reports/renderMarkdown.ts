import type { ReportOptions } from '../../core/contract/reports.ts';
import { findOptimizer } from '../../core/optimizers/catalogue.ts';
import { classScores } from '../../core/metrics/confusion.ts';
import type { BesidePaper, ReportData } from '../../core/reports/reportData.ts';
import { bandSentence, worstPicture, type ReportFigure } from '../../core/reports/reportFigures.ts';
import { reportSettings } from '../../core/reports/reportSettings.ts';
import { durationText, markdownText, numberText, signedValueText, valueText } from '../../core/reports/reportText.ts';
import { metricName } from '../../core/studies/studyFigures.ts';
import { pText } from '../../core/studies/studyMarkdown.ts';
import { paperText } from './besidePaperHtml.ts';
import { summaryText } from './htmlParts.ts';
import { fenced, safeNotes } from './renderNotes.ts';
import { resultMetrics } from './resultMetrics.ts';
import type { SamplePictures } from './samplePictures.ts';

const mostListed = 40;
const mostForeign = 8;
const mostMatrixClasses = 25;

/** A table of cells that are Markdown already. */
function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(titles), line(titles.map(() => '---')), ...rows.map(line), ''].join('\n');
}

/** The report as Markdown that stands beside the figures as `NAME.svg` and the pictures of the worst samples. Every text of a user is shown letter by letter. */
export function renderMarkdown(
  data: ReportData,
  options: ReportOptions,
  figures: readonly ReportFigure[],
  pictures: SamplePictures,
): string {
  const has = (section: ReportOptions['sections'][number]): boolean => options.sections.includes(section);
  const parts = [`# ${markdownText(data.title)}\n`, `**${markdownText(data.verdict.sentence)}**\n`];
  if (data.verdict.rule !== '') parts.push(`${markdownText(data.verdict.rule)}\n`);
  if (data.besidePaper) parts.push('## Beside the paper\n', ...besidePaper(data.besidePaper));
  if (has('notes') && data.notes.trim() !== '') parts.push('## Notes\n', `${safeNotes(data.notes)}\n`);
  if (has('results')) parts.push('## Results\n', ...results(data));
  if (has('differences') && data.differences.length > 0) parts.push('## What differs\n', differences(data));
  if (has('curves') && figures.length > 0) {
    parts.push(
      '## Curves\n',
      `${bandSentence(data)}\n`,
      ...figures.map(
        ({ name, title, caption }) =>
          `![${markdownText(title)}](${name}.svg)\n${caption === '' ? '' : `\n${caption}\n`}`,
      ),
    );
  }
  if (has('confusion')) parts.push(...classes(data));
  if (has('worst')) parts.push(...worst(data, pictures));
  if (has('settings')) parts.push('## Settings\n', ...settings(data, has('differences')));
  if (has('environment')) parts.push('## Environment and data\n', environment(data));
  if (has('repeat')) {
    const commands = data.runs.flatMap(({ command }) => (command === null ? [] : [command]));
    if (commands.length > 0) parts.push('## How to repeat it\n', fenced(commands.slice(0, mostListed).join('\n')));
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
    fenced(command),
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
        best ? valueText(metric, best.value) : '–',
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
    signedValueText(metric, difference),
    interval ? `${signedValueText(metric, interval.low)} to ${signedValueText(metric, interval.high)}` : '–',
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
    const { accuracy, loss } = evaluation;
    const scores = classScores(evaluation.confusion).slice(0, 2 * mostListed);
    return [
      `## Classes${title}\n`,
      `${evaluation.rows} rows of the ${evaluation.part} part, weights of step ${evaluation.step}: accuracy ${share(accuracy)}, loss ${numberText(loss)}.\n`,
      ...matrix(evaluation),
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

function matrix({ classes: names, confusion }: ReportData['evaluations'][number]): string[] {
  if (names.length > mostMatrixClasses) return [];
  const titles = names.map(markdownText);
  return [
    'Rows by class (down) and what they were taken for (across):\n',
    table(
      ['', ...titles],
      confusion.map((row, target) => [`**${titles[target]!}**`, ...row.map((n) => (n === 0 ? '' : String(n)))]),
    ),
  ];
}

function worst({ evaluations, runs }: ReportData, pictures: SamplePictures): string[] {
  return evaluations.flatMap(({ runId, worst: samples, task, classes: names }, index) => {
    if (samples.length === 0) return [];
    const title = evaluations.length > 1 ? `: ${markdownText(runs.find(({ id }) => id === runId)!.name)}` : '';
    const said = (value: number): string => (task === 'classes' ? markdownText(names[value]!) : numberText(value));
    const rows = samples.map(({ row, target, predicted, loss, confidence }) => [
      pictures.get(runId)?.has(row) ? `![sample ${row}](${worstPicture(index, row)})` : '',
      String(row),
      `${said(predicted)}${confidence === null ? '' : ` (${(100 * confidence).toFixed(0)} %)`}`,
      said(target),
      numberText(loss),
    ]);
    return [`## Worst samples${title}\n`, table(['Sample', 'Row', 'Says', 'Is', 'Loss'], rows)];
  });
}

function settings(data: ReportData, hasOwnDifferences: boolean): string[] {
  const { common, hasDifferences, foreign } = reportSettings(data);
  const rowsOf = (rows: readonly (readonly [string, string])[]): string =>
    table(
      ['Setting', 'Value'],
      rows.map(([name, value]) => [markdownText(name), markdownText(value)]),
    );
  const differing = hasOwnDifferences
    ? ['What differs stands above; all runs have the following.\n']
    : [differences(data), '### The same for all\n'];
  return [
    ...(common === null ? [] : [...(hasDifferences ? differing : []), rowsOf(common)]),
    ...foreign.slice(0, mostForeign).flatMap(({ label, rows }) => [`### ${markdownText(label)}\n`, rowsOf(rows)]),
  ];
}

function environment({ runs, datasets }: ReportData): string {
  const unique = (values: readonly (string | null)[]): string =>
    [...new Set(values.filter((value) => value !== null))].map(markdownText).join('; ') || '–';
  const parameterCounts = new Set(runs.flatMap(({ parameterCount: n }) => (n === null ? [] : [n])));
  return table(
    ['What', 'Value'],
    [
      ['Software', `lp-workbench ${unique(runs.map(({ softwareVersion }) => softwareVersion))}`],
      ['Device', unique(runs.map(({ device }) => device))],
      ['Trainable numbers', [...parameterCounts].map((n) => n.toLocaleString('en')).join('; ') || '–'],
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
