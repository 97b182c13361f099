import fs from 'node:fs';
import { AppError } from '../../core/errors.ts';
import { parseNpyHeader } from './npy.ts';

/** Files up to this size are held in memory once they are read; larger ones are read row by row. */
const wholeFileBytes = 64 * 1024 * 1024;

export type Numbers = Uint8Array | Float32Array | Int32Array;

/** The rows of a .npy file, read by position. Whoever opened it closes it. */
export interface NumberFile {
  /** numbers per row */
  rowSize: number;
  /** The numbers of a row as they are stored, until the next call. */
  read(row: number): Numbers;
  close(): void;
}

function corrupt(file: string, why: string, cause?: unknown): AppError {
  return new AppError('datasetCorrupt', `${file} ${why}. Import the dataset again.`, { cause });
}

function viewAs(descr: string, bytes: Uint8Array, file: string): Numbers {
  const { buffer, byteOffset, byteLength } = bytes;
  if (descr === '|u1') return bytes;
  if (descr === '<f4') return new Float32Array(buffer, byteOffset, byteLength / 4);
  if (descr === '<i4') return new Int32Array(buffer, byteOffset, byteLength / 4);
  throw corrupt(file, `holds numbers of type ${descr}, which a dataset folder never does`);
}

function readFully(descriptor: number, file: string, bytes: Uint8Array, position: number): void {
  for (let at = 0; at < bytes.length;) {
    const read = fs.readSync(descriptor, bytes, at, bytes.length - at, position + at);
    if (read === 0) throw corrupt(file, 'is shorter than it was when it was opened');
    at += read;
  }
}

/** Opens a file of `rows` rows. Throws AppError `datasetCorrupt` when it is missing, cut off or of another shape. */
export function openNumberFile(file: string, rows: number): NumberFile {
  let descriptor: number;
  try {
    descriptor = fs.openSync(file, 'r');
  } catch (error) {
    throw corrupt(file, `cannot be opened (${(error as Error).message})`, error);
  }
  try {
    const size = fs.fstatSync(descriptor).size;
    const head = new Uint8Array(Math.min(size, 4096));
    fs.readSync(descriptor, head, 0, head.length, 0);
    const { descr, shape, dataOffset } = parseNpyHeader(head, file);
    const rowSize = shape.slice(1).reduce((product, n) => product * n, 1);
    const rowBytes = rowSize * (descr === '|u1' ? 1 : 4);
    if (shape[0] !== rows || size !== dataOffset + rows * rowBytes) {
      throw corrupt(file, `should hold ${rows} rows of ${rowBytes} bytes, but does not`);
    }
    const isSmall = size - dataOffset <= wholeFileBytes;
    const rowBuffer = new Uint8Array(isSmall ? 0 : rowBytes);
    const rowNumbers = viewAs(descr, rowBuffer, file);
    let whole: Numbers | undefined;
    const readWhole = (): Numbers => {
      const bytes = new Uint8Array(size - dataOffset);
      readFully(descriptor, file, bytes, dataOffset);
      return viewAs(descr, bytes, file);
    };
    return {
      rowSize,
      read(row) {
        if (isSmall) {
          whole ??= readWhole();
          return whole.subarray(row * rowSize, (row + 1) * rowSize);
        }
        readFully(descriptor, file, rowBuffer, dataOffset + row * rowBytes);
        return rowNumbers;
      },
      close: () => fs.closeSync(descriptor),
    };
  } catch (error) {
    fs.closeSync(descriptor);
    throw error;
  }
}
