import { z } from 'zod';

/**
 * Files travel from a browser to its host in batches: many small ones together, a large one in pieces. A batch is the
 * length of its head (4 bytes, big endian), the head (JSON, see `batchHeadSchema`) and the bytes of its pieces.
 */
export const maxBatchBytes = 8 * 2 ** 20;
export const maxBatchHeadBytes = 2 ** 20;
/** Pieces of one batch, so that its head stays within its limit. */
export const maxBatchPieces = 512;

export const batchPieceSchema = z.strictObject({
  /** folders and name of the file, separated by slashes */
  path: z.string().min(1).max(4_096),
  /** bytes in this batch */
  size: z.int().min(0).max(maxBatchBytes),
  /** goes on with the file that the batch before ended with */
  isContinued: z.boolean(),
});
export type BatchPiece = z.infer<typeof batchPieceSchema>;
export const batchHeadSchema = z.array(batchPieceSchema).min(1).max(maxBatchPieces);

/** The head of a batch with its length before it. */
export function encodeBatchHead(pieces: readonly BatchPiece[]): Uint8Array<ArrayBuffer> {
  const head = new TextEncoder().encode(JSON.stringify(pieces));
  const bytes = new Uint8Array(4 + head.length);
  new DataView(bytes.buffer).setUint32(0, head.length);
  bytes.set(head, 4);
  return bytes;
}

/** What a host answers when a transfer is opened, and when it is asked for. */
export const transferSchema = z.object({
  id: z.string(),
  /** folder on the host's machine */
  dir: z.string(),
  /** files and folders that arrived, not those within folders */
  paths: z.array(z.string()),
});
export type TransferState = z.infer<typeof transferSchema>;
