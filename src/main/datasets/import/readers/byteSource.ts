import { createReadStream, type Stats } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { AppError } from '../../../../core/errors.ts';
import { messageOf, unreadable, unsafeArchive } from '../importErrors.ts';
import { importLimits } from '../limits.ts';

const pieceBytes = 2 ** 20;

/** The first bytes of a file, fewer when it is shorter. */
export async function firstBytes(path: string, length: number): Promise<Uint8Array> {
  const file = await openFile(path);
  try {
    const bytes = new Uint8Array(length);
    let filled = 0;
    while (filled < length) {
      const { bytesRead } = await file.read(bytes, filled, length - filled, filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return bytes.subarray(0, filled);
  } catch (error) {
    throw unreadable({ file: path }, `it cannot be read (${messageOf(error)}).`, error);
  } finally {
    await file.close();
  }
}

async function openFile(path: string) {
  try {
    return await open(path, 'r');
  } catch (error) {
    throw unreadable({ file: path }, `it cannot be opened (${messageOf(error)}).`, error);
  }
}

export function isGzip(head: Uint8Array): boolean {
  return head[0] === 0x1f && head[1] === 0x8b;
}

/** Refuses a file that is another one than when reading began. */
export function checkUnchanged(path: string, before: Stats, after: Stats): void {
  if (before.size === after.size && before.mtimeMs === after.mtimeMs) return;
  throw new AppError(
    'fileChanged',
    `${path} changed while it was read: wait until it is complete and import it again.`,
    {
      details: { path },
    },
  );
}

export interface ByteOptions {
  /** unpacks gzip */
  isGzip?: boolean;
  /** hears how many bytes of the file itself were read so far */
  onBytes?: (read: number) => void;
}

/** The bytes of a file in pieces, unpacked if asked. Throws `fileUnreadable`, `fileChanged` or `unsafeArchive`. */
export async function* readBytes(path: string, options: ByteOptions = {}): AsyncGenerator<Uint8Array> {
  const before = await stat(path);
  let read = 0;
  const file = createReadStream(path, { highWaterMark: pieceBytes });
  file.on('data', (piece) => {
    read += piece.length;
    options.onBytes?.(read);
  });
  const unpacker = options.isGzip ? createGunzip({ chunkSize: pieceBytes }) : null;
  if (unpacker) file.on('error', (error) => unpacker.destroy(error)).pipe(unpacker);
  let written = 0;
  try {
    for await (const piece of unpacker ?? file) {
      written += (piece as Uint8Array).length;
      if (unpacker && isBomb(read, written)) {
        throw unsafeArchive(
          { file: path },
          `it unpacks to more than ${importLimits.maxRatio} times its size, as only files made to fill a disk do.`,
        );
      }
      yield piece as Uint8Array;
    }
  } catch (error) {
    if (error instanceof AppError) throw error;
    const why = unpacker ? `its gzip data is damaged or cut off (${messageOf(error)}).` : `${messageOf(error)}.`;
    throw unreadable({ file: path }, why, error);
  } finally {
    unpacker?.destroy();
    file.destroy();
  }
  checkUnchanged(path, before, await stat(path));
}

/** Whether compressed data has grown beyond what real data does. */
export function isBomb(packed: number, unpacked: number): boolean {
  return unpacked > importLimits.freeBytes && unpacked > packed * importLimits.maxRatio;
}
