import path from 'node:path';
import type {
  ColumnSummary,
  ImportChoices,
  ImportWarning,
  Inspection,
  TextChoices,
} from '../../../core/contract/datasetImport.ts';
import { partCodes } from './dealParts.ts';
import { fileState } from './files/diskFile.ts';
import type { ImportFile } from './files/importFile.ts';
import { placeText } from './importErrors.ts';
import type { ImportContext, ImportSource, WrittenNumbers } from './importSource.ts';
import { partOfName } from './partOfName.ts';
import { categoriesOf } from './table/columnFacts.ts';
import { encodeTable } from './table/encodeTable.ts';
import { summarizeColumns } from './table/summarizeColumns.ts';
import type { StoredTable } from './table/storedTable.ts';
import { TableBuilder } from './table/tableBuilder.ts';
import { leakWarnings } from './table/leakWarnings.ts';
import { planTable, type TablePlan } from './table/tablePlan.ts';

/** Rows that are looked at before an import. */
const inspectedRows = 200_000;
/** Values of an ordinal column that are kept with the dataset. */
const mostKeptValues = 10_000;

/** One file, or sheet, of rows. */
export interface TableFile {
  file: ImportFile;
  /** Adds the rows up to `maxRows` of the table, columns included, and tells how many bytes of the file were read. */
  read(table: TableBuilder, options: { maxRows: number; onBytes: (read: number) => void }): Promise<void>;
}

export interface TableFormat {
  format: string;
  decimal?: number;
  /** the first rows as text */
  preview: string[][];
  files: readonly TableFile[];
  warnings: readonly ImportWarning[];
  /** names of the sheets of a workbook, and the one that is read */
  sheets?: string[];
  sheet?: string;
  /** how delimited text is written */
  text?: TextChoices;
  /** what to close when the source was used */
  close?: () => Promise<void>;
}

interface ReadTable {
  table: StoredTable;
  builder: TableBuilder;
  /** part of every row by its file; null when the names of the files do not say */
  fixedParts: Uint8Array | null;
  isPartial: boolean;
}

async function readTable(source: TableFormat, maxRows: number, context: ImportContext): Promise<ReadTable> {
  const { files } = source;
  const firstName = placeText(files[0]!.file.place);
  const shownName = files.length === 1 ? firstName : `${firstName} and ${files.length - 1} more`;
  const sizes = await Promise.all(files.map(({ file }) => sizeOf(file)));
  const builder = new TableBuilder(shownName, path.join(context.tempDir, 'table.bin'), source.decimal);
  const total = sizes.reduce((sum, bytes) => sum + bytes, 0) || 1;
  const ends: number[] = [];
  let before = 0;
  try {
    for (const [i, file] of files.entries()) {
      const onBytes = (read: number): void => context.onProgress('reading', (before + read) / total, builder.rows);
      await file.read(builder, { maxRows, onBytes });
      ends.push(builder.rows);
      before += sizes[i]!;
    }
    const table = builder.finish();
    return { table, builder, fixedParts: partsByFile(files, ends), isPartial: table.rows >= maxRows };
  } catch (error) {
    builder.close();
    throw error;
  }
}

async function sizeOf({ bytes, stretch }: ImportFile): Promise<number> {
  return bytes ?? (stretch ? (await fileState(stretch.path)).size : 0);
}

function partsByFile(files: readonly TableFile[], ends: readonly number[]): Uint8Array | null {
  const parts = files.map(({ file }) => partOfName(file.name));
  if (!parts.includes(partCodes.test) || new Set(parts).size === 1) return null;
  const rows = new Uint8Array(ends.at(-1) ?? 0);
  files.forEach((_, i) => rows.fill(parts[i] ?? partCodes.train, ends[i - 1] ?? 0, ends[i]));
  return rows;
}

/** The choices of a user with everything that was guessed. */
function completeChoices(
  { sheet, text }: TableFormat,
  choices: ImportChoices,
  table: StoredTable,
  plan: TablePlan,
): ImportChoices {
  const { task, encodings, missing, normalize, split } = plan;
  const chosen = { target: table.columns[plan.target]!.name, task, encodings, missing, normalize, split };
  return { ...choices, ...(sheet === undefined ? {} : { sheet }), ...(text ? { text } : {}), ...chosen };
}

/** Files of rows and columns, whatever format they have. */
export function createTableSource(source: TableFormat): ImportSource {
  const files = source.files.map(({ file }) => placeText(file.place));
  const closing = async <Result>(use: () => Promise<Result>): Promise<Result> => {
    try {
      return await use();
    } finally {
      await source.close?.();
    }
  };
  return {
    kind: 'table',
    format: source.format,
    files,
    inspect: (choices, context) =>
      closing(async (): Promise<Inspection> => {
        const { table, builder, fixedParts, isPartial } = await readTable(source, inspectedRows, context);
        try {
          const plan = planTable(table, choices, fixedParts !== null);
          const columns: ColumnSummary[] = summarizeColumns(table, plan);
          const classes = plan.classes ? categoriesOf(table.columns[plan.target]!) : null;
          return {
            format: source.format,
            kind: 'table',
            files,
            rows: isPartial ? null : table.rows,
            isPartial,
            columns,
            arrays: [],
            sheets: source.sheets ?? [],
            classes: classes ? classes.names.map((name, i) => ({ name, count: classes.counts[i]! })) : [],
            preview: source.preview.slice(0, 20),
            guess: completeChoices(source, choices, table, plan),
            warnings: [...source.warnings, ...plan.warnings, ...leakWarnings(table, plan)],
          };
        } finally {
          builder.close();
        }
      }),
    write: (choices, context) =>
      closing(async (): Promise<WrittenNumbers> => {
        const { table, builder, fixedParts } = await readTable(source, Infinity, context);
        try {
          const plan = planTable(table, choices, fixedParts !== null);
          const onRows = (rows: number): void => context.onProgress('writing', rows / table.rows, rows);
          const encoded = encodeTable(table, plan, fixedParts, context.datasetDir, onRows);
          return {
            ...encoded,
            targetSize: 1,
            columns: withOrdinalValues(summarizeColumns(table, plan), plan),
            warnings: [...source.warnings, ...encoded.warnings],
            choices: completeChoices(source, choices, table, plan),
          };
        } finally {
          builder.close();
        }
      }),
  };
}

/** With what rows that come later need to be numbered alike; too many values are not kept. */
function withOrdinalValues(columns: readonly ColumnSummary[], { features }: TablePlan): ColumnSummary[] {
  const kept = [...columns];
  for (const { column, encoding, categories } of features) {
    if (encoding !== 'ordinal' || !categories || categories.names.length > mostKeptValues) continue;
    kept[column] = { ...kept[column]!, values: categories.names };
  }
  return kept;
}
