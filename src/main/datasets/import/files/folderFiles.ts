import { opendir } from 'node:fs/promises';
import path from 'node:path';
import { messageOf, unreadable } from '../importErrors.ts';
import { importLimits } from '../limits.ts';
import { DiskFile } from './diskFile.ts';
import { isJunk, type LeftOut } from './leftOut.ts';

const maxDepth = 32;

/** The files of a folder and the folders in it. Links are not followed: they could lead out of it, or in circles. */
export async function folderFiles(root: string, leftOut: LeftOut): Promise<DiskFile[]> {
  const files: DiskFile[] = [];
  const walk = async (folder: string, depth: number): Promise<void> => {
    const at = path.join(root, folder);
    const entries = [];
    try {
      for await (const entry of await opendir(at, { bufferSize: 1_024 })) {
        entries.push(entry);
        if (files.length + entries.length > importLimits.maxEntries) throw tooMany(root);
      }
    } catch (error) {
      if (error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('E')) {
        throw unreadable({ file: at }, `the folder cannot be read (${messageOf(error)}).`, error);
      }
      throw error;
    }
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of entries) {
      const name = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (isJunk(name)) continue;
      // a name that is no valid text reads with marks that lead to no file
      if (entry.name.includes('\uFFFD')) leftOut.add('names', path.join(root, name));
      else if (entry.isSymbolicLink()) leftOut.add('links', path.join(root, name));
      else if (entry.isFile()) files.push(new DiskFile(root, name, null));
      else if (!entry.isDirectory()) leftOut.add('devices', path.join(root, name));
      else if (depth >= maxDepth) throw unreadable({ file: at }, `it holds folders more than ${maxDepth} deep.`);
      else await walk(name, depth + 1);
    }
  };
  await walk('', 1);
  return files;
}

export function tooMany(file: string) {
  const most = importLimits.maxEntries.toLocaleString('en');
  return unreadable({ file }, `it holds more than ${most} files, which is the most that can be imported.`);
}
