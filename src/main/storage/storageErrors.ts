import { AppError } from '../../core/errors.ts';

function codeOf(error: unknown): string {
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined;
  return typeof code === 'string' ? code : '';
}

const notWritable = ['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST', 'ENOENT', 'EISDIR', 'ELOOP', 'ENAMETOOLONG'];
const diskFull = ['ENOSPC', 'EDQUOT', 'EFBIG', 'SQLITE_FULL'];
/** SQLite says no more than this when a quota or a limit on file sizes stops it */
const writeFailed = ['SQLITE_IOERR_WRITE', 'SQLITE_IOERR_FSYNC', 'SQLITE_IOERR_TRUNCATE', 'SQLITE_IOERR_SHMSIZE'];

export function isCorrupt(error: unknown): boolean {
  const code = codeOf(error);
  return code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB';
}

/** Names what a failure of the file system or of SQLite means to the user; other errors pass through unchanged. */
export function asStorageError(error: unknown, place: string): unknown {
  if (error instanceof AppError) return error;
  const code = codeOf(error);
  const options = { details: { path: place, cause: code }, cause: error };
  if (diskFull.includes(code)) {
    return new AppError(
      'diskFull',
      `The disk that holds ${place} is full: free some space there and try again. What was stored before is unharmed.`,
      options,
    );
  }
  if (writeFailed.includes(code)) {
    return new AppError(
      'diskFull',
      `${place} could not be written (${code}): the disk is full, a quota or limit on file sizes is reached, or the disk fails. ` +
        'Free some space there and try again. What was stored before is unharmed.',
      options,
    );
  }
  if (notWritable.includes(code) || code.startsWith('SQLITE_READONLY') || code.startsWith('SQLITE_CANTOPEN')) {
    return new AppError(
      'dataDirNotWritable',
      `${place} cannot be written (${code}): choose another data folder with --data-dir, or change its permissions.`,
      options,
    );
  }
  if (isCorrupt(error)) {
    return new AppError('databaseCorrupt', `The database ${place} is damaged (${(error as Error).message}).`, options);
  }
  return error;
}

/** Runs a piece of storage work; its failures carry a code and a sentence that names the place. */
export function withStorageErrors<Result>(place: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw asStorageError(error, place);
  }
}
