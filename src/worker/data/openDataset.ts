import fs from 'node:fs';
import path from 'node:path';
import { datasetMetaSchema, type DatasetMeta, type DatasetRef } from '../../core/contract/datasets.ts';
import { AppError } from '../../core/errors.ts';
import { parseNpyHeader } from './npy.ts';

/** Files up to this size are held in memory; larger ones are read row by row. */
const wholeFileBytes = 256 * 1024 * 1024;

/** A canonical dataset folder, opened. Rows are read by position. Whoever opened it closes it. */
export interface OpenDataset {
  meta: DatasetMeta;
  /** numbers of one target row: 1 for class indices */
  targetSize: number;
  /** Writes samples `rows` as floats (scaled by meta.scale and meta.offset), one after the other, into `into`. */
  readSamples(rows: ArrayLike<number>, into: Float32Array): void;
  /** Writes target rows into `into`: one-hot over classes, or the numbers of a regression. */
  readTargets(rows: ArrayLike<number>, into: Float32Array): void;
  /** part of every row (0 train, 1 validation, 2 test); null when the dataset has no parts of its own */
  parts: Uint8Array | null;
  close(): void;
}

interface Column {
  /** copies row `row` (as stored numbers) to `into` at `at` */
  copy(row: number, into: Float32Array, at: number): void;
  close(): void;
  rowSize: number;
}

type Numbers = Uint8Array | Float32Array | Int32Array;

function viewAs(descr: string, bytes: Uint8Array, file: string): Numbers {
  const { buffer, byteOffset, byteLength } = bytes;
  if (descr === '|u1') return bytes;
  if (descr === '<f4') return new Float32Array(buffer, byteOffset, byteLength / 4);
  if (descr === '<i4') return new Int32Array(buffer, byteOffset, byteLength / 4);
  throw new AppError(
    'datasetCorrupt',
    `${file} holds numbers of type ${descr}, which a dataset folder never does. Import the dataset again.`,
  );
}

function openColumn(file: string, rows: number): Column {
  let descriptor: number;
  try {
    descriptor = fs.openSync(file, 'r');
  } catch (error) {
    throw new AppError(
      'datasetCorrupt',
      `The dataset file ${file} cannot be opened (${(error as Error).message}). Import the dataset again.`,
      { cause: error },
    );
  }
  try {
    const size = fs.fstatSync(descriptor).size;
    const head = new Uint8Array(Math.min(size, 4096));
    fs.readSync(descriptor, head, 0, head.length, 0);
    const { descr, shape, dataOffset } = parseNpyHeader(head, file);
    const rowSize = shape.slice(1).reduce((product, n) => product * n, 1);
    const rowBytes = rowSize * (descr === '|u1' ? 1 : 4);
    if (shape[0] !== rows || size !== dataOffset + rows * rowBytes) {
      throw new AppError(
        'datasetCorrupt',
        `${file} should hold ${rows} rows of ${rowBytes} bytes, but does not. Import the dataset again.`,
      );
    }
    if (size - dataOffset <= wholeFileBytes) {
      const bytes = new Uint8Array(size - dataOffset);
      fs.readSync(descriptor, bytes, 0, bytes.length, dataOffset);
      const numbers = viewAs(descr, bytes, file);
      return {
        rowSize,
        copy: (row, into, at) => into.set(numbers.subarray(row * rowSize, (row + 1) * rowSize), at),
        close: () => fs.closeSync(descriptor),
      };
    }
    const rowBuffer = new Uint8Array(rowBytes);
    const numbers = viewAs(descr, rowBuffer, file);
    return {
      rowSize,
      copy(row, into, at) {
        fs.readSync(descriptor, rowBuffer, 0, rowBytes, dataOffset + row * rowBytes);
        into.set(numbers, at);
      },
      close: () => fs.closeSync(descriptor),
    };
  } catch (error) {
    fs.closeSync(descriptor);
    throw error;
  }
}

/** Takes the first `end` stored numbers, sample after sample, to what a model receives. */
export function normalize(samples: Float32Array, end: number, { normalization, scale, offset }: DatasetMeta): void {
  if (!normalization) {
    if (scale !== 1 || offset !== 0) for (let i = 0; i < end; i++) samples[i] = samples[i]! * scale + offset;
    return;
  }
  const { mean, deviation } = normalization;
  const channels = mean.length;
  for (let i = 0, channel = 0; i < end; i++) {
    samples[i] = (samples[i]! * scale + offset - mean[channel]!) / deviation[channel]!;
    if (++channel === channels) channel = 0;
  }
}

function readParts(file: string, meta: DatasetMeta): Uint8Array | null {
  if (!meta.parts) return null;
  const column = openColumn(file, meta.rows);
  try {
    const one = new Float32Array(1);
    return Uint8Array.from({ length: meta.rows }, (_, row) => {
      column.copy(row, one, 0);
      return one[0]!;
    });
  } finally {
    column.close();
  }
}

function readMeta(ref: DatasetRef): DatasetMeta {
  const file = path.join(ref.dir, 'meta.json');
  let meta: DatasetMeta;
  try {
    meta = datasetMetaSchema.parse(JSON.parse(fs.readFileSync(file, 'utf8')));
  } catch (error) {
    throw new AppError(
      'datasetCorrupt',
      `The dataset ${ref.id} cannot be read from ${ref.dir}: ${(error as Error).message}. Import it again.`,
      { cause: error },
    );
  }
  if (meta.hash !== ref.hash) {
    throw new AppError(
      'datasetCorrupt',
      `The folder ${ref.dir} holds other data than the run was created with. Import the dataset again.`,
    );
  }
  return meta;
}

/** Opens a dataset folder. Throws AppError `datasetCorrupt` when files are missing, cut off or of other content. */
export function openDataset(ref: DatasetRef): OpenDataset {
  const meta = readMeta(ref);
  const samples = openColumn(path.join(ref.dir, 'x.npy'), meta.rows);
  let targets: Column;
  let parts: Uint8Array | null;
  try {
    parts = readParts(path.join(ref.dir, 'parts.npy'), meta);
    targets = openColumn(path.join(ref.dir, 'y.npy'), meta.rows);
  } catch (error) {
    samples.close();
    throw error;
  }
  const classCount = meta.classes.length;
  const oneIndex = new Float32Array(1);
  return {
    meta,
    targetSize: targets.rowSize,
    parts,
    readSamples(rows, into) {
      for (let i = 0; i < rows.length; i++) samples.copy(rows[i]!, into, i * samples.rowSize);
      normalize(into, rows.length * samples.rowSize, meta);
    },
    readTargets(rows, into) {
      if (meta.task === 'regression') {
        for (let i = 0; i < rows.length; i++) targets.copy(rows[i]!, into, i * targets.rowSize);
        return;
      }
      into.fill(0, 0, rows.length * classCount);
      for (let i = 0; i < rows.length; i++) {
        targets.copy(rows[i]!, oneIndex, 0);
        into[i * classCount + oneIndex[0]!] = 1;
      }
    },
    close() {
      samples.close();
      targets.close();
    },
  };
}
