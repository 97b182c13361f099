import { open } from 'node:fs/promises';
import { messageOf, unreadable, unsafeArchive } from '../importErrors.ts';
import { importLimits } from '../limits.ts';

/** One entry of a tar: its name as it is written, its kind and where its bytes lie. */
export interface TarEntry {
  name: string;
  kind: 'file' | 'directory' | 'link' | 'symlink' | 'other';
  linkName: string;
  size: number;
  offset: number;
}

const blockBytes = 512;
const windowBytes = 4 * 2 ** 20;
const maxLongNameBytes = 2 ** 20;

const kinds: Record<string, TarEntry['kind']> = {
  '0': 'file',
  '\0': 'file',
  '7': 'file',
  '1': 'link',
  '2': 'symlink',
  '5': 'directory',
};

function textAt(block: Uint8Array, start: number, length: number): string {
  let end = start;
  while (end < start + length && block[end] !== 0) end++;
  const bytes = Buffer.from(block.buffer, block.byteOffset + start, end - start);
  const text = bytes.toString('utf8');
  // names in other encodings
  return text.includes('\uFFFD') ? bytes.toString('latin1') : text;
}

/** An octal number in text, or, where it does not fit, a big-endian one after a first byte of 0x80. */
function numberAt(block: Uint8Array, start: number, length: number): number {
  if (block[start]! & 0x80) {
    let value = block[start]! & 0x7f;
    for (let i = start + 1; i < start + length; i++) value = value * 256 + block[i]!;
    return value;
  }
  const text = textAt(block, start, length).trim();
  return text === '' ? 0 : /^[0-7]+$/.test(text) ? Number.parseInt(text, 8) : Number.NaN;
}

/** Whether a block is a tar header: its bytes add up to the sum that it names. */
export function isTarHeader(block: Uint8Array): boolean {
  if (block.length < blockBytes) return false;
  let sum = 8 * 0x20;
  for (let i = 0; i < blockBytes; i++) if (i < 148 || i >= 156) sum += block[i]!;
  return sum !== 8 * 0x20 && sum === numberAt(block, 148, 8);
}

/** Records "length key=value\n" of a pax header (POSIX.1-2001). */
function paxRecords(bytes: Uint8Array): Map<string, string> {
  const records = new Map<string, string>();
  for (let at = 0; at < bytes.length;) {
    let space = at;
    while (space < bytes.length && bytes[space] !== 0x20) space++;
    const length = Number(Buffer.from(bytes.subarray(at, space)).toString('latin1'));
    if (!Number.isInteger(length) || length <= space - at || at + length > bytes.length) break;
    const record = Buffer.from(bytes.subarray(space + 1, at + length - 1)).toString('utf8');
    const equals = record.indexOf('=');
    if (equals > 0) records.set(record.slice(0, equals), record.slice(equals + 1));
    at += length;
  }
  return records;
}

/**
 * The entries of a tar file on the disk (ustar, with the long names of GNU and pax), whose contents are skipped. `archive` is
 * its name in messages. Throws `fileUnreadable` or `unsafeArchive`.
 */
export async function* tarEntries(
  path: string,
  archive: string,
  onBytes: (read: number) => void,
): AsyncGenerator<TarEntry> {
  const place = { file: archive };
  const damaged = (why: string): Error => unreadable(place, `its tar data is damaged or cut off: ${why}.`);
  const handle = await open(path, 'r');
  try {
    const { size: total } = await handle.stat();
    let window = new Uint8Array(0);
    let windowStart = 0;
    const bytesAt = async (position: number, length: number): Promise<Uint8Array> => {
      if (position + length > total) throw damaged('it ends within an entry');
      if (position < windowStart || position + length > windowStart + window.length) {
        const wanted = new Uint8Array(Math.max(length, Math.min(windowBytes, total - position)));
        const { bytesRead } = await handle.read(wanted, 0, wanted.length, position);
        if (bytesRead < length) throw damaged('it became shorter while it was read');
        window = wanted.subarray(0, bytesRead);
        windowStart = position;
        onBytes(position);
      }
      return window.subarray(position - windowStart, position - windowStart + length);
    };
    let pax = new Map<string, string>();
    const globalPax = new Map<string, string>();
    let longName: string | null = null;
    let longLink: string | null = null;
    for (let position = 0; ;) {
      if (position + blockBytes > total) throw damaged('the mark at its end is missing');
      const header = await bytesAt(position, blockBytes);
      if (header.every((byte) => byte === 0)) return;
      if (!isTarHeader(header)) throw damaged(`at byte ${position.toLocaleString('en')} there is no entry`);
      const type = String.fromCharCode(header[156]!);
      const isUstar = textAt(header, 257, 5) === 'ustar';
      const prefix = isUstar && header[262] === 0 ? textAt(header, 345, 155) : '';
      let size = numberAt(header, 124, 12);
      const offset = position + blockBytes;
      const isMeta = type === 'x' || type === 'g' || type === 'L' || type === 'K';
      if (!isMeta && pax.has('size')) size = Number(pax.get('size'));
      if (!Number.isSafeInteger(size) || size < 0) throw damaged('the size of an entry is impossible');
      if (size > importLimits.maxEntryBytes) {
        throw unsafeArchive({ ...place, entry: textAt(header, 0, 100) }, 'it is larger than any dataset.');
      }
      position = offset + Math.ceil(size / blockBytes) * blockBytes;
      if (isMeta) {
        if (size > maxLongNameBytes)
          throw unsafeArchive(place, 'it names an entry with more than a million characters.');
        const content = await bytesAt(offset, size);
        if (type === 'L') longName = textAt(content, 0, content.length);
        else if (type === 'K') longLink = textAt(content, 0, content.length);
        else for (const [key, value] of paxRecords(content)) (type === 'g' ? globalPax : pax).set(key, value);
        continue;
      }
      if (offset + size > total) throw damaged('it ends within an entry');
      const written = textAt(header, 0, 100);
      const name =
        longName ?? pax.get('path') ?? globalPax.get('path') ?? (prefix === '' ? written : `${prefix}/${written}`);
      const kind = kinds[type] ?? 'other';
      yield {
        name,
        // an old way to write a directory
        kind: kind === 'file' && name.endsWith('/') ? 'directory' : kind,
        linkName: longLink ?? pax.get('linkpath') ?? textAt(header, 157, 100),
        size: kind === 'link' || kind === 'symlink' ? 0 : size,
        offset,
      };
      pax = new Map();
      longName = null;
      longLink = null;
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && typeof error.code === 'string' && /^E[A-Z]+$/.test(error.code)) {
      throw unreadable(place, `it cannot be read (${messageOf(error)}).`, error);
    }
    throw error;
  } finally {
    await handle.close();
  }
}
