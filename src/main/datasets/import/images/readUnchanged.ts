import fs from 'node:fs';
import { checkUnchanged } from '../files/diskFile.ts';

/**
 * Reads many files, and looks at each again when all are read. Throws `fileChanged` when one is not as it was when it was
 * read: it may have been read in the middle of being written.
 */
export async function* readUnchanged<Piece>(
  rows: number,
  pathOf: (row: number) => string,
  read: (onStates: (first: number, states: Float64Array) => void) => AsyncIterable<Piece>,
): AsyncGenerator<Piece> {
  const seen = new Float64Array(2 * rows).fill(Number.NaN);
  yield* read((first, states) => seen.set(states, 2 * first));
  for (let row = 0; row < rows; row++) {
    const [size, mtimeMs] = [seen[2 * row]!, seen[2 * row + 1]!];
    if (Number.isNaN(size)) continue;
    const file = pathOf(row);
    const now = fs.statSync(file, { throwIfNoEntry: false });
    checkUnchanged(file, { size, mtimeMs }, { size: now?.size ?? -1, mtimeMs: now?.mtimeMs ?? 0 });
  }
}
