import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { ImportChoices } from '../../../core/contract/datasetImport.ts';
import { messageOf, unknownFormat, unreadable } from './importErrors.ts';
import type { ImportContext, ImportSource } from './importSource.ts';
import { openCsvSource } from './readers/csvSource.ts';
import { formatOf, type FileFormat } from './readers/fileFormat.ts';

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    throw unreadable({ file }, `it is not there or cannot be read (${messageOf(error)}).`, error);
  }
}

/** Finds out by their content what files are, and opens them. Throws `unknownFormat` or `fileUnreadable`. */
export async function recognize(choices: ImportChoices, _context: ImportContext): Promise<ImportSource> {
  const paths = choices.paths.map((file) => path.resolve(file));
  const formats: FileFormat[] = [];
  for (const file of paths) {
    const size = await sizeOf(file);
    if (size === 0) throw unreadable({ file }, 'the file is empty (0 bytes).');
    formats.push(await formatOf(file));
  }
  const different = formats.findIndex((format) => format !== formats[0]);
  if (different !== -1) {
    throw unknownFormat(
      paths[different]!,
      `it is ${formats[different]}, but ${paths[0]} is ${formats[0]}. Files that are imported together must be of one kind.`,
    );
  }
  switch (formats[0]) {
    case 'text':
      return openCsvSource(paths);
    default:
      throw unknownFormat(paths[0]!, 'it is of no known format. Known: CSV and other delimited text, also gzip.');
  }
}
