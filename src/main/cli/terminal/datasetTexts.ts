import type { ImportWarning, Inspection } from '../../../core/contract/datasetImport.ts';
import type { DatasetDetails, DatasetMeta, DatasetPreview, DatasetSummary } from '../../../core/contract/datasets.ts';
import { formatDate, formatNumber } from './formats.ts';
import { renderTable } from './table.ts';

type Fact = readonly [name: string, value: string | null | undefined];

/** A line for each fact that is known. */
const factLines = (facts: readonly Fact[]): string =>
  facts.flatMap(([name, value]) => (value ? [`${name.padEnd(11)}${value}\n`] : [])).join('');

/** A sentence for each warning. */
export const sentenceLines = (warnings: readonly ImportWarning[]): string[] =>
  warnings.map(({ message }) => `Note: ${message}`);

/** The warnings under other lines. */
const warningLines = (warnings: readonly ImportWarning[]): string[] =>
  warnings.length > 0 ? ['\n', ...sentenceLines(warnings).map((line) => `${line}\n`)] : [];

/** Rows, shape, task and parts in a line. */
export function factsOf({ rows, shape, task, classes, parts }: DatasetMeta): string {
  const what = task === 'classes' ? `${classes.length} ${classes.length === 1 ? 'class' : 'classes'}` : 'regression';
  const dealt = parts
    ? [
        `${Object.entries(parts)
          .filter(([, count]) => count > 0)
          .map(([part, count]) => `${count.toLocaleString('en')} ${part}`)
          .join(', ')}`,
      ]
    : [];
  return [`${rows.toLocaleString('en')} rows of ${shape.join(' x ')}`, what, ...dealt].join('; ');
}

/** What an import would make of files. */
export function inspectionText({
  kind,
  format,
  rows,
  isPartial,
  columns,
  arrays,
  sheets,
  classes,
  guess,
  warnings,
}: Inspection): string {
  const { target, task, samples, sheet, split, normalize } = guess;
  const facts: readonly Fact[] = [
    ['Format', format],
    [kind === 'images' ? 'Images' : 'Rows', rows === null ? 'more than were looked at' : rows.toLocaleString('en')],
    ['Sheets', sheets.join(', ')],
    ['Sheet', sheet],
    ['Samples', samples],
    ['Target', target],
    ['Task', task],
    [
      'Classes',
      classes
        .slice(0, 20)
        .map(({ name, count }) => `${name} (${count.toLocaleString('en')})`)
        .join(', '),
    ],
    ['Split', split && `${split.kind}${split.kind === 'fixed' ? '' : `, test ${split.test}`}`],
    ['Normalize', normalize],
    ['Looked at', isPartial ? (kind === 'images' ? 'some of them' : 'the beginning') : 'everything'],
  ];
  return [
    factLines(facts),
    ...(columns.length > 0 ? ['\n', columnsText(columns)] : []),
    ...(arrays.length > 0
      ? [
          '\n',
          renderTable(
            [{ title: 'Array' }, { title: 'Type' }, { title: 'Shape' }],
            arrays.map(({ name, type, shape }) => [name, type, shape.join(' x ')]),
          ),
        ]
      : []),
    ...warningLines(warnings),
  ].join('');
}

function columnsText(columns: Inspection['columns']): string {
  const titles = [
    { title: 'Column' },
    { title: 'Type' },
    { title: 'Missing', align: 'right' },
    { title: 'Distinct', align: 'right' },
    { title: 'Minimum', align: 'right' },
    { title: 'Mean', align: 'right' },
    { title: 'Maximum', align: 'right' },
    { title: 'Role' },
    { title: 'Encoding' },
  ] as const;
  return renderTable(
    titles,
    columns.map((column) => [
      column.name,
      column.type,
      column.missing.toLocaleString('en'),
      column.distinct === null ? 'many' : column.distinct.toLocaleString('en'),
      formatNumber(column.minimum),
      formatNumber(column.mean),
      formatNumber(column.maximum),
      column.role,
      column.encoding,
    ]),
  );
}

/** Datasets as a table. */
export function listText(list: readonly DatasetSummary[]): string {
  const titles = [
    { title: 'Id' },
    { title: 'Name' },
    { title: 'Rows', align: 'right' },
    { title: 'Shape' },
    { title: 'Task' },
    { title: 'Description' },
  ] as const;
  return renderTable(
    titles,
    list.map(({ id, name, description, meta }) => [
      id,
      name,
      meta ? meta.rows.toLocaleString('en') : '-',
      meta ? meta.shape.join(' x ') : '-',
      meta ? (meta.task === 'classes' ? `${meta.classes.length} classes` : 'regression') : '-',
      description,
    ]),
  );
}

/** What a dataset holds and how it was made. */
export function detailsText({ meta, record, createdAtMs, dir, runs }: DatasetDetails): string {
  const choices = record?.choices;
  const facts: readonly Fact[] = [
    ['Id', meta.id],
    ['Name', meta.name],
    ['Data', factsOf(meta)],
    ['Stored as', meta.dtype],
    [
      'Classes',
      meta.classes.slice(0, 20).join(', ') + (meta.classes.length > 20 ? ` and ${meta.classes.length - 20} more` : ''),
    ],
    ['Format', record?.format],
    ['Files', record?.files.join(', ')],
    ['Target', choices?.target],
    [
      'Split',
      choices?.split &&
        `${choices.split.kind}${choices.split.kind === 'fixed' ? '' : `, test ${choices.split.test}, seed ${choices.split.seed}`}`,
    ],
    ['Missing', choices?.missing],
    ['Normalize', choices?.normalize],
    ['Source', meta.source],
    ['License', meta.license],
    ['Created', createdAtMs === null ? undefined : formatDate(createdAtMs)],
    ['Folder', dir],
    ['Hash', meta.hash],
    ['Runs', runs.length === 0 ? 'none' : runs.join(', ')],
  ];
  const columns = record && record.columns.length > 0 ? ['\n', columnsText(record.columns)] : [];
  return [factLines(facts), ...columns, ...warningLines(record?.warnings ?? [])].join('');
}

const shownValues = 8;

/** Samples as a table of their first values. */
export function previewText({ meta, samples, shape }: DatasetPreview): string {
  const size = shape.reduce((product, n) => product * n, 1);
  const names = Array.from({ length: Math.min(size, shownValues) }, (_, i) => meta.features?.[i] ?? `value ${i + 1}`);
  const more = size > shownValues ? [{ title: `and ${(size - shownValues).toLocaleString('en')} more` }] : [];
  const titles = [
    { title: 'Row', align: 'right' as const },
    ...names.map((title) => ({ title, align: 'right' as const })),
    ...more,
    { title: meta.task === 'classes' ? 'Class' : 'Target' },
  ];
  return renderTable(
    titles,
    samples.map(({ row, values, target }) => [
      String(row + 1),
      ...values.slice(0, shownValues).map(formatNumber),
      ...more.map(() => ''),
      meta.task === 'classes' ? (meta.classes[target] ?? String(target)) : formatNumber(target),
    ]),
  );
}
