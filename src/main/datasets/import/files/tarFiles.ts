import { pathOnDisk } from './fileBytes.ts';
import type { Place } from '../importErrors.ts';
import { importLimits } from '../limits.ts';
import { readStretch, readWholeStretch } from './diskFile.ts';
import { checkLink, entryName } from './entryName.ts';
import { tooMany } from './folderFiles.ts';
import type { ImportFile, Stretch } from './importFile.ts';
import { isJunk, type LeftOut } from './leftOut.ts';
import { tarEntries } from './tarEntries.ts';

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

  readWhole(): Promise<Uint8Array> {
    return readWholeStretch(this.stretch, this.bytes, this.place);
  }
}

/**
 * The files of a tar. Only the headers are read to find them; a tar that is gzip is unpacked as one file into `tempDir` before.
 * Throws `fileUnreadable`, `unsafeArchive`, `fileChanged`.
 */
export async function tarFiles(
  archive: ImportFile,
  tempDir: string,
  leftOut: LeftOut,
  onBytes: (read: number) => void,
): Promise<ImportFile[]> {
  const from = archive.place.file;
  const tar = await pathOnDisk(archive, tempDir, onBytes);
  const files: ImportFile[] = [];
  let entries = 0;
  for await (const { name: given, kind, linkName, size, offset } of tarEntries(tar, from, () => {})) {
    if (++entries > importLimits.maxEntries) throw tooMany(from);
    const name = entryName(from, given);
    if (kind === 'file') {
      if (name !== '' && !isJunk(name)) files.push(new TarFile(from, tar, name, size, offset));
    } else if (kind === 'symlink') {
      checkLink(from, name, linkName);
      leftOut.add('links', name);
    } else if (kind === 'link') {
      entryName(from, linkName);
      leftOut.add('links', name);
    } else if (kind === 'other') leftOut.add('devices', name);
  }
  return files;
}
