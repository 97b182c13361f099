import { unreadable } from '../importErrors.ts';
import { importLimits } from '../limits.ts';
import { BlockStore } from './blockStore.ts';
import { parseNumber } from './parseNumber.ts';
import { maxDictionaryBytes, TableColumn } from './tableColumn.ts';
import type { StoredBlock, StoredTable } from './storedTable.ts';

/** Words that mean "no value", as pandas reads them, and the question mark of the UCI collection. */
const missingWords: ReadonlySet<string> = new Set(
  '#N/A|#N/A N/A|#NA|-1.#IND|-1.#QNAN|-NaN|-nan|1.#IND|1.#QNAN|<NA>|N/A|NA|NULL|NaN|None|n/a|nan|null|?'.split('|'),
);
const infinityWord = /^[+-]?inf(?:inity)?$/i;
const largestFloat32 = 3.4028235677973366e38;
const bytesPerBlock = 16 * 2 ** 20;
const maxBlockRows = 16_384;
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * Collects rows cell by cell and keeps them column by column, many of them in a file, so that memory does not grow with the
 * rows. Types, ranges and the different values of every column are known when the last row is in.
 */
export class TableBuilder {
  readonly columns: TableColumn[] = [];
  rows = 0;
  private readonly file: string;
  private readonly store: BlockStore;
  private readonly byName = new Map<string, number>();
  private readonly blocks: StoredBlock[] = [];
  private readonly decimal: number;
  private blockRows = maxBlockRows;
  private at = 0;
  private dictionaryBytes = 0;

  /** `file` is the name that messages give; `path` is where rows that are too many for the memory are kept until it is closed. */
  constructor(file: string, path: string, decimal = 0x2e) {
    this.file = file;
    this.store = new BlockStore(path);
    this.decimal = decimal;
  }

  /** Adds columns; rows before have no value there. Names that are taken get a number. */
  addColumns(names: readonly string[]): void {
    const total = this.columns.length + names.length;
    if (total > importLimits.maxColumns) {
      throw unreadable(
        { file: this.file },
        `it has ${total} columns; at most ${importLimits.maxColumns} can be imported.`,
      );
    }
    const fitting = Math.max(16, Math.min(maxBlockRows, Math.floor(bytesPerBlock / (8 * Math.max(1, total)))));
    if (fitting < this.blockRows) {
      if (this.at > 0) this.closeBlock();
      this.blockRows = fitting;
    }
    for (const name of names) {
      let unique = name;
      for (let n = 2; this.byName.has(unique); n++) unique = `${name} (${n})`;
      const column = new TableColumn(unique, this.blockRows);
      column.missing = this.rows;
      column.values.fill(Number.NaN, 0, this.at);
      this.byName.set(unique, this.columns.length);
      this.columns.push(column);
    }
  }

  indexOf(name: string): number | undefined {
    return this.byName.get(name);
  }

  /** Reads one cell of the present row from UTF-8 bytes. `row` is its line in the file. */
  setBytes(index: number, bytes: Uint8Array, start: number, end: number, row: number): void {
    const column = this.columns[index]!;
    if (start === end) return column.setMissing(this.at, row);
    if (column.setKnownText(this.at, bytes, start, end)) return;
    const value = parseNumber(bytes, start, end, this.decimal);
    if (value === value) this.setNumber(index, value, row);
    else if (this.setText(index, utf8.decode(bytes.subarray(start, end)), row)) column.know(this.at, bytes, start, end);
  }

  setNumber(index: number, value: number, row: number): void {
    const column = this.columns[index]!;
    if (value > largestFloat32 || value < -largestFloat32) column.setInfinite(this.at, row);
    else if (value !== value) column.setMissing(this.at, row);
    else {
      column.values[this.at] = value;
      if (column.codes !== null) column.codes[this.at] = -1;
    }
  }

  /** Reads one cell from a text; answers whether it is kept as one, rather than as no value or an infinite one. */
  setText(index: number, text: string, row: number): boolean {
    const column = this.columns[index]!;
    const trimmed = text.trim();
    if (trimmed === '' || missingWords.has(trimmed)) column.setMissing(this.at, row);
    else if (infinityWord.test(trimmed)) column.setInfinite(this.at, row);
    else {
      const isFull = this.dictionaryBytes > maxDictionaryBytes;
      this.dictionaryBytes += column.setText(this.at, trimmed, row, isFull);
      return true;
    }
    return false;
  }

