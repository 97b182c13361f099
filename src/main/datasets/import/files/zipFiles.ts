import type { Readable } from 'node:stream';
import { getFileNameLowLevel, openPromise, type Entry, type ZipFile } from 'yauzl';
import { AppError } from '../../../../core/errors.ts';
import { messageOf, unreadable, unsafeArchive, type Place } from '../importErrors.ts';
import { importLimits } from '../limits.ts';
import { checkLink, entryName } from './entryName.ts';
import { isBomb } from './fileBytes.ts';
import { tooMany } from './folderFiles.ts';
import type { ImportFile } from './importFile.ts';
import { isJunk, type LeftOut } from './leftOut.ts';

const methods: Record<number, string> = {
  1: 'shrink',
  9: 'deflate64',
  12: 'bzip2',
  14: 'LZMA',
  93: 'Zstandard',
  95: 'XZ',
};
const maxLinkBytes = 4_096;

class ZippedFile implements ImportFile {
  readonly name: string;
  readonly stretch = null;
  private readonly archive: string;
  private readonly zip: ZipFile;
  private readonly entry: Entry;

  constructor(archive: string, zip: ZipFile, name: string, entry: Entry) {
    this.archive = archive;
    this.zip = zip;
    this.name = name;
    this.entry = entry;
  }

  get bytes(): number {
    return this.entry.uncompressedSize;
  }

  get place(): Place {
    return { file: this.archive, entry: this.name };
  }

  async *read(): AsyncGenerator<Uint8Array> {
    const { entry, place } = this;
    if (entry.isEncrypted()) throw unreadable(place, 'it is encrypted: unpack the archive with its password first.');
    if (!entry.canDecodeFileData()) {
      const method = methods[entry.compressionMethod] ?? `method ${entry.compressionMethod}`;
      throw unreadable(
        place,
        `it is packed by ${method}, which cannot be read: pack it again with deflate, or unpack it.`,
      );
    }
    let stream: Readable | undefined;
    try {
      stream = await this.zip.openReadStreamPromise(entry);
      for await (const piece of stream) yield piece as Uint8Array;
    } catch (error) {
      if (error instanceof AppError) throw error;
      throw unreadable(place, `it is damaged or cut off (${messageOf(error)}).`, error);
    } finally {
      stream?.destroy();
    }
  }
}

function decodeName(entry: Entry): string {
  const raw = entry.fileNameRaw;
  const utf8 = raw.toString('utf8');
  // many programs write UTF-8 without saying so
  return utf8.includes('\uFFFD')
    ? getFileNameLowLevel(entry.generalPurposeBitFlag, raw, entry.extraFields, false)
    : utf8;
}

const isLink = (entry: Entry): boolean => ((entry.externalFileAttributes >>> 16) & 0o170000) === 0o120000;

export interface OpenZip {
  files: ImportFile[];
  close(): void;
}

/** The files of a zip, found by its directory; each is unpacked when it is read. Throws `fileUnreadable` or `unsafeArchive`. */
export async function zipFiles(path: string, leftOut: LeftOut): Promise<OpenZip> {
  let zip: ZipFile;
  try {
    zip = await openPromise(path, { lazyEntries: true, autoClose: false, decodeStrings: false });
  } catch (error) {
    throw unreadable({ file: path }, `its zip directory is damaged or cut off (${messageOf(error)}).`, error);
  }
  try {
    return { files: await listed(path, zip, leftOut), close: () => zip.close() };
  } catch (error) {
    zip.close();
    throw error instanceof AppError
      ? error
      : unreadable({ file: path }, `its zip directory is damaged or cut off (${messageOf(error)}).`, error);
  }
}

async function listed(path: string, zip: ZipFile, leftOut: LeftOut): Promise<ImportFile[]> {
  const files: ImportFile[] = [];
  let entries = 0;
  let total = 0;
  for await (const entry of zip.eachEntry()) {
    if (++entries > importLimits.maxEntries) throw tooMany(path);
    const given = decodeName(entry);
    const name = entryName(path, given);
    if (given.endsWith('/') || given.endsWith('\\')) continue;
    total += entry.uncompressedSize;
    if (entry.uncompressedSize > importLimits.maxEntryBytes || isBomb(entry.compressedSize, entry.uncompressedSize)) {
      throw unsafeArchive(
        { file: path, entry: name },
        'it unpacks to far more than it holds, as only files made to fill a disk do.',
      );
    }
    if (isBomb(zip.fileSize, total)) {
      throw unsafeArchive(
        { file: path },
        `it unpacks to more than ${importLimits.maxRatio} times its size, as only files made to fill a disk do.`,
      );
    }
    if (isJunk(name)) continue;
    const file = new ZippedFile(path, zip, name, entry);
    if (!isLink(entry)) files.push(file);
    else {
      if (entry.uncompressedSize > maxLinkBytes) throw unsafeArchive(file.place, 'it is a link of impossible length.');
      const parts: Uint8Array[] = [];
      for await (const piece of file.read()) parts.push(piece);
      checkLink(path, name, Buffer.concat(parts).toString('utf8'));
      leftOut.add('links', name);
    }
  }
  return files;
}
