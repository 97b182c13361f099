import { unreadable, type Place } from '../importErrors.ts';
import { importLimits } from '../limits.ts';

/** Gets the cells of delimited text, in order. */
export interface CellSink {
  /** `line` counts the lines of the file from 1 */
  cell(bytes: Uint8Array, start: number, end: number, line: number): void;
  /** A cell that was read as a number already; only with a `decimal` mark. */
  number(value: number, line: number): void;
  endRow(cells: number, line: number): void;
}

const quote = 0x22;
const newline = 0x0a;
const carriageReturn = 0x0d;
const minus = 0x2d;
/** no byte */
const noDecimal = -1;
const zero = 0x30;
/** Digits whose number has 31 bits, whatever they are. */
const mostPlainDigits = 9;
const powers = Float64Array.from({ length: mostPlainDigits + 1 }, (_, i) => 10 ** i);

/**
 * Splits UTF-8 delimited text, given in pieces, into cells, and reads plain numbers of few digits on the way. Blank lines are
 * no rows.
 */
export class CsvScanner {
  private readonly place: Place;
  private readonly delimiter: number;
  private readonly sink: CellSink;
  private readonly decimal: number;
  private rest: Uint8Array = new Uint8Array(0);
  private scratch = new Uint8Array(1_024);
  private linesInside = 0;
  /** the first quotation mark at or after the row that is scanned */
  private nextQuote = -1;
  line = 1;

  /** `decimal`: the byte of the decimal mark where cells may be numbers. */
  constructor(place: Place, delimiter: number, sink: CellSink, decimal: number | null = null) {
    this.place = place;
    this.delimiter = delimiter;
    this.sink = sink;
    this.decimal = decimal ?? noDecimal;
  }

  push(piece: Uint8Array): void {
    let bytes = piece;
    if (this.rest.length > 0) {
      bytes = new Uint8Array(this.rest.length + piece.length);
      bytes.set(this.rest);
      bytes.set(piece, this.rest.length);
    }
    const done = this.scan(bytes, false);
    this.rest = bytes.slice(done);
    if (this.rest.length > importLimits.maxRowBytes) {
      const size = Math.floor(importLimits.maxRowBytes / 2 ** 20);
      throw unreadable(
        { ...this.place, row: this.line },
        `the row does not end within ${size} MiB; a quotation mark that opens here may never close.`,
      );
    }
  }

  end(): void {
    if (this.rest.length > 0) this.scan(this.rest, true);
    this.rest = new Uint8Array(0);
  }

  /** Scans whole rows; answers where the first row begins that is not whole. */
  private scan(bytes: Uint8Array, isLast: boolean): number {
    const { delimiter, sink } = this;
    const length = bytes.length;
    this.nextQuote = -1;
    let rowStart = this.decimal !== noDecimal && bytes.indexOf(quote) === -1 ? this.scanPlain(bytes) : 0;
    while (rowStart < length) {
      const rowEnd = this.findRowEnd(bytes, rowStart);
      if (rowEnd === -1 && !isLast) return rowStart;
      const stop = rowEnd === -1 ? length : rowEnd;
      const textEnd = stop > rowStart && bytes[stop - 1] === carriageReturn ? stop - 1 : stop;
      const line = this.line;
      this.line += 1 + this.linesInside;
      if (textEnd > rowStart) {
        const mayHaveNumbers = this.decimal !== noDecimal && rowEnd !== -1;
        let cells = 0;
        let at = rowStart;
        for (;;) {
          if (bytes[at] === quote) at = this.quotedCell(bytes, at, textEnd, line, rowEnd === -1);
          else {
            let end = mayHaveNumbers ? this.plainNumber(bytes, at, line) : -1;
            if (end === -1) {
              end = at;
              while (end < textEnd && bytes[end] !== delimiter) end++;
              sink.cell(bytes, at, end, line);
            }
            at = end;
          }
          cells++;
          if (at >= textEnd) break;
          at++;
        }
        sink.endRow(cells, line);
      }
      rowStart = stop + 1;
    }
    return length;
  }

