import type { TextChoices } from '../../../../core/contract/datasetImport.ts';
import { unreadable } from '../importErrors.ts';
import type { TableBuilder } from '../table/tableBuilder.ts';
import { firstBytes, isGzip, unpacked } from '../files/fileBytes.ts';
import type { ImportFile } from '../files/importFile.ts';
import { delimiterName, findDialect, type CsvDialect } from './csvDialect.ts';
import { EnoughRows } from './enoughRows.ts';
import { CsvScanner, type CellSink } from './csvScanner.ts';
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

/** Puts the cells of a file into the columns of a table. */
class CsvRows implements CellSink {
  private readonly csv: CsvFile;
  private readonly table: TableBuilder;
  private readonly maxRows: number;
  private readonly width: number;
  private column = 0;
  private isHeader: boolean;

  constructor(csv: CsvFile, table: TableBuilder, maxRows: number) {
    this.csv = csv;
    this.table = table;
    this.maxRows = maxRows;
    this.width = csv.dialect.names.length;
    this.isHeader = csv.dialect.hasHeader;
  }

  cell(bytes: Uint8Array, start: number, end: number, line: number): void {
    const column = this.column++;
    if (column < this.width && !this.isHeader) this.table.setBytes(column, bytes, start, end, line);
  }

  number(value: number, line: number): void {
    const column = this.column++;
    if (column < this.width && !this.isHeader) this.table.setNumber(column, value, line);
  }

  endRow(cells: number, line: number): void {
    this.column = 0;
    const { table, width } = this;
    if (cells !== width) {
      const { file, dialect } = this.csv;
      const than = dialect.hasHeader ? 'the header' : 'the first row';
      throw unreadable(
        { ...file.place, row: line },
        `it has ${cells} ${cells === 1 ? 'cell' : 'cells'}, but ${than} has ${width}. Correct the row, or quote cells that hold the separator.`,
      );
    }
    if (this.isHeader) {
      this.isHeader = false;
      return;
    }
    table.endRow();
    if (table.rows >= this.maxRows) throw new EnoughRows();
  }
}

/**
 * Adds the rows of a file to a table whose columns are there already. Throws `fileUnreadable` naming the row when one
 * has more or fewer cells than the others.
 */
export async function readCsv(
  csv: CsvFile,
  table: TableBuilder,
  options: { maxRows: number; onBytes?: (read: number) => void },
): Promise<void> {
  const { file, dialect, encoding } = csv;
  const rows = new CsvRows(csv, table, options.maxRows);
  const decimal = dialect.decimal === dialect.delimiter ? null : dialect.decimal;
  const scanner = new CsvScanner(file.place, dialect.delimiter, rows, decimal);
  try {
    for await (const piece of asUtf8(unpacked(file, { onBytes: options.onBytes }), encoding)) {
      scanner.push(piece);
    }
    scanner.end();
  } catch (error) {
    if (!(error instanceof EnoughRows)) throw error;
  }
}
