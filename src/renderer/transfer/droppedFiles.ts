import { AppError } from '../../core/errors.ts';
import type { DesktopBridge } from '../rpc/desktopBridge.ts';
import type { ChosenFile } from './transferClient.ts';

/** What a user wants to import: places on the host's machine, or files that a browser must send there. */
export type ImportInput = { kind: 'paths'; paths: string[] } | { kind: 'files'; files: ChosenFile[] };

export const hasFiles = (transfer: DataTransfer | null): boolean => transfer?.types.includes('Files') ?? false;

/** As many as an upload may hold; more is better copied and imported by its path. */
const mostFiles = 1_000_000;

/**
 * What was dropped. To be called while the drop is being handled, because the browser forgets it afterwards. In Electron
 * files and folders are told by their paths; in a browser folders are walked. Rejects with AppError.
 */
export function droppedInput(transfer: DataTransfer, bridge: DesktopBridge | undefined): Promise<ImportInput> {
  const files = [...transfer.files];
  if (bridge) {
    const paths = files.map((file) => bridge.getPathForFile(file)).filter((path) => path !== '');
    if (paths.length === 0) {
      const why = 'What was dropped is no file of this machine: save it first, then drop the file.';
      return Promise.reject(new AppError('fileUnreadable', why));
    }
    return Promise.resolve({ kind: 'paths', paths });
  }
  const entries = [...transfer.items].flatMap((item) => {
    const entry = item.kind === 'file' ? item.webkitGetAsEntry() : null;
    return entry ? [entry] : [];
  });
  return filesIn(entries).then((found) => ({ kind: 'files', files: found }));
}

/** Files of an input element; a folder that was chosen is part of their paths. */
export function chosenInput(files: Iterable<File>): ImportInput {
  return {
    kind: 'files',
    files: [...files].map((file) => ({ path: file.webkitRelativePath || file.name, file })),
  };
}

async function filesIn(entries: readonly FileSystemEntry[]): Promise<ChosenFile[]> {
  const found: ChosenFile[] = [];
  for (const entry of entries) {
    for await (const file of filesUnder(entry)) {
      found.push(file);
      if (found.length > mostFiles) {
        throw new AppError(
          'notAllowed',
          `The folder holds more than ${mostFiles.toLocaleString('en')} files. Copy it to the machine of the workbench and import it by its path.`,
        );
      }
    }
  }
  return found;
}

async function* filesUnder(entry: FileSystemEntry): AsyncGenerator<ChosenFile> {
  if (!isDirectory(entry)) {
    yield { path: entry.fullPath.replace(/^\/+/, ''), file: await readFile(entry as FileSystemFileEntry) };
    return;
  }
  for (const inside of await readFolder(entry)) yield* filesUnder(inside);
}

const isDirectory = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory;

const unreadable = (entry: FileSystemEntry, cause: unknown): AppError =>
  new AppError('fileUnreadable', `${entry.fullPath} cannot be read: ${String(cause)}.`, { cause });

function readFile(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, (cause) => reject(unreadable(entry, cause))));
}

/** A reader tells of a folder a hundred entries at a time, and of none at its end. */
async function readFolder(entry: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = entry.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, (cause) => reject(unreadable(entry, cause))),
    );
    if (some.length === 0) return all;
    all.push(...some);
  }
}
