import { AppError, type ErrorDetails } from '../../../core/errors.ts';

/** Where in a file something is wrong; rows count from 1 as an editor counts lines. */
export interface Place {
  file: string;
  row?: number;
  column?: string;
  entry?: string;
}

/** A place for people. */
export function placeText({ file, row, column, entry }: Place): string {
  const parts = [
    ...(entry === undefined ? [] : [`entry "${entry}"`]),
    ...(row === undefined ? [] : [`row ${row}`]),
    ...(column === undefined ? [] : [`column "${column}"`]),
  ];
  return parts.length === 0 ? file : `${file}, ${parts.join(', ')}`;
}

function detailsOf({ file, row, column, entry }: Place): ErrorDetails {
  return {
    path: file,
    ...(row === undefined ? {} : { row }),
    ...(column === undefined ? {} : { column }),
    ...(entry === undefined ? {} : { entry }),
  };
}

/** A file that does not hold what its format says. */
export function unreadable(place: Place, why: string, cause?: unknown): AppError {
  return new AppError('fileUnreadable', `${placeText(place)}: ${why}`, { details: detailsOf(place), cause });
}

/** A file of no known format. */
export function unknownFormat(file: string, why: string): AppError {
  return new AppError('unknownFormat', `${file} cannot be imported: ${why}`, { details: { path: file } });
}

/** An archive that would write or read outside of itself, or that is larger than it says. */
export function unsafeArchive(place: Place, why: string): AppError {
  return new AppError('unsafeArchive', `${placeText(place)}: ${why} Nothing was imported.`, {
    details: detailsOf(place),
  });
}

/** A choice that does not fit the data. */
export function badChoice(message: string, details?: ErrorDetails): AppError {
  return new AppError('badUsage', message, { details });
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
