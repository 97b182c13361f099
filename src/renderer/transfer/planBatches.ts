import { maxBatchBytes, maxBatchPieces, type BatchPiece } from '../../core/transfer/batch.ts';

/** A stretch of a file, and how a batch names it. */
export interface PlannedPiece extends BatchPiece {
  /** index of the file */
  file: number;
  /** where in the file it begins */
  start: number;
}

/** Deals files, in their order, into batches: small files together, large ones in pieces. */
export function* planBatches(files: readonly { path: string; size: number }[]): Generator<PlannedPiece[]> {
  let batch: PlannedPiece[] = [];
  let room = maxBatchBytes;
  for (const [file, { path, size }] of files.entries()) {
    let start = 0;
    do {
      if (room === 0 || batch.length === maxBatchPieces) {
        yield batch;
        batch = [];
        room = maxBatchBytes;
      }
      const piece = Math.min(size - start, room);
      batch.push({ path, size: piece, isContinued: start > 0, file, start });
      start += piece;
      room -= piece;
    } while (start < size);
  }
  if (batch.length > 0) yield batch;
}
