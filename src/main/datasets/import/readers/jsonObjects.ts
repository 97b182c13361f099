import { unreadable, type Place } from '../importErrors.ts';
import { importLimits } from '../limits.ts';

const code = (letter: string): number => letter.charCodeAt(0);
const [quote, backslash, newline] = [code('"'), code('\\'), 10];
const [open, close] = [code('{'), code('}')];
const between = new Set([9, 10, 13, 32, code(','), code('['), code(']')]);
const utf8 = new TextDecoder('utf-8');

/** Hears each object at the top of a text and the line it begins in, counted from 1. */
type OnObject = (object: Record<string, unknown>, line: number) => void;

/** Finds the objects in JSON lines, or in one JSON array of objects, given as UTF-8 in pieces. Throws `fileUnreadable`. */
export class JsonObjects {
  private readonly place: Place;
  private readonly onObject: OnObject;
  private rest: Uint8Array = new Uint8Array(0);
  private line = 1;

  constructor(place: Place, onObject: OnObject) {
    this.place = place;
    this.onObject = onObject;
  }

  push(piece: Uint8Array): void {
    const bytes = this.rest.length === 0 ? piece : Buffer.concat([this.rest, piece]);
    this.rest = bytes.slice(this.scan(bytes));
    if (this.rest.length > importLimits.maxRowBytes) {
      const size = Math.floor(importLimits.maxRowBytes / 2 ** 20);
      throw unreadable(
        { ...this.place, row: this.line },
        `the object that begins here does not end within ${size} MiB.`,
      );
    }
  }

  end(): void {
    if (this.rest.length > 0)
      throw unreadable(
        { ...this.place, row: this.line },
        'the object that begins here does not end: the file is cut off.',
      );
  }

  /** Reads whole objects; answers where the first begins that is not whole. */
  private scan(bytes: Uint8Array): number {
    let at = 0;
    for (;;) {
      while (at < bytes.length && between.has(bytes[at]!)) if (bytes[at++] === newline) this.line++;
      if (at >= bytes.length) return at;
      if (bytes[at] !== open) {
        const text = utf8.decode(bytes.subarray(at, at + 40)).split('\n')[0]!;
        throw unreadable({ ...this.place, row: this.line }, `an object in braces is expected here, not "${text}".`);
      }
      const end = this.endOf(bytes, at);
      if (end === -1) return at;
      this.read(bytes.subarray(at, end));
      at = end;
    }
  }

  private endOf(bytes: Uint8Array, start: number): number {
    let depth = 0;
    let isText = false;
    for (let at = start; at < bytes.length; at++) {
      const byte = bytes[at];
      if (isText) {
        if (byte === backslash) at++;
        else if (byte === quote) isText = false;
      } else if (byte === quote) isText = true;
      else if (byte === open) depth++;
      else if (byte === close && --depth === 0) return at + 1;
    }
    return -1;
  }

  private read(bytes: Uint8Array): void {
    const line = this.line;
    for (const byte of bytes) if (byte === newline) this.line++;
    const text = utf8.decode(bytes);
    let object: unknown;
    try {
      object = JSON.parse(withoutBareWords(text));
    } catch (error) {
      throw unreadable(
        { ...this.place, row: line },
        `this is no valid JSON (${(error as Error).message.slice(0, 160)}).`,
        error,
      );
    }
    this.onObject(object as Record<string, unknown>, line);
  }
}

/** NaN and infinities, which Python writes into JSON although it has none, become texts that mean the same. */
function withoutBareWords(text: string): string {
  return text.includes('NaN') || text.includes('Infinity')
    ? text.replaceAll(/"(?:[^"\\]|\\.)*"|(-?Infinity|NaN)/g, (all, word: string | undefined) =>
        word ? `"${word}"` : all,
      )
    : text;
}
