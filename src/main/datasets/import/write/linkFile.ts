import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { linkLine } from '../../../../node/images/linkedPaths.ts';

const bytesPerWrite = 2 ** 20;

/** The list of images that stay where they are, one a line. */
export class LinkFile {
  private readonly descriptor: number;
  private readonly hash = createHash('sha256');
  private lines: Buffer[] = [];
  private waiting = 0;
  private isOpen = true;

  constructor(path: string) {
    this.descriptor = fs.openSync(path, 'wx');
  }

  append(bytes: number, file: Buffer): void {
    const line = linkLine(bytes, file);
    this.lines.push(line);
    this.waiting += line.length;
    if (this.waiting >= bytesPerWrite) this.flush();
  }

  /** Makes the file durable. Answers its sha256. */
  finish(_shape: readonly number[]): string {
    this.flush();
    fs.fsyncSync(this.descriptor);
    this.close();
    return this.hash.digest('hex');
  }

  close(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    fs.closeSync(this.descriptor);
  }

  private flush(): void {
    const bytes = Buffer.concat(this.lines);
    this.lines = [];
    this.waiting = 0;
    this.hash.update(bytes);
    for (let at = 0; at < bytes.length;) at += fs.writeSync(this.descriptor, bytes, at, bytes.length - at);
  }
}
