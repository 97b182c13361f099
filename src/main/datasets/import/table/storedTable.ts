import type { BlockStore } from './blockStore.ts';
import type { TableColumn } from './tableColumn.ts';

export interface StoredBlock {
  rows: number;
  /** where the numbers (float64) and the codes (int32, -1 when there are none) of each column begin in the store */
  columns: { values: number; codes: number }[];
}

/** A table that was read whole and waits, column by column, in a store. */
export interface StoredTable {
  /** the file or files it came from, for messages */
  file: string;
  store: BlockStore;
  rows: number;
  columns: readonly TableColumn[];
  blocks: readonly StoredBlock[];
}

/** Not to be changed. */
export interface ColumnBlock {
  values: Float64Array;
  codes: Int32Array | null;
}

/** Gives the blocks of a table in order, each with a way to read its columns; `firstRow` counts from 0. */
export function* tableBlocks({
  store,
  blocks,
}: StoredTable): Generator<{ firstRow: number; rows: number; column(index: number): ColumnBlock }> {
  let firstRow = 0;
  for (const block of blocks) {
    const { rows } = block;
    yield {
      firstRow,
      rows,
      column(index) {
        const place = block.columns[index];
        // a column that appeared later
        if (!place) return { values: new Float64Array(rows).fill(Number.NaN), codes: null };
        const values = store.read(place.values, rows * 8);
        const codes = place.codes === -1 ? null : store.read(place.codes, rows * 4);
        return {
          values: new Float64Array(values.buffer, values.byteOffset, rows),
          codes: codes && new Int32Array(codes.buffer, codes.byteOffset, rows),
        };
      },
    };
    firstRow += rows;
  }
}
