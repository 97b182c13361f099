import { paperTheme, escaped, type PlotTheme } from '../../core/plots/svg.ts';
import { findOptimizer } from '../../core/optimizers/catalogue.ts';
import { classScores } from '../../core/metrics/confusion.ts';
import type { ReportOptions, ReportSection } from '../../core/contract/reports.ts';
import type { Evaluation } from '../../core/contract/results.ts';
import type { ReportData } from '../../core/reports/reportData.ts';
import { bandSentence, reportFigure } from '../../core/reports/reportFigures.ts';
import { reportSettings } from '../../core/reports/reportSettings.ts';
import { durationText, numberText, signedValueText, valueText } from '../../core/reports/reportText.ts';
import { metricName } from '../../core/studies/studyFigures.ts';
import { pText } from '../../core/studies/studyMarkdown.ts';
import { nextTurn } from '../../node/pacing.ts';
import { besidePaperHtml } from './besidePaperHtml.ts';
import { cell, head, named, section, shortened, summaryText, table } from './htmlParts.ts';
import { htmlStyle } from './htmlStyle.ts';
import { typesetMath } from './mathInMarkdown.ts';
import { renderNotes } from './renderNotes.ts';
import { resultMetrics } from './resultMetrics.ts';
import type { SamplePictures } from './samplePictures.ts';

const darkTheme: PlotTheme = {
  scheme: 'dark',
  background: '#14181e',
  ink: '#e6e9ee',
  muted: '#9aa4b2',
  grid: '#333b46',
};
const mostMatrixClasses = 25;
const mostListed = 40;
const mostForeign = 8;
/** characters of a name in a table; the title, the settings of a report and its other forms have all of it */
const mostInCell = 80;
const mostInHead = 44;

