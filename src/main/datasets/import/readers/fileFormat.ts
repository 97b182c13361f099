import { firstBytes, firstOf, isGzip, unpacked } from '../files/fileBytes.ts';
import type { ImportFile } from '../files/importFile.ts';
import { isTarHeader } from '../files/tarEntries.ts';
import { looksLikeText } from './textEncoding.ts';

/**
 * What a file is by its first bytes. gzip is looked through, except that a packed tar is a `packedTar`. `image` is any of the
 * images that are imported. `pickle` is a Python pickle of any protocol.
 */
export type FileFormat =
  | 'text'
  | 'jsonLines'
  | 'parquet'
  | 'arrow'
  | 'npy'
  | 'idx'
  | 'hdf5'
  | 'xlsx'
  | 'xls'
  | 'zip'
  | 'tar'
  | 'packedTar'
  | 'image'
  | 'pickle'
  | 'empty'
  | 'unknown';

const headBytes = 4_096;

const startsWith = (head: Uint8Array, bytes: readonly number[], at = 0): boolean =>
  bytes.every((byte, i) => head[at + i] === byte);
const ascii = (text: string): number[] => Array.from(text, (letter) => letter.charCodeAt(0));

const idxTypes = new Set([0x08, 0x09, 0x0b, 0x0c, 0x0d, 0x0e]);

/** For the magics that are words, which a text may begin with as well. */
const isBinary = (head: Uint8Array): boolean => head.some((byte) => byte < 0x09);

function isImage(head: Uint8Array): boolean {
  if (startsWith(head, [0x89, ...ascii('PNG')]) || startsWith(head, [0xff, 0xd8, 0xff])) return true;
  if (!isBinary(head)) return false;
  return (
    (startsWith(head, ascii('RIFF')) && startsWith(head, ascii('WEBP'), 8)) ||
    (startsWith(head, ascii('BM')) && startsWith(head, [0, 0, 0, 0], 6)) ||
    startsWith(head, ascii('GIF8')) ||
    startsWith(head, [0x49, 0x49, 0x2a, 0]) ||
    startsWith(head, [0x4d, 0x4d, 0, 0x2a])
  );
}

/**
 * Protocols 0 and 1 have no magic. They begin with what they make, and with where it is remembered: a dictionary, a list, or
 * something that has a name.
 */
function isOldPickle(head: Uint8Array): boolean {
  const text = Buffer.from(head.subarray(0, 256)).toString('latin1');
  return (
    /^\((?:dp|lp)\d+\n/.test(text) ||
    /^\(?[}\]dl]q\0/.test(text) ||
    /^c[A-Za-z_][\w.]*\n[A-Za-z_]\w*\n(?:p\d+\n|q\0|\()/.test(text)
  );
}

function formatOfHead(head: Uint8Array): FileFormat {
  if (head.length === 0) return 'empty';
  if (startsWith(head, [...ascii('PK'), 3, 4]) || startsWith(head, [...ascii('PK'), 5, 6])) {
    // the parts of a workbook have fixed names, and its list of contents comes first
    const text = Buffer.from(head).toString('latin1');
    return /^[^]{30}(?:\[Content_Types\]\.xml|_rels\/|docProps\/|xl\/)/.test(text) ? 'xlsx' : 'zip';
  }
  if (startsWith(head, [0x93, ...ascii('NUMPY')])) return 'npy';
  if (startsWith(head, ascii('PAR1')) && isBinary(head)) return 'parquet';
  if (startsWith(head, ascii('ARROW1')) && isBinary(head)) return 'arrow';
  if (startsWith(head, [0xff, 0xff, 0xff, 0xff]) && head[7] === 0 && head[8] === 0x10) return 'arrow';
  if (startsWith(head, [0x89, ...ascii('HDF'), 0x0d, 0x0a, 0x1a, 0x0a])) return 'hdf5';
  if (startsWith(head, [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1])) return 'xls';
  if (isImage(head)) return 'image';
  if (startsWith(head, [0, 0]) && idxTypes.has(head[2]!) && head[3]! >= 1 && head[3]! <= 8) return 'idx';
  if (isTarHeader(head)) return 'tar';
  if (head[0] === 0x80 && head[1]! >= 2 && head[1]! <= 5) return 'pickle';
  if (isOldPickle(head)) return 'pickle';
  if (!looksLikeText(head)) return 'unknown';
  const text = new TextDecoder('utf-8').decode(head).trimStart();
  return /^(?:\{\s*"|\{\s*\}|\[\s*\{)/.test(text) ? 'jsonLines' : 'text';
}

/** Recognises a file by its content. Throws `fileUnreadable`. */
export async function formatOf(file: ImportFile): Promise<FileFormat> {
  const head = await firstBytes(file, headBytes);
  if (!isGzip(head)) return formatOfHead(head);
  const inside = formatOfHead(await firstOf(unpacked(file), headBytes));
  return inside === 'tar' ? 'packedTar' : inside;
}
