import { renderToString } from 'katex';
import { paperTheme, escaped, type PlotTheme } from '../../core/plots/svg.ts';
import { findOptimizer } from '../../core/optimizers/catalogue.ts';
import { classScores } from '../../core/metrics/confusion.ts';
import type { ReportOptions, ReportSection } from '../../core/contract/reports.ts';
import type { Evaluation } from '../../core/contract/results.ts';
import type { ReportData } from '../../core/reports/reportData.ts';
import { reportFigures } from '../../core/reports/reportFigures.ts';
import { durationText, numberText, valueText } from '../../core/reports/reportText.ts';
import { configFields, fieldName } from '../../core/runs/configFields.ts';
import { metricName } from '../../core/studies/studyFigures.ts';
import { pText } from '../../core/studies/studyMarkdown.ts';
import { besidePaperHtml } from './besidePaperHtml.ts';
import { cell, head, named, section, signedValue, summaryText, table } from './htmlParts.ts';
import { htmlStyle } from './htmlStyle.ts';
import { renderNotes } from './renderNotes.ts';
import { resultMetrics } from './resultMetrics.ts';

/** Pictures of the worst samples as data addresses, by run id and row. */
export type SamplePictures = ReadonlyMap<string, ReadonlyMap<number, string>>;

const darkTheme: PlotTheme = {
  scheme: 'dark',
  background: '#14181e',
  ink: '#e6e9ee',
  muted: '#9aa4b2',
  grid: '#333b46',
};
const mostMatrixClasses = 25;
const mostListed = 40;

