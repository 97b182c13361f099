import fs from 'node:fs';

/** Bytes that are kept in memory before the rest goes to a file. */
const mostMemoryBytes = 256 * 2 ** 20;
/** What a piece in memory takes beside its bytes. */
const bytesPerPiece = 512;
const alignment = 8;

/** Keeps bytes until an import ends: in memory as long as they are few, the others in a file. Whoever made it closes it. */
export class BlockStore {
  private readonly path: string;
  private readonly pieces: Uint8Array[] = [];
  /** where each piece in memory begins */
  private readonly starts: number[] = [];
  private memoryLeft: number;
  private memoryEnd = 0;
  private end = 0;
  private descriptor: number | null = null;

  /** `path` is the file, made when it is needed; not there yet. */
  constructor(path: string, memoryBytes = mostMemoryBytes) {
    this.path = path;
    this.memoryLeft = memoryBytes;
  }

  /** Keeps the parts one after the other, each beginning at a multiple of eight; answers where each of them begins. */
  append(parts: readonly Uint8Array[]): number[] {
    const start = this.end;
    let length = 0;
    const places = parts.map((part) => {
      const place = start + length;
      length += Math.ceil(part.length / alignment) * alignment;
      return place;
    });
    const joined = new Uint8Array(length);
    parts.forEach((part, i) => joined.set(part, places[i]! - start));
    this.memoryLeft -= length + bytesPerPiece;
    if (this.descriptor === null && this.memoryLeft >= 0) {
      this.pieces.push(joined);
      this.starts.push(start);
      this.memoryEnd = start + length;
    } else this.write(joined);
    this.end = start + length;
    return places;
  }

  /** The bytes of one part, as long as they were, in memory that begins at a multiple of eight. They are not to be changed. */
  read(place: number, length: number): Uint8Array {
    if (place >= this.memoryEnd && this.descriptor !== null) return this.readFile(place - this.memoryEnd, length);
    const index = this.pieceOf(place);
    const at = place - this.starts[index]!;
    return this.pieces[index]!.subarray(at, at + length);
  }

  close(): void {
    if (this.descriptor !== null) fs.closeSync(this.descriptor);
    this.descriptor = null;
    this.pieces.length = 0;
  }

  private pieceOf(place: number): number {
    let low = 0;
    let high = this.starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (this.starts[middle]! <= place) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  private write(bytes: Uint8Array): void {
    this.descriptor ??= fs.openSync(this.path, 'wx+');
    const position = this.end - this.memoryEnd;
    for (let at = 0; at < bytes.length;) {
      at += fs.writeSync(this.descriptor, bytes, at, bytes.length - at, position + at);
    }
  }

  private readFile(position: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length;) {
      const read = fs.readSync(this.descriptor!, bytes, at, length - at, position + at);
      if (read === 0) throw new Error('the kept rows are cut off');
      at += read;
    }
    return bytes;
  }
}
