import fs from 'node:fs';
import path from 'node:path';
import { randomBytes } from 'node:crypto';
import { createGunzip } from 'node:zlib';
import { Readable } from 'node:stream';
import { AppError } from '../../../../core/errors.ts';
import { messageOf, unreadable, unsafeArchive } from '../importErrors.ts';
import { importLimits } from '../limits.ts';
import type { ImportFile } from './importFile.ts';

const pieceBytes = 2 ** 20;

/** Whether compressed data has grown beyond what real data does. */
export function isBomb(packedBytes: number, bytes: number): boolean {
  return bytes > importLimits.freeBytes && bytes > packedBytes * importLimits.maxRatio;
}

export function isGzip(head: Uint8Array): boolean {
  return head[0] === 0x1f && head[1] === 0x8b;
}

/** The first bytes of a file, fewer when it is shorter. */
export async function firstBytes(file: ImportFile, length: number): Promise<Uint8Array> {
  return firstOf(file.read(), length);
}

export async function firstOf(pieces: AsyncIterable<Uint8Array>, length: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let filled = 0;
  for await (const piece of pieces) {
    parts.push(piece);
    filled += piece.length;
    if (filled >= length) break;
  }
  const [only] = parts;
  const all = parts.length === 1 ? only! : Buffer.concat(parts);
  return all.subarray(0, length);
}

export interface UnpackOptions {
  /** hears how many bytes of the file itself were read so far */
  onBytes?: ((read: number) => void) | undefined;
}

/** The bytes of a file in pieces, unpacked when they are gzip. Throws `fileUnreadable`, `fileChanged` or `unsafeArchive`. */
export async function* unpacked(file: ImportFile, { onBytes }: UnpackOptions = {}): AsyncGenerator<Uint8Array> {
  const source = file.read()[Symbol.asyncIterator]();
  try {
    const first = await source.next();
    if (first.done) return;
    let read = first.value.length;
    const pieces = async function* (): AsyncGenerator<Uint8Array> {
      onBytes?.(read);
      yield first.value as Uint8Array;
      for (let next = await source.next(); !next.done; next = await source.next()) {
        read += next.value.length;
        onBytes?.(read);
        yield next.value;
      }
    };
    if (!isGzip(first.value)) {
      yield* pieces();
      return;
    }
    yield* gunzipped(file, pieces(), () => read);
  } finally {
    await source.return?.();
  }
}

async function* gunzipped(
  file: ImportFile,
  pieces: AsyncGenerator<Uint8Array>,
  bytesRead: () => number,
): AsyncGenerator<Uint8Array> {
  const packed = Readable.from(pieces, { objectMode: true, highWaterMark: 1 });
  const unpacker = createGunzip({ chunkSize: pieceBytes });
  let cause: unknown;
  packed.on('error', (error) => {
    cause = error;
    unpacker.destroy(error);
  });
  packed.pipe(unpacker);
  let written = 0;
  try {
    for await (const piece of unpacker) {
      written += (piece as Uint8Array).length;
      if (isBomb(bytesRead(), written)) {
        throw unsafeArchive(
          file.place,
          `it unpacks to more than ${importLimits.maxRatio} times its size, as only files made to fill a disk do.`,
        );
      }
      yield piece as Uint8Array;
    }
  } catch (error) {
    const known = cause ?? error;
    if (known instanceof AppError) throw known;
    throw unreadable(file.place, `its gzip data is damaged or cut off (${messageOf(known)}).`, known);
  } finally {
    unpacker.destroy();
    packed.destroy();
  }
}

/** All bytes of a file, unpacked when they are gzip. Throws `fileUnreadable` when they are more than `maxBytes`. */
export async function wholeFile(file: ImportFile, maxBytes: number): Promise<Uint8Array> {
  if (file.readWhole && file.bytes !== null && file.bytes <= maxBytes) {
    const bytes = await file.readWhole();
    if (!isGzip(bytes)) return bytes;
  }
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const piece of unpacked(file)) {
    parts.push(piece);
    length += piece.length;
    if (length > maxBytes) {
      throw unreadable(
        file.place,
        `it is larger than ${Math.floor(maxBytes / 2 ** 20)} MiB, which files of its kind never are.`,
      );
    }
  }
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
}

/**
 * A path under which the unpacked bytes of a file lie alone, for readers that jump about in it: its own, or that of a copy in
 * `tempDir`.
 */
export async function pathOnDisk(file: ImportFile, tempDir: string, onBytes?: (read: number) => void): Promise<string> {
  const { stretch } = file;
  if (stretch && stretch.offset === 0 && file.place.entry === undefined && !isGzip(await firstBytes(file, 2))) {
    return stretch.path;
  }
  const copy = path.join(tempDir, `file-${randomBytes(6).toString('hex')}`);
  const descriptor = fs.openSync(copy, 'wx');
  try {
    for await (const piece of unpacked(file, { onBytes })) writeFully(descriptor, piece);
  } finally {
    fs.closeSync(descriptor);
  }
  return copy;
}

export function writeFully(descriptor: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += fs.writeSync(descriptor, bytes, at, bytes.length - at);
}
