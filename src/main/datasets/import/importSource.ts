import type { ColumnSummary, ImportChoices, ImportWarning, Inspection } from '../../../core/contract/datasetImport.ts';
import type { FoundFiles } from './files/importFile.ts';
import type { DatasetWriter, ImportedFacts } from './write/datasetWriter.ts';

/** What an import works with. */
export interface ImportContext {
  /** an empty folder of its own, removed when the import ends */
  tempDir: string;
  /** where the dataset is written; not there yet */
  datasetDir: string;
  /** whether images may stay where they are */
  canLink: boolean;
  /** `share` is the part of the stage that is done, from 0 to 1 */
  onProgress(stage: 'unpacking' | 'reading' | 'writing', share: number, rows: number): void;
}

/** Numbers that are written and wait for their name. */
export interface WrittenNumbers {
  writer: DatasetWriter;
  facts: ImportedFacts;
  targetSize: number;
  parts: Uint8Array | null;
  warnings: ImportWarning[];
  /** the choices that were in force, complete */
  choices: ImportChoices;
  /** of a table, what its columns are; shown with the dataset later */
  columns?: ColumnSummary[];
}

/** Recognised files, ready to be looked at or imported. */
export interface ImportSource {
  kind: Inspection['kind'];
  /** one line for people */
  format: string;
  /** the files that are read, for people: as many as are worth naming */
  files: string[];
  /** looks at the data, or at the beginning of much data */
  inspect(choices: ImportChoices, context: ImportContext): Promise<Inspection>;
  /** Writes all of it. Whoever called finishes or closes the writer. */
  write(choices: ImportChoices, context: ImportContext): Promise<WrittenNumbers>;
}

/**
 * One kind of dataset: looks at the files that were found and opens them when they are of its kind, else answers null so
 * that the next kind is asked. It throws only when the files are of its kind and cannot be read. `found` stays open until the
 * source was used; what `found` left out is told to the user by the caller.
 */
export type OpenSource = (
  found: FoundFiles,
  choices: ImportChoices,
  context: ImportContext,
) => Promise<ImportSource | null>;
