import { placeText, unknownFormat } from '../importErrors.ts';
import type { OpenSource } from '../importSource.ts';
import { openCsvSource } from './csvSource.ts';

/** Files of rows and columns: delimited text. */
export const openTables: OpenSource = async (found) => {
  const formats = await Promise.all(found.files.map((file) => found.formatOf(file)));
  if (formats[0] !== 'text') return null;
  const different = formats.findIndex((format) => format !== formats[0]);
  if (different !== -1) {
    const [first, other] = [found.files[0]!, found.files[different]!];
    throw unknownFormat(
      placeText(other.place),
      `it is ${formats[different]}, but ${placeText(first.place)} is ${formats[0]}. Files that are imported together must be of one kind.`,
    );
  }
  return openCsvSource(found.files);
};
