import { randomUUID } from 'node:crypto';
import { rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { ColumnSummary, ImportRecord } from '../../core/contract/datasetImport.ts';
import type { DatasetMeta } from '../../core/contract/datasets.ts';
import { AppError } from '../../core/errors.ts';
import { DiskFile } from '../datasets/import/files/diskFile.ts';
import { placeText, unreadable } from '../datasets/import/importErrors.ts';
import { openCsv, readCsv } from '../datasets/import/readers/csv.ts';
import { tableBlocks, type ColumnBlock, type StoredTable } from '../datasets/import/table/storedTable.ts';
import { TableBuilder } from '../datasets/import/table/tableBuilder.ts';
import { noText } from '../datasets/import/table/tableColumn.ts';
import { readImportRecord } from '../datasets/importRecord.ts';
import type { FileSample, SampleKind } from './fileSamples.ts';

const maxFileBytes = 512 * 2 ** 20;

/** How one column of a table becomes numbers of a sample. */
interface SampleColumn {
  name: string;
  /** place of its first number in the sample */
  start: number;
  /** values that the model knows, in the order of their numbers; null for a column of numbers */
  categories: readonly string[] | null;
  isOneHot: boolean;
  /** stands for a missing value; null where there is nothing to stand for it */
  fill: number | null;
}

/** One cell as the importer reads cells: a number, a text, or neither. */
interface Cell {
  value: number;
  text: string | null;
}

/**
 * At most `most` rows of delimited text as samples of a table, encoded as its import encoded them: columns are found by
 * their names, or by their order where the text has no header. Throws `fileUnreadable` or `shapeMismatch`.
 */
export async function readTableSamples(file: string, kind: SampleKind, most: number): Promise<FileSample[]> {
  const columns = await columnsOf(kind);
  const { size } = await stat(file).catch((error: unknown) => {
    throw unreadable({ file }, `it is not there or cannot be read (${(error as Error).message}).`, error);
  });
  if (size > maxFileBytes)
    throw unreadable({ file }, 'it is too large to be answered at once: import it as a dataset.');
  const csv = await openCsv(new DiskFile(file, null, size));
  if (csv.dialect.sample.length === 0) throw unreadable({ file }, 'it has no rows of data.');
  const kept = path.join(kind.tempDir, `rows-${randomUUID()}`);
  const table = new TableBuilder(file, kept, csv.dialect.decimal);
  try {
    table.addColumns(csv.dialect.names);
    await readCsv(csv, table, { maxRows: most });
    return samplesIn(table.finish(), placesOf(file, table, columns, csv.dialect.hasHeader), columns, kind.meta);
  } finally {
    table.close();
    await rm(kept, { force: true });
  }
}

/** The columns a model was trained on. A dataset that was not imported has numbers only. */
async function columnsOf({ meta, dir }: SampleKind): Promise<SampleColumn[]> {
  const [size = 0] = meta.shape;
  const features = meta.features ?? Array.from({ length: size }, (_, i) => `feature ${i + 1}`);
  const record = await readImportRecord(dir).catch(() => null);
  const known = record?.columns.filter(({ role, encoding }) => role === 'feature' && encoding !== 'ignore') ?? [];
  if (known.length === 0) {
    return features.map((name, start) => ({ name, start, categories: null, isOneHot: false, fill: null }));
  }
  const columns: SampleColumn[] = [];
  let start = 0;
  for (const column of known) {
    const isOneHot = column.encoding === 'oneHot';
    const lead = `${column.name}=`;
    let width = 1;
    if (isOneHot) {
      const end = features.findIndex((name, i) => i >= start && !name.startsWith(lead));
      width = (end === -1 ? features.length : end) - start;
    }
    columns.push({
      name: column.name,
      start,
      categories: categoriesOf(column, features.slice(start, start + width), lead),
      isOneHot,
      fill: fillOf(column, record!, meta, start),
    });
    start += width;
  }
  if (start !== size) {
    throw new AppError(
      'shapeMismatch',
      `How the columns of the dataset "${meta.id}" became ${size} numbers is not known here: give the samples as .npy.`,
    );
  }
  return columns;
}

function categoriesOf(column: ColumnSummary, features: readonly string[], lead: string): string[] | null {
  if (column.encoding === 'oneHot') return features.map((name) => name.slice(lead.length));
  if (column.encoding !== 'ordinal') return null;
  if (column.values) return [...column.values];
  // imported before they were kept
  const values = column.top.map(({ value }) => value);
  if (column.distinct !== values.length) {
    throw new AppError(
      'shapeMismatch',
      `Column "${column.name}" was numbered by the order of its ${column.distinct ?? 'many'} values, which are not kept: give the samples as .npy.`,
    );
  }
  // as the importer orders them: numbers by size, then texts by their characters
  const isNumber = (text: string): boolean => column.type !== 'text' && text !== '' && Number.isFinite(Number(text));
  const numbers = values.filter(isNumber).toSorted((a, b) => Number(a) - Number(b));
  return [...numbers, ...values.filter((value) => !isNumber(value)).toSorted((a, b) => (a < b ? -1 : 1))];
}

/** What the import put where a value was missing. Of a mean only the normalization still tells. */
function fillOf({ encoding }: ColumnSummary, { choices }: ImportRecord, meta: DatasetMeta, at: number): number | null {
  if (encoding === 'oneHot') return choices.missing === 'mean' || choices.missing === 'zero' ? 0 : null;
  if (choices.missing === 'zero') return 0;
  return choices.missing === 'mean' && choices.normalize === 'standardize'
    ? (meta.normalization?.mean[at] ?? null)
    : null;
}

/** Place in the file of each column of the model. */
function placesOf(
  file: string,
  table: TableBuilder,
  columns: readonly SampleColumn[],
  hasHeader: boolean,
): readonly number[] {
  const places = columns.map(({ name }) => table.indexOf(name));
  const missing = columns.filter((_, i) => places[i] === undefined).map(({ name }) => `"${name}"`);
  if (missing.length === 0) return places as number[];
  if (!hasHeader && table.columns.length === columns.length) return columns.map((_, i) => i);
  const shown =
    missing.length > 8 ? `${missing.slice(0, 8).join(', ')} and ${missing.length - 8} more` : missing.join(', ');
  throw new AppError(
    'shapeMismatch',
    hasHeader
      ? `${file} lacks columns that the model was trained on: ${shown}.`
      : `${file} has ${table.columns.length} columns and no header; the model takes ${columns.length}. Give it a header with: ${shown}.`,
    { details: { path: file } },
  );
}

function samplesIn(
  table: StoredTable,
  places: readonly number[],
  columns: readonly SampleColumn[],
  { shape }: DatasetMeta,
): FileSample[] {
  const samples: FileSample[] = [];
  for (const block of tableBlocks(table)) {
    const cells = places.map((place) => block.column(place));
    for (let row = 0; row < block.rows; row++) samples.push(sampleIn(table, row, block.firstRow, cells));
  }
  return samples;

  function sampleIn(from: StoredTable, row: number, firstRow: number, cells: readonly ColumnBlock[]): FileSample {
    const values = new Float32Array(shape[0]!);
    for (const [i, column] of columns.entries()) {
      const { values: numbers, codes } = cells[i]!;
      const code = codes === null ? noText : codes[row]!;
      const text = code === noText ? null : (from.columns[places[i]!]!.texts[code] ?? '');
      const why = placeCell(values, column, { value: numbers[row]!, text });
      if (why === null) continue;
      const { file } = from;
      return { problem: `${placeText({ file, column: column.name })}: sample ${firstRow + row + 1} ${why}` };
    }
    return { values };
  }
}

/** Writes the numbers of a cell; answers why it cannot. */
function placeCell(values: Float32Array, column: SampleColumn, { value, text }: Cell): string | null {
  const { start, categories, isOneHot, fill } = column;
  if (text === null && Number.isNaN(value)) {
    if (fill === null) return 'has no value here.';
    if (!isOneHot) values[start] = fill;
    return null;
  }
  const shown = (text ?? String(value)).slice(0, 80);
  if (categories === null) {
    if (Number.isNaN(value)) return `has "${shown}", which is no number.`;
    values[start] = value;
    return null;
  }
  const at = categories.indexOf(text ?? String(value));
  if (at === -1) return `has "${shown}", which the model never saw.`;
  if (isOneHot) values[start + at] = 1;
  else values[start] = at;
  return null;
}
