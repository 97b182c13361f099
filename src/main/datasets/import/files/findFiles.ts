import { stat } from 'node:fs/promises';
import path from 'node:path';
import { messageOf, unreadable, unknownFormat } from '../importErrors.ts';
import { formatOf, type FileFormat } from '../readers/fileFormat.ts';
import { checkUnchanged, DiskFile, fileState, type FileState } from './diskFile.ts';
import { folderFiles } from './folderFiles.ts';
import type { FoundFiles, ImportFile } from './importFile.ts';
import { LeftOut } from './leftOut.ts';
import { tarFiles } from './tarFiles.ts';
import { zipFiles } from './zipFiles.ts';

/** Files of folders of more are looked at by whoever reads them. */
const mostWatched = 1_000;
const containerNames = { zip: 'zip', tar: 'tar', packedTar: 'tar, gzip' } as const;

function isContainer(format: FileFormat): format is keyof typeof containerNames {
  return format in containerNames;
}

/**
 * The files that are meant by what a user named: files themselves, all files of folders, and what lies in archives. An archive
 * that lies in a folder or in an archive is a file like others, except when it is alone there. Throws `fileUnreadable` and
 * its kin.
 */
export async function findFiles(
  named: readonly string[],
  tempDir: string,
  onRead: (share: number) => void,
): Promise<FoundFiles> {
  const paths = named.map((file) => path.resolve(file));
  const leftOut = new LeftOut();
  const states = new Map<string, FileState>();
  const containers: string[] = [];
  const closers: (() => void)[] = [];
  const formats = new WeakMap<ImportFile, Promise<FileFormat>>();
  const knownFormat = (file: ImportFile): Promise<FileFormat> => {
    const known = formats.get(file) ?? formatOf(file);
    formats.set(file, known);
    return known;
  };

  const open = async (file: ImportFile, isAlone: boolean): Promise<ImportFile[]> => {
    const format = await knownFormat(file);
    if (!isContainer(format)) return [file];
    const onDisk = file.place.file;
    if (file.place.entry !== undefined) {
      throw unreadable(file.place, 'it is an archive inside an archive: unpack the outer one and import this one.');
    }
    containers.push(containerNames[format]);
    states.set(onDisk, await fileState(onDisk));
    const total = states.get(onDisk)!.size || 1;
    if (format !== 'zip') {
      return tarFiles(file, tempDir, leftOut, (read) => isAlone && onRead(read / total));
    }
    const zip = await zipFiles(onDisk, leftOut);
    closers.push(zip.close);
    return zip.files;
  };

  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0)) closer();
  };
  try {
    const files: ImportFile[] = [];
    for (const file of paths) {
      const facts = await stat(file).catch((error: unknown) => {
        throw unreadable({ file }, `it is not there or cannot be read (${messageOf(error)}).`, error);
      });
      if (facts.isDirectory()) {
        containers.push('folder');
        const inside = await folderFiles(file, leftOut);
        if (inside.length <= mostWatched) {
          for (const { place } of inside) states.set(place.file, await fileState(place.file));
        }
        const [only] = inside;
        files.push(...(inside.length === 1 ? await open(only!, true) : inside));
        continue;
      }
      if (!facts.isFile()) throw unreadable({ file }, 'it is neither a file nor a folder.');
      if (facts.size === 0) throw unreadable({ file }, 'the file is empty (0 bytes).');
      states.set(file, { size: facts.size, mtimeMs: facts.mtimeMs });
      for (const found of await open(new DiskFile(file, null, facts.size), paths.length === 1)) files.push(found);
    }
    if (files.length === 0) {
      throw unknownFormat(paths[0]!, `there is no file in the ${containers.at(-1) ?? 'folder'} that could be data.`);
    }
    return {
      paths,
      files,
      containers,
      warnings: leftOut.warnings(),
      formatOf: knownFormat,
      async checkUnchanged() {
        for (const [file, before] of states) checkUnchanged(file, before, await fileState(file));
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
