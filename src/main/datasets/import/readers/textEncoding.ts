export type TextEncodingName = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';

export interface FoundEncoding {
  name: TextEncodingName;
  /** bytes of the mark at the start of the file */
  bomBytes: number;
}

/** Whether every byte sequence but a cut one at the end is UTF-8. */
function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

/** The encoding of a text from its first bytes: by its mark, by the zeros of UTF-16, else UTF-8 if it is that. */
export function findEncoding(head: Uint8Array): FoundEncoding {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return { name: 'utf-8', bomBytes: 3 };
  if (head[0] === 0xff && head[1] === 0xfe) return { name: 'utf-16le', bomBytes: 2 };
  if (head[0] === 0xfe && head[1] === 0xff) return { name: 'utf-16be', bomBytes: 2 };
  const zeros = [0, 0];
  for (let i = 0; i < head.length; i++) if (head[i] === 0) zeros[i % 2]!++;
  const half = head.length / 2;
  if (zeros[1]! > 0.6 * half && zeros[0]! < 0.1 * half) return { name: 'utf-16le', bomBytes: 0 };
  if (zeros[0]! > 0.6 * half && zeros[1]! < 0.1 * half) return { name: 'utf-16be', bomBytes: 0 };
  return { name: isUtf8(head) ? 'utf-8' : 'windows-1252', bomBytes: 0 };
}

/** Whether the first bytes are those of a text: no control characters but white space. */
export function looksLikeText(head: Uint8Array): boolean {
  const { name } = findEncoding(head);
  if (name === 'utf-16le' || name === 'utf-16be') return head.length > 2;
  return head.every((byte) => byte >= 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d || byte === 0x0c);
}

/** Text in pieces of any encoding as UTF-8 without its mark. */
export async function* asUtf8(pieces: AsyncIterable<Uint8Array>, encoding: FoundEncoding): AsyncGenerator<Uint8Array> {
  let skip = encoding.bomBytes;
  const decoder = encoding.name === 'utf-8' ? null : new TextDecoder(encoding.name, { ignoreBOM: true });
  const encoder = new TextEncoder();
  for await (const piece of pieces) {
    const rest = skip < piece.length ? piece.subarray(skip) : new Uint8Array(0);
    skip -= Math.min(skip, piece.length);
    if (rest.length === 0) continue;
    yield decoder ? encoder.encode(decoder.decode(rest, { stream: true })) : rest;
  }
  if (decoder) {
    const last = encoder.encode(decoder.decode());
    if (last.length > 0) yield last;
  }
}
