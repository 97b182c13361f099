import { AppError } from '../../../core/errors.ts';

const maxDepth = 32;
const maxPathBytes = 2_048;
/** File systems take 255; a number may have to be added to make a name differ. */
const maxNameBytes = 240;

/** What Windows keeps for itself, with or without an extension. */
const reservedNames = /^(con|prn|aux|nul|com\d|lpt\d)(\..*)?$/i;
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const oddCharacters = /[\u0000-\u001f\u007f<>:"|?*\\]/g;

/**
 * The names of a path that a browser sent, fit for any file system: no name leads upwards or elsewhere, has characters
 * that mean something to a file system, or is too long. Throws AppError `badUsage` for paths that no browser sends.
 */
export function safePath(path: string): string[] {
  const names = path.split('/');
  const why =
    (names.length > maxDepth && `it is more than ${maxDepth} folders deep`) ||
    (names.some((name) => name === '' || name === '.' || name === '..') && 'it leads out of the upload');
  if (why) throw badPath(path, why);
  const safe = names.map(safeName);
  if (Buffer.byteLength(safe.join('/')) > maxPathBytes) throw badPath(path, 'it is too long');
  return safe;
}

function safeName(name: string): string {
  const plain = name
    .toWellFormed()
    .replaceAll(oddCharacters, '_')
    .replace(/[. ]+$/, (end) => '_'.repeat(end.length));
  return shortened(reservedNames.test(plain) ? `_${plain}` : plain);
}

/** Keeps the extension, by which people know a file. */
function shortened(name: string): string {
  if (Buffer.byteLength(name) <= maxNameBytes) return name;
  const extension = /\.[^.]{1,16}$/.exec(name)?.[0] ?? '';
  let stem = Array.from(name.slice(0, name.length - extension.length));
  while (Buffer.byteLength(stem.join('') + extension) > maxNameBytes) stem = stem.slice(0, -1);
  return stem.join('') + extension;
}

function badPath(path: string, why: string): AppError {
  const shown = path.length > 80 ? `${path.slice(0, 80)}…` : path;
  return new AppError('badUsage', `The file name ${JSON.stringify(shown)} is not accepted: ${why}.`, {
    details: { path: shown },
  });
}
