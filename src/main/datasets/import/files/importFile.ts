import type { ImportWarning } from '../../../../core/contract/datasetImport.ts';
import type { FileFormat } from '../readers/fileFormat.ts';
import type { Place } from '../importErrors.ts';

/**
 * One file to import, wherever it lies: named by the user, inside a folder, or inside an archive. Archives are never
 * unpacked under the names that they give, so no name in them can reach a place on the disk.
 */
export interface ImportFile {
  /** path inside the folder or archive, with slashes ("train/cat/1.png"); of a file that was named itself, its last part */
  readonly name: string;
  /** where it is, for messages */
  readonly place: Place;
  /** bytes that it has (a .gz as it is); null where looking would cost too much: in folders */
  readonly bytes: number | null;
  /** where its bytes lie as they are: a whole file, or a stretch of one (in a tar, or stored in a zip); null: to be unpacked */
  readonly stretch: Stretch | null;
  /** Its bytes in pieces. Throws `fileUnreadable`, `fileChanged` or `unsafeArchive`. */
  read(): AsyncIterable<Uint8Array>;
  /** All of them at once, where they are read faster so. Throws what `read` throws. */
  readWhole?(): Promise<Uint8Array>;
}

export interface Stretch {
  /** absolute path on the disk */
  path: string;
  offset: number;
}

/** The files of an import. Whoever found them closes them. */
export interface FoundFiles {
  /** what the user named, absolute */
  paths: readonly string[];
  /** in the order of their names, folder by folder; without hidden files, links and what systems leave in folders */
  files: readonly ImportFile[];
  /** "zip", "tar, gzip", "folder"; empty for files that were named themselves */
  containers: readonly string[];
  /** what was left out on the way */
  warnings: readonly ImportWarning[];
  /** What a file is by its content; each is looked at once. */
  formatOf(file: ImportFile): Promise<FileFormat>;
  /** Throws `fileChanged` when something that the user named is not as it was when it was found. */
  checkUnchanged(): Promise<void>;
  close(): Promise<void>;
}
