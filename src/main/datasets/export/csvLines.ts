import { open, readFile, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { dataParts } from '../../../core/contract/datasetImport.ts';
import type { DatasetMeta } from '../../../core/contract/datasets.ts';
import { AppError } from '../../../core/errors.ts';
import { readImportRecord } from '../importRecord.ts';
import { npyDataOffset } from '../npyHeader.ts';
import { shortestFloat32 } from './shortestFloat32.ts';

const bytesPerRead = 2 ** 20;

function quoted(text: string): string {
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

interface Rows {
  /** numbers of one row */
  size: number;
  read(first: number, count: number): Promise<Uint8Array | Float32Array | Int32Array>;
  close(): Promise<void>;
}

async function openRows(file: string, rows: number, type: 'uint8' | 'int32' | 'float32'): Promise<Rows> {
  const corrupt = (why: string): AppError =>
    new AppError('datasetCorrupt', `${file} cannot be read: ${why}. Delete the dataset and import it again.`);
  let handle: FileHandle;
  try {
    handle = await open(file, 'r');
  } catch (error) {
    throw corrupt((error as Error).message);
  }
  const readAt = async (position: number, length: number): Promise<Uint8Array> => {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length;) {
      const { bytesRead } = await handle.read(bytes, at, length - at, position + at);
      if (bytesRead === 0) throw corrupt('it is shorter than its header says');
      at += bytesRead;
    }
    return bytes;
  };
  const itemBytes = type === 'uint8' ? 1 : 4;
  const start = npyDataOffset(await readAt(0, 16));
  const size = ((await handle.stat()).size - start) / itemBytes / rows;
  return {
    size,
    async read(first, count) {
      const bytes = await readAt(start + first * size * itemBytes, count * size * itemBytes);
      if (type === 'uint8') return bytes;
      return type === 'int32' ? new Int32Array(bytes.buffer) : new Float32Array(bytes.buffer);
    },
    close: () => handle.close(),
  };
}

function featureNames(meta: DatasetMeta): string[] {
  if (meta.features) return meta.features;
  const size = meta.shape.reduce((product, n) => product * n, 1);
  const word = meta.shape.length > 1 ? 'value' : 'feature';
  return Array.from({ length: size }, (_, i) => `${word} ${i + 1}`);
}

/** A name for a column that no other has. */
function freeName(wanted: string, taken: readonly string[]): string {
  let name = wanted;
  for (let n = 2; taken.includes(name); n++) name = `${wanted} (${n})`;
  return name;
}

/** The lines of a dataset as CSV in pieces of many rows: a header, then the features, the target and the part of each sample. */
export async function* csvLines(
  dir: string,
  meta: DatasetMeta,
  onRows: (rows: number) => void,
): AsyncGenerator<string> {
  const { rows, scale, offset, classes, task } = meta;
  const record = await readImportRecord(dir).catch(() => null);
  const x = await openRows(path.join(dir, 'x.npy'), rows, meta.dtype);
  try {
    const y = await openRows(path.join(dir, 'y.npy'), rows, task === 'classes' ? 'int32' : 'float32');
    try {
      const partBytes = meta.parts ? await readFile(path.join(dir, 'parts.npy')) : null;
      const parts = partBytes?.subarray(npyDataOffset(partBytes)) ?? null;
      const header = featureNames(meta);
      const target = freeName(record?.choices.target ?? 'target', header);
      const targets = y.size === 1 ? [target] : Array.from({ length: y.size }, (_, i) => `${target} ${i + 1}`);
      header.push(...targets);
      if (parts) header.push(freeName('part', header));
      yield `${header.map(quoted).join(',')}\n`;
      const isPlain = scale === 1 && offset === 0;
      const labels = classes.map(quoted);
      const perRead = Math.max(1, Math.floor(bytesPerRead / (4 * (x.size + y.size))));
      for (let first = 0; first < rows; first += perRead) {
        const count = Math.min(perRead, rows - first);
        const samples = await x.read(first, count);
        const values = await y.read(first, count);
        let text = '';
        for (let row = 0; row < count; row++) {
          for (let i = row * x.size; i < (row + 1) * x.size; i++) {
            const value = samples[i]!;
            const meant = isPlain ? value : Math.fround(value * scale + offset);
            text += Number.isInteger(meant) ? `${meant},` : `${shortestFloat32(meant)},`;
          }
          for (let i = 0; i < y.size; i++) {
            const value = values[row * y.size + i]!;
            text += `${i > 0 ? ',' : ''}${task === 'classes' ? (labels[value] ?? '') : shortestFloat32(value)}`;
          }
          text += parts ? `,${dataParts[parts[first + row]!]}\n` : '\n';
        }
        yield text;
        onRows(first + count);
      }
    } finally {
      await y.close();
    }
  } finally {
    await x.close();
  }
}
