import { stat } from 'node:fs/promises';
import type { ImportSource } from '../importSource.ts';
import { unreadable } from '../importErrors.ts';
import { createTableSource, type TableFile } from '../tableSource.ts';
import { openCsv, readCsv, type CsvFile } from './csv.ts';

/** One or several delimited texts with the same columns. */
export async function openCsvSource(paths: readonly string[]): Promise<ImportSource> {
  const opened: CsvFile[] = [];
  for (const path of paths) opened.push(await openCsv(path));
  const [first] = opened;
  if (!first) throw new Error('there is no file');
  for (const other of opened.slice(1)) checkSameColumns(first, other);
  const files: TableFile[] = [];
  for (const file of opened) {
    files.push({
      path: file.path,
      bytes: (await stat(file.path)).size,
      read: (table, options) => {
        if (table.columns.length === 0) table.addColumns(file.dialect.names);
        return readCsv(file, table, options);
      },
    });
  }
  const guessed = opened.filter(({ encoding }) => encoding.name === 'windows-1252');
  return createTableSource({
    format: first.description,
    decimal: first.dialect.decimal,
    preview: first.dialect.sample,
    files,
    warnings: guessed.map(({ path }) => ({
      kind: 'encoding',
      message: `${path} is no UTF-8 and was read as Windows-1252 (Western European); look whether its letters are right.`,
    })),
  });
}

function checkSameColumns(first: CsvFile, other: CsvFile): void {
  const [wanted, found] = [first.dialect.names, other.dialect.names];
  const isSame = wanted.length === found.length && wanted.every((name, i) => name === found[i]);
  if (isSame) return;
  throw unreadable(
    { file: other.path, row: 1 },
    `its columns differ from those of ${first.path}; files that are imported together must have the same columns in the same order.`,
  );
}