  setMissing(index: number, row: number): void {
    this.columns[index]!.setMissing(this.at, row);
  }

  /** Reads one cell of the present row from a value of a typed file: what is no number and no text counts as the text of its JSON. */
  setValue(index: number, value: unknown, row: number): void {
    if (typeof value === 'number') this.setNumber(index, value, row);
    else if (value === null || value === undefined) this.setMissing(index, row);
    else if (typeof value === 'boolean') this.setNumber(index, value ? 1 : 0, row);
    else if (typeof value === 'bigint') this.setNumber(index, Number(value), row);
    else if (typeof value === 'string') this.setWords(index, value, row);
    else if (value instanceof Date) this.setWords(index, isoText(value), row);
    else this.setWords(index, jsonText(value), row);
  }

  /** A text that is never a word for "no value", because its file writes that otherwise; only an empty one is missing. */
  private setWords(index: number, text: string, row: number): void {
    const column = this.columns[index]!;
    const trimmed = text.trim();
    if (trimmed === '') column.setMissing(this.at, row);
    else {
      const isFull = this.dictionaryBytes > maxDictionaryBytes;
      this.dictionaryBytes += column.setText(this.at, trimmed, row, isFull);
    }
  }

  /**
   * Adds rows column by column, so that of a file that lies by columns one column is in memory at a time. `values` answers the
   * cells of one column, one per row.
   */
  async appendByColumn(rows: number, values: (index: number) => Promise<ArrayLike<unknown>>): Promise<void> {
    if (this.at > 0) this.closeBlock();
    const blocks: StoredBlock[] = [];
    for (let first = 0; first < rows; first += this.blockRows) {
      blocks.push({ rows: Math.min(this.blockRows, rows - first), columns: [] });
    }
    for (const [index, column] of this.columns.entries()) {
      const cells = await values(index);
      if (cells.length !== rows) {
        throw unreadable({ file: this.file, column: column.name }, `it has ${cells.length} of ${rows} values.`);
      }
      let first = 0;
      for (const block of blocks) {
        const numbers = cells instanceof Float64Array ? cells : null;
        for (let i = 0; i < block.rows; i++) {
          this.at = i;
          if (numbers) this.setNumber(index, numbers[first + i]!, this.rows + first + i + 1);
          else this.setValue(index, cells[first + i], this.rows + first + i + 1);
        }
        column.closeBlock(block.rows);
        block.columns.push(...this.keep([column], block.rows));
        column.clearCodes();
        first += block.rows;
      }
    }
    this.at = 0;
    this.rows += rows;
    this.blocks.push(...blocks);
  }

  /** Keeps the first `rows` cells of columns; answers where they are. */
  private keep(columns: readonly TableColumn[], rows: number): StoredBlock['columns'] {
    const parts = columns.flatMap(({ values, codes }) => [
      new Uint8Array(values.buffer, 0, rows * 8),
      ...(codes === null ? [] : [new Uint8Array(codes.buffer, 0, rows * 4)]),
    ]);
    const places = this.store.append(parts);
    let next = 0;
    return columns.map(({ codes }) => ({ values: places[next++]!, codes: codes === null ? -1 : places[next++]! }));
  }

  endRow(): void {
    this.rows++;
    if (++this.at === this.blockRows) this.closeBlock();
  }

  private closeBlock(): void {
    for (const column of this.columns) column.closeBlock(this.at);
    this.blocks.push({ rows: this.at, columns: this.keep(this.columns, this.at) });
    for (const column of this.columns) {
      column.clearCodes();
      if (column.values.length !== this.blockRows) column.values = new Float64Array(this.blockRows);
    }
    this.at = 0;
  }

  /** Ends the table. Whoever calls closes what it answers. */
  finish(): StoredTable {
    if (this.at > 0) this.closeBlock();
    return {
      file: this.file,
      store: this.store,
      rows: this.rows,
      columns: this.columns,
      blocks: this.blocks,
    };
  }

  close(): void {
    this.store.close();
  }
}

/** A day without its time when that is midnight. */
function isoText(date: Date): string {
  if (Number.isNaN(date.getTime())) return '';
  const text = date.toISOString();
  return text.endsWith('T00:00:00.000Z') ? text.slice(0, 10) : text;
}

function jsonText(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? Number(part) : part)) ?? '';
}
