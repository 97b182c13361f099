import fs from 'node:fs';
import type { TableColumn } from './tableColumn.ts';

export interface StoredBlock {
  rows: number;
  /** where the numbers (float64) and the codes (int32, -1 when there are none) of each column begin in the file */
  columns: { values: number; codes: number }[];
}

/** A table that was read whole and waits, column by column, in a file. */
export interface StoredTable {
  /** the file or files it came from, for messages */
  file: string;
  path: string;
  descriptor: number;
  rows: number;
  columns: readonly TableColumn[];
  blocks: readonly StoredBlock[];
}

export interface ColumnBlock {
  values: Float64Array;
  codes: Int32Array | null;
}

function readBytes(descriptor: number, position: number, length: number): ArrayBuffer {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length;) {
    const read = fs.readSync(descriptor, bytes, at, length - at, position + at);
    if (read === 0) throw new Error('the kept rows are cut off');
    at += read;
  }
  return bytes.buffer;
}

/** Gives the blocks of a table in order, each with a way to read its columns; `firstRow` counts from 0. */
export function* tableBlocks(
  table: StoredTable,
): Generator<{ firstRow: number; rows: number; column(index: number): ColumnBlock }> {
  let firstRow = 0;
  for (const block of table.blocks) {
    yield {
      firstRow,
      rows: block.rows,
      column(index) {
        const place = block.columns[index];
        // a column that appeared later
        if (!place) return { values: new Float64Array(block.rows).fill(Number.NaN), codes: null };
        return {
          values: new Float64Array(readBytes(table.descriptor, place.values, block.rows * 8)),
          codes: place.codes === -1 ? null : new Int32Array(readBytes(table.descriptor, place.codes, block.rows * 4)),
        };
      },
    };
    firstRow += block.rows;
  }
}
