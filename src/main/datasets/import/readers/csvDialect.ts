import type { TextChoices } from '../../../../core/contract/datasetImport.ts';
import { parseNumber } from '../table/parseNumber.ts';
import { CsvScanner } from './csvScanner.ts';

/** How a delimited text is written. */
export interface CsvDialect {
  /** the byte between cells */
  delimiter: number;
  /** the byte of the decimal mark */
  decimal: number;
  hasHeader: boolean;
  /** names of the columns; made up without a header */
  names: string[];
  /** cells of the first rows, without the header */
  sample: string[][];
}

const delimiters = [0x2c, 0x3b, 0x09, 0x7c];
const comma = 0x2c;
const sampleRows = 100;
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
const encoder = new TextEncoder();

export function delimiterName(delimiter: number): string {
  return { 0x2c: 'comma', 0x3b: 'semicolon', 0x09: 'tab', 0x7c: 'bar', 0x20: 'space' }[delimiter] ?? 'other';
}

/** The first rows of a text cut by one delimiter. A last row that may be cut off is left out unless `isWhole`. */
function splitRows(head: Uint8Array, delimiter: number, isWhole: boolean): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  const scanner = new CsvScanner({ file: '' }, delimiter, {
    cell: (bytes, start, end) => void row.push(utf8.decode(bytes.subarray(start, end))),
    number: (value) => void row.push(String(value)),
    endRow: () => {
      if (rows.length < sampleRows) rows.push(row);
      row = [];
    },
  });
  try {
    scanner.push(head);
    if (isWhole || rows.length === 0) scanner.end();
  } catch {
    // a quotation mark of another dialect; the rows before it count
  }
  return rows;
}

/** Cells that most rows have, and the share of rows that have so many. */
function regularity(rows: readonly string[][]): { width: number; share: number } {
  const counts = new Map<number, number>();
  for (const row of rows) counts.set(row.length, (counts.get(row.length) ?? 0) + 1);
  const [width, count] = [...counts].reduce((best, entry) => (entry[1] > best[1] ? entry : best), [1, 0]);
  return { width, share: rows.length === 0 ? 0 : count / rows.length };
}

function isNumeric(text: string, decimal: number): boolean {
  const bytes = encoder.encode(text);
  return !Number.isNaN(parseNumber(bytes, 0, bytes.length, decimal));
}

/** Numbers such as 3,14 and hardly any such as 3.14. */
function findDecimal(rows: readonly string[][], delimiter: number): number {
  if (delimiter === comma) return 0x2e;
  const cells = rows.flat();
  const withComma = cells.filter((cell) => /^\s*[+-]?\d*,\d+(?:[eE][+-]?\d+)?\s*$/.test(cell)).length;
  const withPoint = cells.filter((cell) => /^\s*[+-]?\d*\.\d+(?:[eE][+-]?\d+)?\s*$/.test(cell)).length;
  return withComma > withPoint ? comma : 0x2e;
}

/** A first row of names: no number in it, and numbers or other texts below it. */
function findHeader(rows: readonly string[][], decimal: number): boolean {
  const [first, ...others] = rows;
  if (!first || others.length === 0) return false;
  // what pandas writes over columns without names: 0, 1, 2, ... after an empty cell for the index
  const numbered = first[0] === '' ? first.slice(1) : first;
  if (numbered.length > 1 && numbered.every((cell, i) => cell === String(i))) return true;
  if (first.some((cell) => isNumeric(cell, decimal))) return false;
  const hasNumbersBelow = first.some((_, i) => others.some((row) => isNumeric(row[i] ?? '', decimal)));
  if (hasNumbersBelow) return true;
  const isUnique = new Set(first).size === first.length;
  return isUnique && first.every((cell, i) => cell.trim() !== '' && others.every((row) => row[i] !== cell));
}

/**
 * Finds out how a delimited text is written from its first bytes, in UTF-8, as far as it is not chosen. `isWhole`: they are
 * all of it.
 */
export function findDialect(head: Uint8Array, isWhole: boolean, chosen: Partial<TextChoices> = {}): CsvDialect {
  const possible = chosen.delimiter === undefined ? delimiters : [chosen.delimiter.charCodeAt(0)];
  const candidates = possible.map((delimiter) => {
    const rows = splitRows(head, delimiter, isWhole);
    return { delimiter, rows, ...regularity(rows) };
  });
  const best = candidates.reduce((a, b) => {
    const score = (c: typeof a): number => (c.width > 1 ? c.share + c.width * 1e-6 : 0);
    return score(b) > score(a) ? b : a;
  });
  const { delimiter, rows } = best;
  const decimal = chosen.decimal?.charCodeAt(0) ?? findDecimal(rows, delimiter);
  const hasHeader = chosen.hasHeader ?? findHeader(rows, decimal);
  const first = rows[0] ?? [];
  return {
    delimiter,
    decimal,
    hasHeader,
    names: first.map((cell, i) => (hasHeader && cell.trim() !== '' ? cell.trim() : `column ${i + 1}`)),
    sample: hasHeader ? rows.slice(1) : rows,
  };
}
