import { createHash } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { datasetMetaSchema, type DatasetMeta, type DatasetRef } from '../../core/contract/datasets.ts';
import { AppError } from '../../core/errors.ts';
import { nextTurn } from '../../node/pacing.ts';
import type { DatasetContent, DatasetFacts } from './datasetContent.ts';
import { npyDataOffset, npyHeader, npyType } from './npyHeader.ts';
import { syncFolder } from './syncFolder.ts';

const bytesOf = (numbers: ArrayBufferView): Uint8Array =>
  new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);

/** What is kept aside in memory while hashing, so that other work gets its turn. */
const bytesPerTurn = 4 * 2 ** 20;

interface StoredColumn {
  type: string;
  bytes: Uint8Array;
}
const columnOf = (numbers: DatasetContent['x'] | DatasetContent['y']): StoredColumn => ({
  type: npyType(numbers),
  bytes: bytesOf(numbers),
});

/** sha256 over the shapes, types and bytes of x and y, in hex. */
async function contentHash(
  { rows, shape }: Pick<DatasetFacts, 'rows' | 'shape'>,
  { x, y, targetSize }: { x: StoredColumn; y: StoredColumn; targetSize: number },
): Promise<string> {
  const hash = createHash('sha256');
  hash.update(JSON.stringify({ x: [x.type, rows, ...shape], y: [y.type, rows, targetSize] }));
  for (const { bytes } of [x, y]) {
    for (let at = 0; at < bytes.length; at += bytesPerTurn) {
      hash.update(bytes.subarray(at, at + bytesPerTurn));
      await nextTurn();
    }
  }
  return hash.digest('hex');
}

async function writeDurably(file: string, parts: readonly Uint8Array[]): Promise<void> {
  const handle = await open(file, 'wx');
  try {
    for (const part of parts) await handle.writeFile(part);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Writes a dataset as a canonical folder `<parent>/<hash>`: meta.json, x.npy [rows, ...shape], y.npy [rows] or
 * [rows, targetSize]. A folder of that hash is complete or not there at all. Equal content is written once.
 */
export async function writeDatasetFolder(
  parent: string,
  facts: DatasetFacts,
  content: DatasetContent,
): Promise<DatasetMeta> {
  const { x, y, targetSize } = content;
  const rowSize = facts.shape.reduce((product, size) => product * size, 1);
  if (x.length !== facts.rows * rowSize || y.length !== facts.rows * targetSize) {
    throw new AppError(
      'shapeMismatch',
      `Dataset "${facts.id}": ${facts.rows} rows of ${rowSize} need ${facts.rows * rowSize} numbers and ${facts.rows * targetSize} targets, ` +
        `but there are ${x.length} and ${y.length}.`,
    );
  }
  const meta: DatasetMeta = {
    version: 1,
    ...facts,
    dtype: x instanceof Uint8Array ? 'uint8' : 'float32',
    hash: await contentHash(facts, { x: columnOf(x), y: columnOf(y), targetSize }),
  };
  const target = path.join(parent, meta.hash);
  const isThere = await readDatasetMeta(target).then(
    (found) => found.id === meta.id,
    () => false,
  );
  if (isThere && (await isDatasetFolderWhole({ id: meta.id, hash: meta.hash, dir: target }))) return meta;
  await mkdir(parent, { recursive: true });
  const temporary = path.join(parent, `.${meta.hash}.${process.pid}.tmp`);
  await rm(temporary, { recursive: true, force: true });
  try {
    await mkdir(temporary);
    const targetShape = targetSize === 1 ? [facts.rows] : [facts.rows, targetSize];
    await writeDurably(path.join(temporary, 'x.npy'), [
      npyHeader(npyType(x), [facts.rows, ...facts.shape]),
      bytesOf(x),
    ]);
    await writeDurably(path.join(temporary, 'y.npy'), [npyHeader(npyType(y), targetShape), bytesOf(y)]);
    await writeDurably(path.join(temporary, 'meta.json'), [
      new TextEncoder().encode(`${JSON.stringify(meta, null, 2)}\n`),
    ]);
    await syncFolder(temporary);
    await rm(target, { recursive: true, force: true });
    await rename(temporary, target);
    await syncFolder(parent);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
  }
  return meta;
}

/** Reads and checks `meta.json`. Throws AppError `datasetCorrupt` naming the folder. */
export async function readDatasetMeta(dir: string): Promise<DatasetMeta> {
  try {
    return datasetMetaSchema.parse(JSON.parse(await readFile(path.join(dir, 'meta.json'), 'utf8')));
  } catch (error) {
    throw new AppError(
      'datasetCorrupt',
      `The dataset folder ${dir} cannot be read: its meta.json is missing or damaged. Remove the folder and import the dataset again.`,
      { details: { path: dir }, cause: error },
    );
  }
}

/** Larger files are looked at from outside only, so that starting a run does not read gigabytes. */
const largestReadBytes = 64 * 2 ** 20;

async function readColumn(file: string, type: string): Promise<StoredColumn> {
  const bytes = await readFile(file);
  return { type, bytes: bytes.subarray(npyDataOffset(bytes)) };
}

/** Whether a dataset's folder is there and holds what its name says; of large files only the size is compared. */
export async function isDatasetFolderWhole(ref: DatasetRef): Promise<boolean> {
  try {
    const meta = await readDatasetMeta(ref.dir);
    if (meta.hash !== ref.hash) return false;
    const files = { x: path.join(ref.dir, 'x.npy'), y: path.join(ref.dir, 'y.npy') };
    const [xBytes, yBytes] = [(await stat(files.x)).size, (await stat(files.y)).size];
    const rowSize = meta.shape.reduce((product, size) => product * size, 1);
    const xType = meta.dtype === 'uint8' ? '|u1' : '<f4';
    const header = npyHeader(xType, [meta.rows, ...meta.shape]);
    const isRightSize = xBytes === header.length + meta.rows * rowSize * (xType === '|u1' ? 1 : 4);
    if (!isRightSize || yBytes < meta.rows * 4) return false;
    if (xBytes + yBytes > largestReadBytes) return true;
    const x = await readColumn(files.x, xType);
    const y = await readColumn(files.y, meta.task === 'classes' ? '<i4' : '<f4');
    return (await contentHash(meta, { x, y, targetSize: y.bytes.length / 4 / meta.rows })) === meta.hash;
  } catch {
    return false;
  }
}
