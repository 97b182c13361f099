import { open, stat } from 'node:fs/promises';
import type { ImportContext } from '../importSource.ts';
import { AppError } from '../../../../core/errors.ts';
import { isGzip, firstBytes, pathOnDisk } from '../files/fileBytes.ts';
import type { ImportFile } from '../files/importFile.ts';
import { openIdx } from './idxArray.ts';
import { openNpy, type Bytes } from './npyArray.ts';
import type { OpenArrays, StoredArray } from './storedArray.ts';

/** The name of an array by its file: without folders, endings and what IDX files add. */
function arrayName(file: string): string {
  return file
    .split('/')
    .at(-1)!
    .replace(/\.gz$/i, '')
    .replace(/\.(?:npy|idx|ubyte)$/i, '')
    .replace(/[-.]idx\d(?:-ubyte)?$/i, '');
}

/** The bytes of a file as a stretch of one on the disk; what is packed is unpacked into the folder of the import. */
async function stretchOf(file: ImportFile, tempDir: string): Promise<Bytes> {
  const { stretch, bytes, place } = file;
  const isPacked = !stretch || isGzip(await firstBytes(file, 2));
  const path = isPacked ? await pathOnDisk(file, tempDir) : stretch.path;
  const handle = await open(path, 'r');
  const offset = isPacked ? 0 : stretch.offset;
  const length = isPacked || bytes === null ? (await stat(path)).size - offset : bytes;
  return { handle, offset, length, place };
}

/** Opens files of one array each: .npy, also those of an .npz, and IDX. Throws `fileUnreadable`. */
export async function openArrayFiles(
  files: readonly ImportFile[],
  format: 'npy' | 'idx',
  context: ImportContext,
): Promise<OpenArrays> {
  const opened: Bytes[] = [];
  const arrays: StoredArray[] = [];
  const refused: { name: string; why: string }[] = [];
  const close = async (): Promise<void> => {
    for (const { handle } of opened) await handle.close();
  };
  try {
    for (const file of files) {
      const bytes = await stretchOf(file, context.tempDir);
      opened.push(bytes);
      const name = arrayName(file.name);
      try {
        arrays.push(format === 'npy' ? await openNpy(name, bytes) : await openIdx(name, bytes));
      } catch (error) {
        // an .npz may hold what nobody asked for, such as notes as Python objects
        if (
          files.length === 1 ||
          !(error instanceof AppError) ||
          !/Python objects|structured|of the type/.test(error.message)
        )
          throw error;
        refused.push({ name, why: error.message });
      }
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { format: format === 'npy' ? 'NumPy arrays' : 'IDX (MNIST)', arrays, refused, close };
}
