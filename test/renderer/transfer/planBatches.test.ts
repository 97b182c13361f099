import { expect, it } from 'vitest';
import { batchHeadSchema, encodeBatchHead, maxBatchBytes, maxBatchPieces } from '../../../src/core/transfer/batch.ts';
import { planBatches } from '../../../src/renderer/transfer/planBatches.ts';

const sizesOf = (sizes: readonly number[]) => sizes.map((size, i) => ({ path: `f${i}`, size }));

/** Puts the pieces together again, as the host does. */
function received(sizes: readonly number[]): { batches: number; sizes: number[] } {
  const arrived: number[] = [];
  let batches = 0;
  let last = -1;
  for (const batch of planBatches(sizesOf(sizes))) {
    batches++;
    expect(batch.length).toBeLessThanOrEqual(maxBatchPieces);
    expect(batch.reduce((sum, { size }) => sum + size, 0)).toBeLessThanOrEqual(maxBatchBytes);
    for (const { file, start, size, isContinued } of batch) {
      // a piece goes on where the file ended so far, and only with the file that was last
      expect(start).toBe(arrived[file] ?? 0);
      expect(isContinued).toBe(start > 0);
      expect(isContinued ? file : last).toBe(last);
      arrived[file] = start + size;
      last = file;
    }
  }
  return { batches, sizes: arrived };
}

it('sends every byte of every file once and in order: none, empty, small, large and very large ones', () => {
  for (const sizes of [
    [],
    [0],
    [0, 0, 0],
    [5, 0, 7],
    [maxBatchBytes],
    [maxBatchBytes + 1],
    [3 * maxBatchBytes],
    [3, 3 * maxBatchBytes + 5, 0, 2],
    [maxBatchBytes, 0, maxBatchBytes - 1, 2],
  ]) {
    expect(received(sizes).sizes).toEqual(sizes);
  }
});

it('sends many small files in few batches', () => {
  const sizes = Array.from({ length: 5_000 }, () => 700);
  expect(received(sizes)).toEqual({ batches: Math.ceil(5_000 / maxBatchPieces), sizes });
});

it('writes a head that the host reads', () => {
  const pieces = [{ path: 'tür/日本.png', size: 3, isContinued: false }];
  const bytes = encodeBatchHead(pieces);
  const length = new DataView(bytes.buffer).getUint32(0);
  expect(bytes.length).toBe(4 + length);
  expect(batchHeadSchema.parse(JSON.parse(new TextDecoder().decode(bytes.subarray(4))))).toEqual(pieces);
});