/** One self-contained page: nothing in it is loaded from elsewhere, and nothing in it runs. */
export async function renderHtml(data: ReportData, options: ReportOptions, pictures: SamplePictures): Promise<string> {
  const sections: Record<ReportSection, () => string | Promise<string>> = {
    notes: () => (data.notes.trim() === '' ? '' : section('Notes', renderNotes(data.notes))),
    results: () => section('Results', results(data)),
    differences: () => (data.differences.length === 0 ? '' : section('What differs', differences(data))),
    curves: async () => (data.curves.length === 0 ? '' : section('Curves', await curves(data))),
    confusion: () => data.evaluations.map((evaluation) => confusion(data, evaluation)).join(''),
    worst: () => data.evaluations.map((evaluation) => worst(data, evaluation, pictures)).join(''),
    settings: () => section('Settings', settings(data, options)),
    environment: () => section('Environment and data', environment(data)),
    repeat: () => section('How to repeat it', repeat(data)),
    formulas: () => section('Formulas and references', formulas(data)),
  };
  const parts: string[] = [];
  for (const [name, render] of Object.entries(sections)) {
    if (!options.sections.includes(name as ReportSection)) continue;
    parts.push(await render());
    await nextTurn();
  }
  const made = new Date(data.createdAtMs).toISOString().slice(0, 16).replace('T', ' ');
  const omitted =
    data.omissions.length === 0
      ? ''
      : `<ul class="facts">${data.omissions.map((text) => `<li>${escaped(text)}</li>`).join('')}</ul>`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="referrer" content="no-referrer">
<title>${escaped(data.title)}</title>
<style>${htmlStyle}</style>
</head>
<body>
<main>
<h1>${named(data.title)}</h1>
<p class="facts">${escaped(subtitle(data))}</p>
<p class="verdict">${escaped(data.verdict.sentence)}</p>
${data.verdict.rule === '' ? '' : `<p class="rule">${escaped(data.verdict.rule)}</p>`}
${data.besidePaper ? section('Beside the paper', besidePaperHtml(data.besidePaper)) : ''}
${parts.join('\n')}
${omitted === '' ? '' : section('Left out', omitted)}
<footer><p>Made by lp-workbench ${escaped(data.softwareVersion)} on ${made} UTC.</p></footer>
</main>
</body>
</html>
`;
}

function subtitle({ kind, runs, groups }: ReportData): string {
  const seconds = runs.reduce((sum, { trainSeconds }) => sum + trainSeconds, 0);
  const trained = `${durationText(seconds)} of training`;
  if (kind === 'run') return `Report of one run · seed ${runs[0]!.seed} · ${runs[0]!.status} · ${trained}`;
  const what = kind === 'study' ? 'Report of a study' : 'Comparison';
  return `${what} · ${groups.length} ${groups.length === 1 ? 'setting' : 'settings'} · ${runs.length} runs · ${trained} in all`;
}

function results(data: ReportData): string {
  const metrics = resultMetrics(data);
  if (data.kind === 'run') {
    const [run] = data.runs;
    const rows = metrics.map((metric) => {
      const best = run!.best[metric];
      return `<tr>${cell(metricName(metric))}${cell(valueText(metric, run!.final[metric]), true)}${cell(best ? valueText(metric, best.value) : '–', true)}${cell(best ? String(best.step) : '', true)}</tr>`;
    });
    return (
      table(
        head([
          ['Metric', false],
          ['At the end', true],
          ['Best', true],
          ['at step', true],
        ]),
        rows,
      ) + failures(data)
    );
  }
  const header = head([
    ['Setting', false],
    ['Seeds', true],
    ...metrics.map((metric) => [metricName(metric), true] as const),
  ]);
  const rows = data.groups.map(
    ({ label, runIds, final }) =>
      `<tr><td class="name">${named(shortened(label, mostInCell))}</td>${cell(String(runIds.length), true)}${metrics.map((metric) => cell(summaryText(metric, final[metric]), true)).join('')}</tr>`,
  );
  const note = '<p class="rule">Mean ± standard deviation over the seeds, at the end of the runs.</p>';
  return (
    table(header, rows, metrics.length > 4 ? 'wide' : '') +
    note +
    paired(data) +
    eachRun(data, metrics) +
    failures(data)
  );
}

function paired({ comparisons }: ReportData): string {
  if (comparisons.length === 0) return '';
  const rows = comparisons.map(
    ({ other, metric, seeds, difference, interval, p }) =>
      `<tr><td class="name">${named(shortened(other, mostInCell))}</td>${cell(String(seeds), true)}${cell(signedValueText(metric, difference), true)}${cell(interval ? `${signedValueText(metric, interval.low)} to ${signedValueText(metric, interval.high)}` : '–', true)}${cell(pText(p), true)}</tr>`,
  );
  const { best, metric } = comparisons[0]!;
  return `<h3>${named(shortened(best, mostInCell))} minus each other setting, ${escaped(metricName(metric))}</h3>${table(
    head([
      ['Other setting', false],
      ['Common seeds', true],
      ['Difference', true],
      ['95 % interval', true],
      ['p (Holm)', true],
    ]),
    rows,
  )}`;
}

function eachRun({ runs, kind }: ReportData, metrics: readonly string[]): string {
  if (kind === 'run') return '';
  const shown = runs.slice(0, mostListed);
  const header = head([
    ['Run', false],
    ['Seed', true],
    ['Status', false],
    ...metrics.map((metric) => [metricName(metric), true] as const),
    ['Training', true],
  ]);
  const rows = shown.map(
    ({ name, seed, status, final, trainSeconds }) =>
      `<tr><td class="name">${named(shortened(name, mostInCell))}</td>${cell(String(seed), true)}${cell(escaped(status))}${metrics.map((metric) => cell(valueText(metric, final[metric]), true)).join('')}${cell(durationText(trainSeconds), true)}</tr>`,
  );
  const rest =
    runs.length > shown.length
      ? `<p class="rule">and ${runs.length - shown.length} more runs, which are in the CSV and JSON forms of this report.</p>`
      : '';
  return `<h3>Each run</h3>${table(header, rows, metrics.length > 4 ? 'wide' : '')}${rest}`;
}

function failures({ runs }: ReportData): string {
  const failed = runs.filter(({ failure }) => failure !== null);
  return failed.map(({ name, failure }) => `<p>${named(name)}: ${escaped(failure!)}</p>`).join('');
}

function differences({ groups, differences: found }: ReportData): string {
  const header = head([
    ['Setting', false],
    ...groups.map(({ label }) => [named(shortened(label, mostInHead)), false] as const),
  ]);
  const text = (value: string | number | boolean | null): string => (value === null ? '–' : escaped(String(value)));
  return table(
    header,
    found.map(
      ({ name, values }) => `<tr>${cell(escaped(name))}${values.map((value) => cell(text(value))).join('')}</tr>`,
    ),
    groups.length > 5 ? 'wide' : '',
  );
}

async function curves(data: ReportData): Promise<string> {
  const figures: string[] = [];
  for (const [i, curve] of data.curves.entries()) {
    const { svg, caption } = reportFigure(curve, i, data.x, paperTheme);
    await nextTurn();
    const dark = reportFigure(curve, i, data.x, darkTheme);
    await nextTurn();
    figures.push(
      `<figure><div class="on-light">${svg}</div><div class="on-dark">${dark.svg}</div>${caption === '' ? '' : `<figcaption>${escaped(caption)}</figcaption>`}</figure>`,
    );
  }
  return `<p class="rule">${bandSentence(data)}</p><div class="plots">${figures.join('\n')}</div>`;
}

const runOf = (data: ReportData, { runId }: Evaluation): ReportData['runs'][number] =>
  data.runs.find(({ id }) => id === runId)!;
const partName: Record<Evaluation['part'], string> = { train: 'training', validation: 'validation', test: 'test' };

function confusion(data: ReportData, evaluation: Evaluation): string {
  const { classes, confusion: counts, rows, part, step, accuracy, loss } = evaluation;
  const title =
    data.evaluations.length > 1 ? `Classes: ${named(shortened(runOf(data, evaluation).name, mostInCell))}` : 'Classes';
  if (evaluation.task === 'regression') return section(title.replace('Classes', 'Errors'), regression(evaluation));
  const facts = `<p class="facts">${rows} rows of the ${partName[part]} part, weights of step ${step}: accuracy ${valueText('testAccuracy', accuracy)}, loss ${numberText(loss)}.</p>`;
  return section(
    title,
    facts +
      (classes.length <= mostMatrixClasses ? matrix(classes, counts) : confusions(classes, counts)) +
      scores(evaluation),
  );
}

function regression({ rows, part, meanAbsoluteError, rootMeanSquaredError, r2 }: Evaluation): string {
  const value = (number: number | null): string => (number === null ? '–' : numberText(number));
  return `<p>${rows} rows of the ${partName[part]} part: mean absolute error ${value(meanAbsoluteError)}, root mean squared error ${value(rootMeanSquaredError)}, share of variance explained ${value(r2)}.</p>`;
}

function matrix(classes: readonly string[], counts: readonly (readonly number[])[]): string {
  const rows = counts.map((row, target) => {
    const total = Math.max(
      1,
      row.reduce((a, b) => a + b, 0),
    );
    const cells = row.map((n, predicted) => {
      const strength = n === 0 ? 0 : 0.12 + 0.6 * (n / total);
      return `<td style="background: rgba(var(--${predicted === target ? 'hit' : 'miss'}), ${strength.toFixed(2)})">${n === 0 ? '' : n}</td>`;
    });
    return `<tr><th scope="row">${named(shortened(classes[target]!, 40))}</th>${cells.join('')}</tr>`;
  });
  const isTall = classes.length > 3 && classes.some((name) => name.length > 5);
  const column = (name: string): string =>
    `<th scope="col"><span>${named(shortened(name, isTall ? 18 : 24))}</span></th>`;
  const header = `<tr><th></th>${classes.map(column).join('')}</tr>`;
  return `<h3>Rows by class (down) and what they were taken for (across)</h3>${table(header, rows, isTall ? 'matrix tall' : 'matrix')}`;
}

function confusions(classes: readonly string[], counts: readonly (readonly number[])[]): string {
  const pairs = counts.flatMap((row, target) =>
    row.flatMap((n, predicted) => (n > 0 && predicted !== target ? [{ n, target, predicted }] : [])),
  );
  const rows = pairs
    .toSorted((a, b) => b.n - a.n)
    .slice(0, mostListed)
    .map(
      ({ n, target, predicted }) =>
        `<tr>${cell(named(classes[target]!))}${cell(named(classes[predicted]!))}${cell(String(n), true)}</tr>`,
    );
  return `<h3>The most frequent confusions of ${classes.length} classes</h3>${table(
    head([
      ['Class', false],
      ['taken for', false],
      ['Rows', true],
    ]),
    rows,
  )}`;
}

function scores({ classes, confusion: counts }: Evaluation): string {
  const share = (value: number | null): string => (value === null ? '–' : valueText('testAccuracy', value));
  const all = classScores(counts).map((score, i) => ({ name: classes[i]!, ...score }));
  const shown =
    all.length > 2 * mostListed ? all.toSorted((a, b) => (a.f1 ?? 2) - (b.f1 ?? 2)).slice(0, mostListed) : all;
  const rows = shown.map(
    ({ name, support, precision, recall, f1 }) =>
      `<tr><td class="name">${named(shortened(name, mostInCell))}</td>${cell(String(support), true)}${cell(share(precision), true)}${cell(share(recall), true)}${cell(share(f1), true)}</tr>`,
  );
  const title = shown.length < all.length ? `The ${shown.length} classes with the lowest F1` : 'Precision and recall';
  return `<h3>${title}</h3>${table(
    head([
      ['Class', false],
      ['Rows', true],
      ['Precision', true],
      ['Recall', true],
      ['F1', true],
    ]),
    rows,
  )}`;
}

function worst(data: ReportData, evaluation: Evaluation, pictures: SamplePictures): string {
  const { worst: samples, classes, task, runId } = evaluation;
  if (samples.length === 0) return '';
  const title =
    data.evaluations.length > 1
      ? `Worst samples: ${named(shortened(runOf(data, evaluation).name, mostInCell))}`
      : 'Worst samples';
  const items = samples.map(({ row, target, predicted, loss, confidence }) => {
    const picture = pictures.get(runId)?.get(row);
    const image =
      picture === undefined
        ? ''
        : `<img alt="sample ${row}" src="data:image/png;base64,${Buffer.from(picture).toString('base64')}">`;
    const said =
      task === 'classes'
        ? `<b>${named(shortened(classes[predicted]!, 40))}</b>${confidence === null ? '' : ` (${(100 * confidence).toFixed(0)} %)`}, is <b>${named(shortened(classes[target]!, 40))}</b>`
        : `<b>${numberText(predicted)}</b>, is <b>${numberText(target)}</b>`;
    return `<li>${image}says ${said}<br>row ${row}, loss ${numberText(loss)}</li>`;
  });
  return section(title, `<ul class="worst">${items.join('')}</ul>`);
}

function settings(data: ReportData, options: ReportOptions): string {
  const { common, hasDifferences, foreign } = reportSettings(data);
  const rowsOf = (rows: readonly (readonly [string, string])[]): string => {
    const lines = rows.map(([name, value]) => `<tr>${cell(escaped(name))}<td>${escaped(value)}</td></tr>`);
    // no box that scrolls, since that would not break into columns and pages
    return `<div class="settings"><table><tbody>${lines.join('')}</tbody></table></div>`;
  };
  const isElsewhere = options.sections.includes('differences');
  const differing = isElsewhere
    ? '<p class="rule">What differs stands above; all runs have the following.</p>'
    : `${differences(data)}<h3>The same for all</h3>`;
  const own = common === null ? '' : `${hasDifferences ? differing : ''}${rowsOf(common)}`;
  const others = foreign
    .slice(0, mostForeign)
    .map(
      ({ label, rows }) =>
        `<h3>${named(shortened(label, mostInCell))}</h3>${rows.length === 0 ? '<p>Nothing is known.</p>' : rowsOf(rows)}`,
    );
  return own + others.join('');
}

function environment({ runs, datasets, softwareVersion }: ReportData): string {
  const devices = [...new Set(runs.flatMap(({ device }) => (device === null ? [] : [device])))];
  const versions = [...new Set(runs.map((run) => run.softwareVersion))];
  const own = runs.filter(({ hyperparameters }) => hyperparameters === null);
  const parameterCounts = new Set(
    own.flatMap(({ parameterCount }) => (parameterCount === null ? [] : [parameterCount])),
  );
  const splits = new Set(own.map(({ config: { split } }) => splitText(split)));
  const facts: [string, string][] = [
    ['Software', `lp-workbench ${versions.join(', ') || softwareVersion}`],
    ['Device', devices.join('; ') || 'not known'],
    ...(parameterCounts.size === 0
      ? []
      : [
          ['Trainable numbers', [...parameterCounts].map((n) => n.toLocaleString('en')).join('; ')] as [string, string],
        ]),
    ...datasets.flatMap(({ name, id, rows, shape, source, license, hash }): [string, string][] => [
      [
        'Dataset',
        `${name} (${id}), ${rows.toLocaleString('en')} rows of ${shape.join(' × ')}${source ? `, ${source}` : ''}${license ? `, ${license}` : ''}`,
      ],
      ['Hash of the data', hash],
    ]),
    ...(splits.size === 0 ? [] : [['Split', [...splits].join('; ')] as [string, string]]),
  ];
  return table(
    '',
    facts.map(([name, value]) => `<tr><th scope="row">${name}</th><td>${escaped(value)}</td></tr>`),
  );
}

const splitText = ({ validation, test, seed }: ReportData['runs'][number]['config']['split']): string =>
  `test ${test}, validation ${validation}, split seed ${seed}`;

function repeat({ runs }: ReportData): string {
  const commands = runs.flatMap(({ command }) => (command === null ? [] : [command]));
  if (commands.length === 0) return '<p>Another program trained these runs; how to repeat them is not known here.</p>';
  const shown = commands.slice(0, mostListed);
  return `${shown.map((command) => `<pre>${escaped(command)}</pre>`).join('')}${commands.length > shown.length ? `<p class="rule">and ${commands.length - shown.length} more.</p>` : ''}`;
}

function formulas({ runs }: ReportData): string {
  const ids = [
    ...new Set(runs.filter(({ hyperparameters }) => hyperparameters === null).map(({ config }) => config.optimizer.id)),
  ];
  return ids
    .map((id) => {
      const { name, formula, summary, reference } = findOptimizer(id);
      const lines = formula.map((line) => `<p class="formula">${typesetMath(line, true)}</p>`);
      return `<h3>${escaped(name)}</h3><p>${escaped(summary)}</p>${lines.join('')}<p class="facts">${escaped(`${reference.authors}: ${reference.title}. ${reference.where}`)}</p>`;
    })
    .join('');
}