  /** Scans all whole rows of bytes without a quotation mark; answers where the first row begins that is not whole. */
  private scanPlain(bytes: Uint8Array): number {
    const { delimiter, sink } = this;
    const end = bytes.lastIndexOf(newline) + 1;
    let at = 0;
    while (at < end) {
      const line = this.line++;
      if (bytes[at] === newline || (bytes[at] === carriageReturn && bytes[at + 1] === newline)) {
        at += bytes[at] === newline ? 1 : 2;
        continue;
      }
      for (let cells = 1; ; cells++) {
        let stop = this.plainNumber(bytes, at, line);
        if (stop === -1) {
          stop = at;
          while (bytes[stop] !== delimiter && bytes[stop] !== newline) stop++;
          const isReturned = bytes[stop] === newline && stop > at && bytes[stop - 1] === carriageReturn;
          sink.cell(bytes, at, isReturned ? stop - 1 : stop, line);
        } else if (bytes[stop] === carriageReturn) stop++;
        at = stop + 1;
        if (bytes[stop] === newline) {
          sink.endRow(cells, line);
          break;
        }
      }
    }
    return end;
  }

  /**
   * Reads a cell that is a number of at most nine digits, exactly: a whole number of few bits by a power of ten is rounded
   * once. Answers its end; -1 when the cell is something else. A line end follows, so that nothing is looked for beyond it.
   */
  private plainNumber(bytes: Uint8Array, start: number, line: number): number {
    const isNegative = bytes[start] === minus;
    let at = isNegative ? start + 1 : start;
    let first = at;
    let whole = 0;
    for (let digit = bytes[at]! - zero; digit >= 0 && digit <= 9; digit = bytes[++at]! - zero) {
      whole = (Math.imul(whole, 10) + digit) | 0;
    }
    let digits = at - first;
    let decimals = 0;
    if (bytes[at] === this.decimal) {
      first = ++at;
      for (let digit = bytes[at]! - zero; digit >= 0 && digit <= 9; digit = bytes[++at]! - zero) {
        whole = (Math.imul(whole, 10) + digit) | 0;
      }
      decimals = at - first;
      digits += decimals;
    }
    if (digits === 0 || digits > mostPlainDigits) return -1;
    const after = bytes[at];
    if (after !== this.delimiter && after !== newline && !(after === carriageReturn && bytes[at + 1] === newline)) {
      return -1;
    }
    const value = decimals === 0 ? whole : whole / powers[decimals]!;
    this.sink.number(isNegative ? -value : value, line);
    return at;
  }

  /** The line feed that ends the row; -1 when it is not there yet. */
  private findRowEnd(bytes: Uint8Array, start: number): number {
    this.linesInside = 0;
    const plain = bytes.indexOf(newline, start);
    if (this.nextQuote < start) {
      const found = bytes.indexOf(quote, start);
      this.nextQuote = found === -1 ? Infinity : found;
    }
    if (this.nextQuote === Infinity || (plain !== -1 && this.nextQuote > plain)) return plain;
    let isQuoted = false;
    // a mark opens at the start of a cell, or again right after it closed: a doubled mark inside quotes
    let mayOpen = true;
    for (let at = start; at < bytes.length; at++) {
      const byte = bytes[at];
      if (isQuoted) {
        if (byte === newline) this.linesInside++;
        if (byte !== quote) continue;
        isQuoted = false;
        mayOpen = true;
      } else if (byte === newline) return at;
      else if (byte === quote && mayOpen) isQuoted = true;
      else mayOpen = byte === this.delimiter;
    }
    return -1;
  }

  private quotedCell(bytes: Uint8Array, start: number, stop: number, line: number, isUnended: boolean): number {
    let at = start + 1;
    let length = 0;
    if (this.scratch.length < stop - start) this.scratch = new Uint8Array(2 * (stop - start));
    for (; at < stop; at++) {
      if (bytes[at] === quote) {
        if (bytes[at + 1] !== quote || at + 1 >= stop) break;
        at++;
      }
      this.scratch[length++] = bytes[at]!;
    }
    if (at >= stop && isUnended) {
      throw unreadable({ ...this.place, row: line }, 'a quotation mark opens in this row and never closes.');
    }
    // text after the closing mark belongs to the cell, as spreadsheets read it
    for (at++; at < stop && bytes[at] !== this.delimiter; at++) this.scratch[length++] = bytes[at]!;
    this.sink.cell(this.scratch, 0, length, line);
    return at;
  }
}