/** One self-contained page: nothing in it is loaded from elsewhere, and nothing in it runs. */
export function renderHtml(data: ReportData, options: ReportOptions, pictures: SamplePictures): string {
  const sections: Record<ReportSection, () => string> = {
    notes: () => (data.notes.trim() === '' ? '' : section('Notes', renderNotes(data.notes))),
    results: () => section('Results', results(data)),
    differences: () => (data.differences.length === 0 ? '' : section('What differs', differences(data))),
    curves: () => (data.curves.length === 0 ? '' : section('Curves', curves(data))),
    confusion: () => data.evaluations.map((evaluation) => confusion(data, evaluation)).join(''),
    worst: () => data.evaluations.map((evaluation) => worst(data, evaluation, pictures)).join(''),
    settings: () => section('Settings', settings(data)),
    environment: () => section('Environment and data', environment(data)),
    repeat: () => section('How to repeat it', repeat(data)),
    formulas: () => section('Formulas and references', formulas(data)),
  };
  const wanted = Object.entries(sections).filter(([name]) => options.sections.includes(name as ReportSection));
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
${wanted.map(([, render]) => render()).join('\n')}
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
      `<tr><td class="name">${named(label)}</td>${cell(String(runIds.length), true)}${metrics.map((metric) => cell(summaryText(metric, final[metric]), true)).join('')}</tr>`,
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
      `<tr><td class="name">${named(other)}</td>${cell(String(seeds), true)}${cell(signedValue(metric, difference), true)}${cell(interval ? `${signedValue(metric, interval.low)} to ${signedValue(metric, interval.high)}` : '–', true)}${cell(pText(p), true)}</tr>`,
  );
  const { best, metric } = comparisons[0]!;
  return `<h3>${named(best)} minus each other setting, ${escaped(metricName(metric))}</h3>${table(
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
      `<tr><td class="name">${named(name)}</td>${cell(String(seed), true)}${cell(escaped(status))}${metrics.map((metric) => cell(valueText(metric, final[metric]), true)).join('')}${cell(durationText(trainSeconds), true)}</tr>`,
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
  const header = head([['Setting', false], ...groups.map(({ label }) => [named(label), false] as const)]);
  const text = (value: string | number | boolean | null): string => (value === null ? '–' : escaped(String(value)));
  return table(
    header,
    found.map(
      ({ name, values }) => `<tr>${cell(escaped(name))}${values.map((value) => cell(text(value))).join('')}</tr>`,
    ),
    groups.length > 5 ? 'wide' : '',
  );
}

function curves(data: ReportData): string {
  const light = reportFigures(data, paperTheme);
  const dark = reportFigures(data, darkTheme);
  const figures = light.map(
    ({ svg, caption }, i) =>
      `<figure><div class="on-light">${svg}</div><div class="on-dark">${dark[i]!.svg}</div><figcaption>${escaped(caption)}</figcaption></figure>`,
  );
  return `<div class="plots">${figures.join('\n')}</div>`;
}

const runOf = (data: ReportData, { runId }: Evaluation): ReportData['runs'][number] =>
  data.runs.find(({ id }) => id === runId)!;
const partName: Record<Evaluation['part'], string> = { train: 'training', validation: 'validation', test: 'test' };

function confusion(data: ReportData, evaluation: Evaluation): string {
  const { classes, confusion: counts, rows, part, step, accuracy, loss } = evaluation;
  const title = data.evaluations.length > 1 ? `Classes: ${named(runOf(data, evaluation).name)}` : 'Classes';
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
    return `<tr><th scope="row">${named(classes[target]!)}</th>${cells.join('')}</tr>`;
  });
  const header = `<tr><th></th>${classes.map((name) => `<th scope="col">${named(name)}</th>`).join('')}</tr>`;
  return `<h3>Rows by class (down) and what they were taken for (across)</h3>${table(header, rows, 'matrix')}`;
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
      `<tr><td class="name">${named(name)}</td>${cell(String(support), true)}${cell(share(precision), true)}${cell(share(recall), true)}${cell(share(f1), true)}</tr>`,
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
  const title = data.evaluations.length > 1 ? `Worst samples: ${named(runOf(data, evaluation).name)}` : 'Worst samples';
  const items = samples.map(({ row, target, predicted, loss, confidence }) => {
    const picture = pictures.get(runId)?.get(row);
    const image = picture === undefined ? '' : `<img alt="sample ${row}" src="${picture}">`;
    const said =
      task === 'classes'
        ? `${named(classes[predicted]!)}${confidence === null ? '' : ` (${(100 * confidence).toFixed(0)} %)`}, is ${named(classes[target]!)}`
        : `${numberText(predicted)}, is ${numberText(target)}`;
    return `<li>${image}says ${said}<br>row ${row}, loss ${numberText(loss)}</li>`;
  });
  return section(title, `<ul class="worst">${items.join('')}</ul>`);
}

function settings(data: ReportData): string {
  const firsts = data.groups.map(({ runIds }) => data.runs.find(({ id }) => id === runIds[0])!);
  return firsts
    .slice(0, 8)
    .map(({ name, config, hyperparameters }, i) => {
      const fields = hyperparameters
        ? Object.entries(hyperparameters)
        : [...configFields(config)]
            .filter(([path]) => path !== 'seed')
            .map(([path, value]) => [fieldName(path), value] as const);
      const seeds = data.groups[i]!.seeds;
      const rows = [...(seeds.length > 0 ? [['seeds', seeds.join(', ')] as const] : []), ...fields].map(
        ([key, value]) => `<tr>${cell(escaped(String(key)))}<td>${escaped(String(value))}</td></tr>`,
      );
      const title = firsts.length > 1 ? `<h3>${named(data.groups[i]!.label || name)}</h3>` : '';
      return `${title}${table(
        head([
          ['Setting', false],
          ['Value', false],
        ]),
        rows,
      )}`;
    })
    .join('');
}

function environment({ runs, datasets, softwareVersion }: ReportData): string {
  const devices = [...new Set(runs.flatMap(({ device }) => (device === null ? [] : [device])))];
  const versions = [...new Set(runs.map((run) => run.softwareVersion))];
  const [first] = runs;
  const { validation, test, seed } = first!.config.split;
  const facts: [string, string][] = [
    ['Software', `lp-workbench ${versions.join(', ') || softwareVersion}`],
    ['Device', devices.join('; ') || 'not known'],
    ...(first!.parameterCount === null
      ? []
      : [['Trainable numbers', first!.parameterCount.toLocaleString('en')] as [string, string]]),
    ...datasets.flatMap(({ name, id, rows, shape, source, license, hash }): [string, string][] => [
      [
        'Dataset',
        `${name} (${id}), ${rows.toLocaleString('en')} rows of ${shape.join(' × ')}${source ? `, ${source}` : ''}${license ? `, ${license}` : ''}`,
      ],
      ['Hash of the data', hash],
    ]),
    ['Split', `test ${test}, validation ${validation}, split seed ${seed}`],
  ];
  return table(
    '',
    facts.map(([name, value]) => `<tr><th scope="row">${name}</th><td>${escaped(value)}</td></tr>`),
  );
}

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
      const lines = formula.map(
        (line) =>
          `<p class="formula">${renderToString(line, { output: 'mathml', throwOnError: false, displayMode: true })}</p>`,
      );
      return `<h3>${escaped(name)}</h3><p>${escaped(summary)}</p>${lines.join('')}<p class="facts">${escaped(`${reference.authors}: ${reference.title}. ${reference.where}`)}</p>`;
    })
    .join('');
}
