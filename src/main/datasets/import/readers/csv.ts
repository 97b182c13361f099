import type { TextChoices } from '../../../../core/contract/datasetImport.ts';
import { unreadable } from '../importErrors.ts';
import type { TableBuilder } from '../table/tableBuilder.ts';
import { firstBytes, isGzip, unpacked } from '../files/fileBytes.ts';
import type { ImportFile } from '../files/importFile.ts';
import { delimiterName, findDialect, type CsvDialect } from './csvDialect.ts';
import { EnoughRows } from './enoughRows.ts';
import { CsvScanner } from './csvScanner.ts';
import { asUtf8, findEncoding, type FoundEncoding } from './textEncoding.ts';

const headBytes = 256 * 1_024;
/** Rows of thousands of columns are longer than that; a head holds some whole ones unless they are longer than any table's. */
const headRows = 4;
const lineEnd = 0x0a;
const maxHeadBytes = 16 * 2 ** 20;

export interface CsvFile {
  file: ImportFile;
  encoding: FoundEncoding;
  dialect: CsvDialect;
  /** one line for people */
  description: string;
}

async function headOf(pieces: AsyncIterable<Uint8Array>): Promise<{ head: Uint8Array; isWhole: boolean }> {
  const parts: Uint8Array[] = [];
  let length = 0;
  let rows = 0;
  for await (const piece of pieces) {
    parts.push(piece);
    length += piece.length;
    for (let at = piece.indexOf(lineEnd); at !== -1 && rows < headRows; at = piece.indexOf(lineEnd, at + 1)) rows++;
    if (length >= maxHeadBytes || (length >= headBytes && rows >= headRows)) {
      return { head: Buffer.concat(parts), isWhole: false };
    }
  }
  return { head: Buffer.concat(parts), isWhole: true };
}

/** Finds out how a text file of rows is written. Throws `fileUnreadable` when there is nothing in it. */
export async function openCsv(file: ImportFile, chosen: Partial<TextChoices> = {}): Promise<CsvFile> {
  const isPacked = isGzip(await firstBytes(file, 2));
  const raw = await headOf(unpacked(file));
  const found = findEncoding(raw.head);
  const encoding =
    chosen.encoding === undefined || chosen.encoding === found.name ? found : { name: chosen.encoding, bomBytes: 0 };
  const text = await headOf(asUtf8(unpacked(file), encoding));
  const dialect = findDialect(text.head, text.isWhole, chosen);
  if (dialect.names.length === 0) throw unreadable(file.place, 'it has no rows.');
  const facts = [
    `${delimiterName(dialect.delimiter)} separated text`,
    encoding.name,
    ...(dialect.decimal === 0x2c ? ['decimal comma'] : []),
    dialect.hasHeader ? 'with a header' : 'without a header',
    ...(isPacked ? ['gzip'] : []),
  ];
  return { file, encoding, dialect, description: facts.join(', ') };
}

/**
 * Adds the rows of a file to a table whose columns are there already. Throws `fileUnreadable` naming the row when one
 * has more or fewer cells than the others.
 */
export async function readCsv(
  { file, dialect, encoding }: CsvFile,
  table: TableBuilder,
  options: { maxRows: number; onBytes?: (read: number) => void },
): Promise<void> {
  const width = dialect.names.length;
  const indices = dialect.names.map((_, i) => i);
  let column = 0;
  let isHeader = dialect.hasHeader;
  const scanner = new CsvScanner(file.place, dialect.delimiter, {
    cell(bytes, start, end, line) {
      if (column < width && !isHeader) table.setBytes(indices[column]!, bytes, start, end, line);
      column++;
    },
    endRow(cells, line) {
      column = 0;
      if (cells !== width) {
        const than = dialect.hasHeader ? 'the header' : 'the first row';
        throw unreadable(
          { ...file.place, row: line },
          `it has ${cells} ${cells === 1 ? 'cell' : 'cells'}, but ${than} has ${width}. Correct the row, or quote cells that hold the separator.`,
        );
      }
      if (isHeader) {
        isHeader = false;
        return;
      }
      table.endRow();
      if (table.rows >= options.maxRows) throw new EnoughRows();
    },
  });
  try {
    for await (const piece of asUtf8(unpacked(file, { onBytes: options.onBytes }), encoding)) {
      scanner.push(piece);
    }
    scanner.end();
  } catch (error) {
    if (!(error instanceof EnoughRows)) throw error;
  }
}
