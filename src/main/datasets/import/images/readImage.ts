import fs from 'node:fs';
import { importLimits } from '../limits.ts';
import { ImageProblem } from '../../../../node/images/imageProblem.ts';
import type { ImageBytes } from './decodeMessages.ts';

/** What a file was when it was read. */
export interface ReadState {
  size: number;
  mtimeMs: number;
}

/** Reads images; keeps the file open that the last stretch was in. Whoever made it closes it. */
export class ImageReader {
  private open: { path: string; descriptor: number } | null = null;
  /** of the file that `read` was asked for last, if that is one image */
  lastState: ReadState | null = null;

  /** Throws ImageProblem where the file cannot be read. */
  read(image: ImageBytes): Uint8Array {
    this.lastState = null;
    if ('bytes' in image) return image.bytes;
    if ('why' in image) throw new ImageProblem(image.why);
    try {
      return image.length === null ? this.whole(image.path) : this.stretch(image.path, image.offset, image.length);
    } catch (error) {
      if (error instanceof ImageProblem) throw error;
      throw new ImageProblem(`it cannot be read (${(error as Error).message})`, error);
    }
  }

  close(): void {
    if (this.open) fs.closeSync(this.open.descriptor);
    this.open = null;
  }

  private whole(path: string): Uint8Array {
    const descriptor = fs.openSync(path, 'r');
    try {
      const { size, mtimeMs } = fs.fstatSync(descriptor);
      this.lastState = { size, mtimeMs };
      return readAt(descriptor, 0, size);
    } finally {
      fs.closeSync(descriptor);
    }
  }

  private stretch(path: string, offset: number, length: number): Uint8Array {
    if (this.open?.path !== path) {
      this.close();
      this.open = { path, descriptor: fs.openSync(path, 'r') };
    }
    return readAt(this.open.descriptor, offset, length);
  }
}

function readAt(descriptor: number, offset: number, length: number): Uint8Array {
  if (length > importLimits.maxImageBytes) {
    throw new ImageProblem(`it has ${length.toLocaleString('en')} bytes, more than an image of any use`);
  }
  const bytes = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    const read = fs.readSync(descriptor, bytes, filled, length - filled, offset + filled);
    if (read === 0) throw new ImageProblem('it is cut off');
    filled += read;
  }
  return bytes;
}
