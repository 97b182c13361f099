import { createWriteStream } from 'node:fs';
import { access, open, rename } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';
import type { DatasetMeta, ExportFormat } from '../../../core/contract/datasets.ts';
import { AppError } from '../../../core/errors.ts';
import { readDatasetMeta } from '../datasetFolder.ts';
import { csvLines } from './csvLines.ts';

export interface ExportJob {
  /** folder of the dataset */
  dir: string;
  path: string;
  /** where it is written until it is whole; whoever called removes it when this fails */
  partial: string;
  format: ExportFormat;
  overwrite: boolean;
}

/** Entries carry this time, so that the same dataset makes the same file. */
const entryTime = new Date(Date.UTC(2000, 0, 1));

async function writeNpz(dir: string, meta: DatasetMeta, partial: string): Promise<void> {
  const zip = new ZipFile();
  const names = ['x.npy', 'y.npy', ...(meta.parts ? ['parts.npy'] : [])];
  for (const name of names) zip.addFile(path.join(dir, name), name, { compress: false, mtime: entryTime });
  const failed = new Promise<never>((_resolve, reject) => zip.once('error', reject));
  zip.end();
  await Promise.race([
    pipeline(zip.outputStream as unknown as Readable, createWriteStream(partial, { flags: 'wx' })),
    failed,
  ]);
}

async function writeCsv(
  dir: string,
  meta: DatasetMeta,
  partial: string,
  onRows: (rows: number) => void,
): Promise<void> {
  await pipeline(Readable.from(csvLines(dir, meta, onRows)), createWriteStream(partial, { flags: 'wx' }));
}

/**
 * Writes a dataset to one file: npz with x, y and the parts as they are stored, or CSV with the values a sample means (before
 * normalisation), class names and the name of its part. Throws `conflict` when the file is there and may not be replaced.
 */
export async function exportDataset(
  { dir, path: target, partial, format, overwrite }: ExportJob,
  onRows: (share: number, rows: number) => void,
): Promise<{ path: string; bytes: number }> {
  const isThere = await access(target).then(
    () => true,
    () => false,
  );
  if (isThere && !overwrite) {
    throw new AppError('conflict', `${target} is there already: choose another name, or have it replaced.`, {
      details: { path: target },
    });
  }
  const meta = await readDatasetMeta(dir);
  if (meta.linked) {
    throw new AppError(
      'wrongState',
      `The images of "${meta.id}" stay where they are, in ${meta.linked.root}, and would be exported decoded and many times larger: use them from there, or import the folder as a copy and export that.`,
      { details: { id: meta.id } },
    );
  }
  if (format === 'npz') await writeNpz(dir, meta, partial);
  else await writeCsv(dir, meta, partial, (rows) => onRows(rows / meta.rows, rows));
  const file = await open(partial, 'r+');
  let bytes: number;
  try {
    await file.sync();
    bytes = (await file.stat()).size;
  } finally {
    await file.close();
  }
  await rename(partial, target);
  return { path: target, bytes };
}
