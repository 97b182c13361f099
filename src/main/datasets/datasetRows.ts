import { open, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import type { DatasetMeta, DatasetPreview } from '../../core/contract/datasets.ts';
import { AppError } from '../../core/errors.ts';
import { previewShape, shrinkImage } from './previewImage.ts';

/** Numbers that one preview may carry, so that nothing waits for their text form: images get smaller, and rows fewer. */
const maxPreviewNumbers = 200_000;
/** Images are made small enough for so many of them. */
const previewImages = 40;
const bytesPerRead = 2 ** 20;

type NumberType = 'uint8' | 'int32' | 'float32';
const bytesOf: Record<NumberType, number> = { uint8: 1, int32: 4, float32: 4 };

function corrupt(file: string, why: string): AppError {
  return new AppError(
    'datasetCorrupt',
    `${file} cannot be read: ${why}. Remove its folder and import the dataset again.`,
    {
      details: { path: file },
    },
  );
}

async function readAt(file: FileHandle, name: string, position: number, length: number): Promise<DataView> {
  const bytes = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(bytes, filled, length - filled, position + filled);
    if (bytesRead === 0) throw corrupt(name, 'it is shorter than its header says');
    filled += bytesRead;
  }
  return new DataView(bytes.buffer);
}

/** Where the numbers of a .npy file begin. */
async function dataOffset(file: FileHandle, name: string): Promise<number> {
  const head = await readAt(file, name, 0, 12);
  // the first byte and "NUMPY"
  if (head.getUint16(0) !== 0x934e || head.getUint32(2) !== 0x554d5059) throw corrupt(name, 'it is no .npy file');
  return head.getUint8(6) === 1 ? 10 + head.getUint16(8, true) : 12 + head.getUint32(8, true);
}

/** Numbers of a view of a whole buffer, as .npy files keep them: the least significant byte first, like every processor we run on. */
function numbersIn({ buffer }: DataView, type: NumberType): Uint8Array | Int32Array | Float32Array {
  const bytes = buffer as ArrayBuffer;
  if (type === 'uint8') return new Uint8Array(bytes);
  return type === 'int32' ? new Int32Array(bytes) : new Float32Array(bytes);
}

async function countClasses(y: FileHandle, name: string, meta: DatasetMeta): Promise<number[]> {
  const counts = Array.from({ length: meta.classes.length }, () => 0);
  const start = await dataOffset(y, name);
  const total = meta.rows * bytesOf.int32;
  for (let at = 0; at < total; at += bytesPerRead) {
    const view = await readAt(y, name, start + at, Math.min(bytesPerRead, total - at));
    for (let i = 0; i < view.byteLength; i += bytesOf.int32) {
      const label = view.getInt32(i, true);
      if (counts[label] === undefined)
        throw corrupt(name, `it holds the class ${label}, and meta.json names ${counts.length}`);
      counts[label]++;
    }
  }
  return counts;
}

/**
 * Samples spread evenly over the rows of a dataset folder, and the number of rows per class. Reads only the rows it shows,
 * by position, and the labels in pieces. Images that are too large to show so many become smaller. Throws AppError `datasetCorrupt`.
 */
export async function previewDataset(dir: string, meta: DatasetMeta, count: number): Promise<DatasetPreview> {
  const most = Math.min(count, meta.rows);
  const shape = previewShape(meta.shape, Math.floor(maxPreviewNumbers / Math.min(most, previewImages)));
  const rowSize = shape.reduce((product, size) => product * size, 1);
  const wanted = Math.max(1, Math.min(most, Math.floor(maxPreviewNumbers / rowSize)));
  const yName = path.join(dir, 'y.npy');
  const x = await openSamples(dir, meta);
  try {
    const y = await openFile(yName);
    try {
      const yStart = await dataOffset(y, yName);
      const targetType: NumberType = meta.task === 'classes' ? 'int32' : 'float32';
      // a regression target may be several numbers; the first one is shown
      const targetBytes = Math.floor(((await y.stat()).size - yStart) / meta.rows);
      const isShrunk = shape.some((size, axis) => size !== meta.shape[axis]);
      const toShown = (stored: number): number => {
        const value = stored * meta.scale + meta.offset;
        // means have many digits, which would only make their text longer
        return isShrunk ? Number(value.toPrecision(4)) : value;
      };
      const samples = [];
      for (let i = 0; i < wanted; i++) {
        const row = Math.floor((i * meta.rows) / wanted);
        const stored = shrinkImage(await x.read(row), meta.shape, shape);
        const target = numbersIn(await readAt(y, yName, yStart + row * targetBytes, bytesOf[targetType]), targetType);
        samples.push({ row, target: target[0]!, values: stored.map(toShown) });
      }
      const classCounts = meta.task === 'classes' ? await countClasses(y, yName, meta) : [];
      return { meta, classCounts, samples, shape };
    } finally {
      await y.close();
    }
  } finally {
    await x.close();
  }
}

/** Samples as they are stored. */
interface Samples {
  read(row: number): Promise<ArrayLike<number>>;
  close(): Promise<void>;
}

async function openSamples(dir: string, meta: DatasetMeta): Promise<Samples> {
  if (meta.linked) {
    const { openLinkedSamples } = await import('./linkedSamples.ts');
    return openLinkedSamples(dir, meta, meta.linked);
  }
  const name = path.join(dir, 'x.npy');
  const rowBytes = meta.shape.reduce((product, size) => product * size, bytesOf[meta.dtype]);
  const file = await openFile(name);
  const start = await dataOffset(file, name).catch(async (error: unknown) => {
    await file.close();
    throw error;
  });
  return {
    read: async (row) => numbersIn(await readAt(file, name, start + row * rowBytes, rowBytes), meta.dtype),
    close: () => file.close(),
  };
}

async function openFile(name: string): Promise<FileHandle> {
  try {
    return await open(name, 'r');
  } catch (error) {
    throw corrupt(name, (error as Error).message);
  }
}
