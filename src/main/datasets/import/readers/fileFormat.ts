import { stat } from 'node:fs/promises';
import { firstBytes, isGzip, readBytes } from './byteSource.ts';
import { looksLikeText } from './textEncoding.ts';

/** What a file is by its first bytes. */
export type FileFormat = 'folder' | 'text' | 'unknown';

const headBytes = 4_096;

async function firstUnpackedBytes(path: string): Promise<Uint8Array> {
  for await (const piece of readBytes(path, { isGzip: true })) return piece.subarray(0, headBytes);
  return new Uint8Array(0);
}

function formatOfHead(head: Uint8Array): FileFormat {
  return head.length > 0 && looksLikeText(head) ? 'text' : 'unknown';
}

/** Recognises a file by its content; gzip is looked through. Throws `fileUnreadable`. */
export async function formatOf(path: string): Promise<FileFormat> {
  if ((await stat(path)).isDirectory()) return 'folder';
  const head = await firstBytes(path, headBytes);
  return formatOfHead(isGzip(head) ? await firstUnpackedBytes(path) : head);
}
