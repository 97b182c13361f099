import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import zlib from 'node:zlib';
import type { DatasetRef } from '../../../src/core/contract/datasets.ts';

/** A .npy file of the kind dataset folders hold, version 1.0, C order. */
export function npyBytes(
  descr: string,
  shape: readonly number[],
  numbers: Uint8Array | Int32Array | Float32Array,
): Buffer {
  const dims = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${dims}), }`;
  const padded = `${text.padEnd(64 * Math.ceil((text.length + 11) / 64) - 11)}\n`;
  const head = Buffer.alloc(10);
  head.write('\x93NUMPY\x01\x00', 'latin1');
  head.writeUInt16LE(padded.length, 8);
  return Buffer.concat([
    head,
    Buffer.from(padded, 'latin1'),
    Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength),
  ]);
}

/** Writes a dataset folder into a fresh temporary folder; the caller removes `ref.dir`. */
export function writeDatasetFolder(
  samples: { descr: '|u1' | '<f4'; shape: number[]; numbers: Uint8Array | Float32Array; scale: number },
  targets: { classes: string[]; numbers: Int32Array | Float32Array },
): DatasetRef {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'lp-dataset-'));
  const [rows, ...shape] = samples.shape;
  const x = npyBytes(samples.descr, samples.shape, samples.numbers);
  const y = npyBytes(targets.numbers instanceof Int32Array ? '<i4' : '<f4', [rows!], targets.numbers);
  const hash = createHash('sha256').update(x).update(y).digest('hex');
  const meta = {
    version: 1,
    id: 'test',
    name: 'Test',
    description: '',
    task: targets.classes.length > 0 ? 'classes' : 'regression',
    rows,
    shape,
    dtype: samples.descr === '|u1' ? 'uint8' : 'float32',
    scale: samples.scale,
    offset: 0,
    classes: targets.classes,
    hash,
    source: '',
    license: '',
  };
  fs.writeFileSync(path.join(dir, 'x.npy'), x);
  fs.writeFileSync(path.join(dir, 'y.npy'), y);
  fs.writeFileSync(path.join(dir, 'meta.json'), JSON.stringify(meta));
  return { id: 'test', dir, hash };
}

/** The bundled digits as a dataset folder. */
export function writeDigitsFolder(): DatasetRef {
  const file = path.resolve(import.meta.dirname, '../../../resources/datasets/digits.csv.gz');
  const lines = zlib
    .gunzipSync(fs.readFileSync(file))
    .toString('latin1')
    .trim()
    .split('\n')
    .map((line) => line.split(',').map(Number));
  const pixels = Uint8Array.from(lines.flatMap((line) => line.slice(0, 64)));
  const labels = Int32Array.from(lines, (line) => line[64]!);
  return writeDatasetFolder(
    { descr: '|u1', shape: [lines.length, 8, 8, 1], numbers: pixels, scale: 1 / 16 },
    { classes: Array.from({ length: 10 }, (_, digit) => String(digit)), numbers: labels },
  );
}
