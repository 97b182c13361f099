import { AppError } from './errors.ts';

const sentences: Readonly<Record<string, string>> = {
  EACCES: 'there is no permission to write there',
  EPERM: 'there is no permission to write there',
  EROFS: 'that place is read-only',
  EISDIR: 'a folder of that name is there already',
  ENOTDIR: 'part of the path is a file, not a folder',
  ENOTEMPTY: 'a folder of that name is there already and is not empty',
  EEXIST: 'a file or folder of that name is there already',
  ENAMETOOLONG: 'the name is too long',
  EINVAL: 'the name is not allowed there',
  ENOENT: 'its folder is not there and could not be made',
};
const diskFull = ['ENOSPC', 'EDQUOT', 'EFBIG'];

/** Why a file that the user asked for could not be written, as AppError `fileNotWritable` or `diskFull`. */
export function explainWriteFailure(error: unknown, target: string): unknown {
  if (error instanceof AppError) return error;
  const { code = '', message = '' } = (error ?? {}) as { code?: string; message?: string };
  const details = { path: target, cause: code };
  if (diskFull.includes(code)) {
    return new AppError(
      'diskFull',
      `${target} could not be written: the disk is full. Free some space and try again; nothing was left behind.`,
      { details, cause: error },
    );
  }
  const why = sentences[code] ?? (code === '' ? null : message);
  if (why === null) return error;
  return new AppError('fileNotWritable', `${target} could not be written: ${why}. Choose another place.`, {
    details,
    cause: error,
  });
}
