import fs from 'node:fs';
import path from 'node:path';
import { noAugmentation } from '../../core/augmentation/catalogue.ts';
import { datasetMetaSchema, type DatasetMeta, type DatasetRef } from '../../core/contract/datasets.ts';
import { AppError } from '../../core/errors.ts';
import { createFillSamples } from './fillSamples.ts';
import { openLinkedImages } from './linkedImages.ts';
import { openNumberFile, type NumberFile } from './numberFile.ts';
import { numberFileSource, type SampleSource } from './sampleSource.ts';

/** A canonical dataset folder, opened. Rows are read by position. Whoever opened it closes it. */
export interface OpenDataset {
  ref: DatasetRef;
  meta: DatasetMeta;
  /** numbers of one target row: 1 for class indices */
  targetSize: number;
  samples: SampleSource;
  /** Writes samples as a model receives them, one after the other, without augmentation. */
  readSamples(rows: ArrayLike<number>, into: Float32Array): void | Promise<void>;
  /** Writes target rows into `into`: one-hot over classes, or the numbers of a regression. */
  readTargets(rows: ArrayLike<number>, into: Float32Array): void;
  /** part of every row (0 train, 1 validation, 2 test); null when the dataset has no parts of its own */
  parts: Uint8Array | null;
  close(): void;
}

function readParts(file: string, meta: DatasetMeta): Uint8Array | null {
  if (!meta.parts) return null;
  const column = openNumberFile(file, meta.rows);
  try {
    return Uint8Array.from({ length: meta.rows }, (_, row) => column.read(row)[0]!);
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

function openSamples(dir: string, meta: DatasetMeta): SampleSource {
  return meta.linked
    ? openLinkedImages(dir, meta, meta.linked)
    : numberFileSource(openNumberFile(path.join(dir, 'x.npy'), meta.rows));
}

/** Opens a dataset folder. Throws AppError `datasetCorrupt` when files are missing, cut off or of other content. */
export function openDataset(ref: DatasetRef): OpenDataset {
  const meta = readMeta(ref);
  const samples = openSamples(ref.dir, meta);
  let targets: NumberFile;
  let parts: Uint8Array | null;
  try {
    parts = readParts(path.join(ref.dir, 'parts.npy'), meta);
    targets = openNumberFile(path.join(ref.dir, 'y.npy'), meta.rows);
  } catch (error) {
    samples.close();
    throw error;
  }
  const classCount = meta.classes.length;
  const fillSamples = createFillSamples(meta, samples, noAugmentation, 0);
  return {
    ref,
    meta,
    targetSize: targets.rowSize,
    samples,
    readSamples: (rows, into) => fillSamples(rows, null, into),
    parts,
    readTargets(rows, into) {
      if (meta.task === 'regression') {
        for (let i = 0; i < rows.length; i++) into.set(targets.read(rows[i]!), i * targets.rowSize);
        return;
      }
      into.fill(0, 0, rows.length * classCount);
      for (let i = 0; i < rows.length; i++) into[i * classCount + targets.read(rows[i]!)[0]!] = 1;
    },
    close() {
      samples.close();
      targets.close();
    },
  };
}
