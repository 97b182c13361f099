import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { importRecordSchema, type ImportRecord } from '../../core/contract/datasetImport.ts';
import { AppError } from '../../core/errors.ts';

export const importRecordName = 'import.json';

/** How an imported dataset was made. Throws AppError `datasetCorrupt` naming the folder. */
export async function readImportRecord(dir: string): Promise<ImportRecord> {
  try {
    return importRecordSchema.parse(JSON.parse(await readFile(path.join(dir, importRecordName), 'utf8')));
  } catch (error) {
    throw new AppError(
      'datasetCorrupt',
      `How the dataset in ${dir} was made cannot be read: its ${importRecordName} is missing or damaged. Delete the dataset and import it again.`,
      { details: { path: dir }, cause: error },
    );
  }
}
