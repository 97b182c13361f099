import fs from 'node:fs';
import path from 'node:path';
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { extract } from 'tar-stream';
import { AppError } from '../../../../core/errors.ts';
import { messageOf, unreadable, unsafeArchive, type Place } from '../importErrors.ts';
import { importLimits } from '../limits.ts';
import { readStretch } from './diskFile.ts';
import { checkLink, entryName } from './entryName.ts';
import { tooMany } from './folderFiles.ts';
import { unpacked, writeFully } from './fileBytes.ts';
import type { ImportFile, Stretch } from './importFile.ts';
import { isJunk, type LeftOut } from './leftOut.ts';

class TarFile implements ImportFile {
  readonly name: string;
  readonly bytes: number;
  private readonly archive: string;
  private readonly tar: string;
  private readonly offset: number;

  constructor(archive: string, tar: string, name: string, bytes: number, offset: number) {
    this.archive = archive;
    this.tar = tar;
    this.name = name;
    this.bytes = bytes;
    this.offset = offset;
  }

  get stretch(): Stretch {
    return { path: this.tar, offset: this.offset };
  }

  get place(): Place {
    return { file: this.archive, entry: this.name };
  }

  read(): AsyncGenerator<Uint8Array> {
    return readStretch(this.stretch, this.bytes, this.place);
  }
}

/** Passes pieces on and remembers whether the last 512 bytes were zeros, which end every whole tar. */
async function* watchEnd(
  pieces: AsyncIterable<Uint8Array>,
  each: (piece: Uint8Array) => void,
  end: { isMarked: boolean },
): AsyncGenerator<Uint8Array> {
  let tail: Uint8Array = new Uint8Array(0);
  for await (const piece of pieces) {
    each(piece);
    const joined = piece.length >= 512 ? piece : Buffer.concat([tail, piece]);
    tail = joined.slice(-512);
    yield piece;
  }
  end.isMarked = tail.length === 512 && tail.every((byte) => byte === 0);
}

/**
 * The files of a tar, which is read once to find them; one that is gzip is unpacked as one file into `tempDir`. Throws
 * `fileUnreadable`, `unsafeArchive`, `fileChanged`.
 */
export async function tarFiles(
  archive: ImportFile,
  tempDir: string,
  leftOut: LeftOut,
  isPacked: boolean,
  onBytes: (read: number) => void,
): Promise<ImportFile[]> {
  const from = archive.place.file;
  const tar = isPacked ? path.join(tempDir, `tar-${randomBytes(6).toString('hex')}`) : archive.stretch!.path;
  const copy = isPacked ? fs.openSync(tar, 'wx') : null;
  const files: ImportFile[] = [];
  const end = { isMarked: false };
  let entries = 0;
  const bytes = watchEnd(unpacked(archive, { onBytes }), (piece) => copy !== null && writeFully(copy, piece), end);
  const source = Readable.from(bytes, { objectMode: true, highWaterMark: 1 });
  const reader = extract({ allowUnknownFormat: true } as object);
  let cause: unknown;
  source.on('error', (error) => {
    cause = error;
    reader.destroy(error);
  });
  source.pipe(reader as unknown as NodeJS.WritableStream);
  try {
    for await (const entry of reader) {
      const header = entry.header as typeof entry.header & { byteOffset: number };
      if (++entries > importLimits.maxEntries) throw tooMany(from);
      const name = entryName(from, header.name);
      const size = header.size ?? 0;
      if (size > importLimits.maxEntryBytes)
        throw unsafeArchive({ file: from, entry: name }, 'it is larger than any dataset.');
      if (header.type === 'symlink' || header.type === 'link') {
        if (header.type === 'symlink') checkLink(from, name, header.linkname ?? '');
        else entryName(from, header.linkname ?? '');
        leftOut.add('links', name);
      } else if (header.type === 'file' || header.type === 'contiguous-file') {
        if (name !== '' && !isJunk(name)) files.push(new TarFile(from, tar, name, size, header.byteOffset));
      } else if (header.type !== 'directory' && header.type !== null) leftOut.add('devices', name);
      entry.resume();
    }
  } catch (error) {
    const known = cause ?? error;
    if (known instanceof AppError) throw known;
    if (known instanceof Error && 'code' in known && typeof known.code === 'string' && /^E[A-Z]+$/.test(known.code))
      throw known;
    throw unreadable({ file: from }, `its tar data is damaged or cut off (${messageOf(known)}).`, known);
  } finally {
    source.destroy();
    reader.destroy();
    if (copy !== null) fs.closeSync(copy);
  }
  if (!end.isMarked) throw unreadable({ file: from }, 'its tar data is cut off: the mark at its end is missing.');
  return files;
}
