import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../../../core/errors.ts';
import { messageOf, unreadable, type Place } from '../importErrors.ts';
import type { ImportFile, Stretch } from './importFile.ts';

const pieceBytes = 2 ** 20;

/** What tells a file apart from the one it was: its size and when it was written. */
export interface FileState {
  size: number;
  mtimeMs: number;
}

export async function fileState(file: string): Promise<FileState> {
  try {
    const { size, mtimeMs } = await stat(file);
    return { size, mtimeMs };
  } catch (error) {
    throw unreadable({ file }, `it is not there or cannot be read (${messageOf(error)}).`, error);
  }
}

/** Refuses a file that is another one than when reading began. */
export function checkUnchanged(file: string, before: FileState, after: FileState): void {
  if (before.size === after.size && before.mtimeMs === after.mtimeMs) return;
  throw new AppError(
    'fileChanged',
    `${file} changed while it was read: wait until it is complete and import it again.`,
    { details: { path: file } },
  );
}

/** Bytes of a stretch of a file, to its end without `length`. */
export async function* readStretch(
  { path: file, offset }: Stretch,
  length: number | null,
  place: Place,
): AsyncGenerator<Uint8Array> {
  if (length === 0) return;
  const end = length === null ? undefined : offset + length - 1;
  const stream = createReadStream(file, { start: offset, end, highWaterMark: pieceBytes });
  let read = 0;
  try {
    for await (const piece of stream) {
      read += (piece as Uint8Array).length;
      yield piece as Uint8Array;
    }
  } catch (error) {
    throw unreadable(place, `it cannot be read (${messageOf(error)}).`, error);
  } finally {
    stream.destroy();
  }
  if (length !== null && read < length) throw unreadable(place, 'it is cut off.');
}

/** All bytes of a stretch of a file in one piece of memory. */
export async function readWholeStretch(
  { path: file, offset }: Stretch,
  length: number,
  place: Place,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  try {
    const handle = await open(file, 'r');
    try {
      for (let filled = 0; filled < length;) {
        const { bytesRead } = await handle.read(bytes, filled, length - filled, offset + filled);
        if (bytesRead === 0) throw unreadable(place, 'it is cut off.');
        filled += bytesRead;
      }
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw unreadable(place, `it cannot be read (${messageOf(error)}).`, error);
  }
  return bytes;
}

/** A file that lies on the disk by itself. */
export class DiskFile implements ImportFile {
  readonly name: string;
  readonly bytes: number | null;
  private readonly root: string;

  /** `root` is a folder that the user named and `name` the way from it, or `root` is the file itself. */
  constructor(root: string, name: string | null, bytes: number | null) {
    this.root = root;
    this.name = name ?? path.basename(root);
    this.bytes = bytes;
    this.isRoot = name === null;
  }
  private readonly isRoot: boolean;

  get stretch(): Stretch {
    return { path: this.isRoot ? this.root : path.join(this.root, this.name), offset: 0 };
  }

  get place(): Place {
    return { file: this.stretch.path };
  }

  async *read(): AsyncGenerator<Uint8Array> {
    const { stretch, place } = this;
    const before = await fileState(stretch.path);
    yield* readStretch(stretch, null, place);
    checkUnchanged(stretch.path, before, await fileState(stretch.path));
  }
}
