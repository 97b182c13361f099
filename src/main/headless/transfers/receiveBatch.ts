import { mkdir, open, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { batchHeadSchema, maxBatchHeadBytes, type BatchPiece } from '../../../core/transfer/batch.ts';
import { AppError } from '../../../core/errors.ts';
import { asStorageError } from '../../storage/storageErrors.ts';
import { safePath } from './safePath.ts';
import type { Transfer, TransferFolders } from './transferFolders.ts';

/** Names that differ in the browser may have become the same here. */
const maxSameNames = 1_000;

/**
 * Writes the files of one batch (see src/core/transfer/batch.ts) into the folder of a transfer as they arrive. Throws
 * `badUsage` for what is no batch, `notAllowed` beyond the limits, `diskFull`, and `cancelled` when the sender goes away;
 * the transfer is then of no use any more.
 */
export async function receiveBatch(
  chunks: AsyncIterator<Buffer>,
  bodyBytes: number,
  transfer: Transfer,
  folders: TransferFolders,
): Promise<void> {
  const reader = createByteReader(chunks);
  const pieces = await readHead(reader, bodyBytes);
  checkLimits(pieces, transfer, folders);
  await folders.checkSpace(bodyBytes);
  for (const piece of pieces) {
    try {
      await receivePiece(piece, reader, transfer);
    } catch (error) {
      throw asStorageError(error, transfer.dir);
    }
  }
}

interface ByteReader {
  /** Up to so many bytes, at least one. */
  next(most: number): Promise<Buffer>;
}

function createByteReader(chunks: AsyncIterator<Buffer>): ByteReader {
  let rest = Buffer.alloc(0);
  return {
    async next(most) {
      while (rest.length === 0) {
        const { done, value } = await chunks.next().catch((error: unknown) => {
          throw new AppError('cancelled', 'The upload was broken off.', { cause: error });
        });
        if (done) throw notABatch('it ends too early');
        rest = Buffer.from(value);
      }
      const piece = rest.subarray(0, most);
      rest = rest.subarray(most);
      return piece;
    },
  };
}

async function readWhole(reader: ByteReader, length: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (let missing = length; missing > 0;) {
    const part = await reader.next(missing);
    parts.push(part);
    missing -= part.length;
  }
  return Buffer.concat(parts);
}

async function readHead(reader: ByteReader, bodyBytes: number): Promise<BatchPiece[]> {
  const headBytes = (await readWhole(reader, 4)).readUInt32BE();
  if (headBytes > maxBatchHeadBytes) throw notABatch('its head is too long');
  const head = await readWhole(reader, headBytes);
  let json: unknown;
  try {
    json = JSON.parse(head.toString('utf8'));
  } catch {
    throw notABatch('its head is no JSON');
  }
  const parsed = batchHeadSchema.safeParse(json);
  if (!parsed.success) throw notABatch('its head names no files');
  const promised = parsed.data.reduce((sum, { size }) => sum + size, 0);
  if (4 + headBytes + promised !== bodyBytes) throw notABatch('its length is not that of its files');
  return parsed.data;
}

function checkLimits(pieces: readonly BatchPiece[], transfer: Transfer, { limits }: TransferFolders): void {
  transfer.bytes += pieces.reduce((sum, { size }) => sum + size, 0);
  transfer.files += pieces.filter(({ isContinued }) => !isContinued).length;
  if (transfer.bytes > limits.maxBytes || transfer.files > limits.maxFiles) {
    throw new AppError(
      'notAllowed',
      `An upload may hold ${limits.maxFiles} files and ${limits.maxBytes} bytes. Copy more than that to the machine of the workbench and import it by its path.`,
    );
  }
}

async function receivePiece(piece: BatchPiece, reader: ByteReader, transfer: Transfer): Promise<void> {
  const handle = piece.isContinued ? await reopen(piece, transfer) : await create(piece, transfer);
  try {
    for (let missing = piece.size; missing > 0;) {
      const bytes = await reader.next(missing);
      await handle.writeFile(bytes);
      missing -= bytes.length;
    }
  } finally {
    await handle.close();
  }
}

async function reopen({ path: name }: BatchPiece, { lastFile }: Transfer): Promise<FileHandle> {
  if (lastFile?.path !== name) throw notABatch('it goes on with a file that did not begin');
  return open(lastFile.file, 'a', 0o600);
}

async function create({ path: name }: BatchPiece, transfer: Transfer): Promise<FileHandle> {
  const names = safePath(name);
  const folder = path.join(transfer.dir, ...names.slice(0, -1));
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { name: stem, ext } = path.parse(names.at(-1)!);
  for (let i = 1; i <= maxSameNames; i++) {
    const file = path.join(folder, i === 1 ? `${stem}${ext}` : `${stem}~${i}${ext}`);
    // "wx" follows no link and replaces nothing
    const handle = await open(file, 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return null;
      throw error;
    });
    if (!handle) continue;
    transfer.lastFile = { path: name, file };
    return handle;
  }
  throw new AppError('badUsage', `The upload has more than ${maxSameNames} files named ${name}.`);
}

function notABatch(why: string): AppError {
  return new AppError('badUsage', `The upload cannot be understood: ${why}.`);
}
