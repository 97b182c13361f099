import { createHash, type Hash } from 'node:crypto';
import fs from 'node:fs';
import { npyHeader } from '../../npyHeader.ts';

export type StoredType = '|u1' | '<f4' | '<i4';

/** Header bytes of every shape a dataset has; the number of rows is written when it is known. */
const headerBytes = 128;

/** A .npy file that is written row after row. */
export class NpyFile {
  private readonly descriptor: number;
  private readonly hash: Hash = createHash('sha256');
  private readonly type: StoredType;
  private bytes = 0;
  private isOpen = true;

  constructor(path: string, type: StoredType) {
    this.type = type;
    this.descriptor = fs.openSync(path, 'wx');
    this.writeAt(new Uint8Array(headerBytes), 0);
  }

  append(numbers: Uint8Array | Float32Array | Int32Array): void {
    const bytes = new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
    this.hash.update(bytes);
    this.writeAt(bytes, headerBytes + this.bytes);
    this.bytes += bytes.length;
  }

  /** Writes the header and makes the file durable. Answers the sha256 of its numbers. */
  finish(shape: readonly number[]): string {
    const header = npyHeader(this.type, shape);
    const size = shape.reduce((product, n) => product * n, 1) * (this.type === '|u1' ? 1 : 4);
    if (header.length !== headerBytes || size !== this.bytes) {
      throw new Error(`${this.bytes} bytes were written for the shape ${shape.join(' x ')}`);
    }
    this.writeAt(header, 0);
    fs.fsyncSync(this.descriptor);
    this.close();
    return this.hash.digest('hex');
  }

  close(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    fs.closeSync(this.descriptor);
  }

  private writeAt(bytes: Uint8Array, position: number): void {
    for (let at = 0; at < bytes.length;) {
      at += fs.writeSync(this.descriptor, bytes, at, bytes.length - at, position + at);
    }
  }
}
