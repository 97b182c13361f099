import type { ImportChoices, ImportWarning, Inspection } from '../../../core/contract/datasetImport.ts';
import type { DatasetWriter, ImportedFacts } from './write/datasetWriter.ts';

/** What an import works with. */
export interface ImportContext {
  /** an empty folder of its own, removed when the import ends */
  tempDir: string;
  /** where the dataset is written; not there yet */
  datasetDir: string;
  /** `share` is the part of the stage that is done, from 0 to 1 */
  onProgress(stage: 'reading' | 'writing', share: number, rows: number): void;
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
}

/** Recognised files, ready to be looked at or imported. */
export interface ImportSource {
  kind: Inspection['kind'];
  /** one line for people */
  format: string;
  files: string[];
  /** looks at the data, or at the beginning of much data */
  inspect(choices: ImportChoices, context: ImportContext): Promise<Inspection>;
  /** Writes all of it. Whoever called finishes or closes the writer. */
  write(choices: ImportChoices, context: ImportContext): Promise<WrittenNumbers>;
}
