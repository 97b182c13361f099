import type { TextChoices } from '../../../../core/contract/datasetImport.ts';
import { placeText, unreadable } from '../importErrors.ts';
import type { ImportFile } from '../files/importFile.ts';
import type { ImportSource } from '../importSource.ts';
import { createTableSource } from '../tableSource.ts';
import { openCsv, readCsv, type CsvFile } from './csv.ts';

/** One or several delimited texts with the same columns. */
export async function openCsvSource(found: readonly ImportFile[], text: Partial<TextChoices>): Promise<ImportSource> {
  const opened: CsvFile[] = [];
  for (const file of found) opened.push(await openCsv(file, text));
  const [first] = opened;
  if (!first) throw new Error('there is no file');
  for (const other of opened.slice(1)) checkSameColumns(first, other);
  const guessed = opened.filter(({ encoding }) => encoding.name === 'windows-1252');
  return createTableSource({
    format: first.description,
    decimal: first.dialect.decimal,
    text: {
      delimiter: String.fromCharCode(first.dialect.delimiter) as TextChoices['delimiter'],
      decimal: String.fromCharCode(first.dialect.decimal) as TextChoices['decimal'],
      hasHeader: first.dialect.hasHeader,
      encoding: first.encoding.name,
    },
    preview: first.dialect.sample,
    files: opened.map((csv) => ({
      file: csv.file,
      read(table, options) {
        if (table.columns.length === 0) table.addColumns(csv.dialect.names);
        return readCsv(csv, table, options);
      },
    })),
    warnings: guessed.map(({ file }) => ({
      kind: 'encoding',
      message: `${placeText(file.place)} is no UTF-8 and was read as Windows-1252 (Western European); look whether its letters are right.`,
    })),
  });
}

function checkSameColumns(first: CsvFile, other: CsvFile): void {
  const [wanted, found] = [first.dialect.names, other.dialect.names];
  const isSame = wanted.length === found.length && wanted.every((name, i) => name === found[i]);
  if (isSame) return;
  throw unreadable(
    { ...other.file.place, row: 1 },
    `its columns differ from those of ${placeText(first.file.place)}; files that are imported together must have the same columns in the same order.`,
  );
}
