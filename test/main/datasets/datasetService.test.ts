import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { DatasetMeta, DatasetRef } from '../../../src/core/contract/datasets.ts';
import { createDatasetService, type DatasetService } from '../../../src/main/datasets/datasetService.ts';
import { writeDatasetFolder } from '../../../src/main/datasets/datasetFolder.ts';
import { openStorage, type Storage } from '../../../src/main/storage/openStorage.ts';
import { asStorageError } from '../../../src/main/storage/storageErrors.ts';
import { refusal, temporaryFolders } from '../services/testApp.ts';

const resourcesDir = path.resolve(import.meta.dirname, '../../../resources');
const folders = temporaryFolders();
afterAll(folders.remove);

let dataDir: string;
let datasetsDir: string;
let storage: Storage;
beforeEach(() => {
  dataDir = folders.create();
  datasetsDir = path.join(dataDir, 'datasets');
  storage = openStorage({ dataDir, readOnly: false });
  return () => storage.close();
});

const service = (resources = resourcesDir): DatasetService =>
  createDatasetService({
    datasetsDir,
    resourcesDir: resources,
    store: storage.datasets,
    nowMs: () => 5,
    explain: asStorageError,
  });

interface Npy {
  type: string;
  shape: number[];
  numbers: number[];
}

/** A .npy file, read after the description of the format and not with the code under test. */
function readNpy(file: string): Npy {
  const bytes = readFileSync(file);
  if (bytes.toString('latin1', 0, 8) !== '\x93NUMPY\x01\x00') throw new Error(`${file} is no .npy file of version 1.0`);
  const begin = 10 + bytes.readUInt16LE(8);
  const header = bytes.toString('latin1', 10, begin);
  const [, type = '', order, shape = ''] =
    /^\{'descr': '([^']+)', 'fortran_order': (True|False), 'shape': \(([\d, ]*)\), \} *\n$/.exec(header) ?? [];
  if (order !== 'False' || begin % 64 !== 0) throw new Error(`numpy would map ${file} otherwise: ${header}`);
  const size = type === '|u1' ? 1 : 4;
  const read = (at: number): number =>
    type === '|u1' ? bytes.readUInt8(at) : type === '<i4' ? bytes.readInt32LE(at) : bytes.readFloatLE(at);
  return {
    type,
    shape: shape
      .split(',')
      .filter((part) => part.trim() !== '')
      .map(Number),
    numbers: Array.from({ length: (bytes.length - begin) / size }, (_, i) => read(begin + i * size)),
  };
}

const metaOf = ({ dir }: DatasetRef): DatasetMeta =>
  JSON.parse(readFileSync(path.join(dir, 'meta.json'), 'utf8')) as DatasetMeta;
const columnsOf = ({ dir }: DatasetRef): { x: Npy; y: Npy } => ({
  x: readNpy(path.join(dir, 'x.npy')),
  y: readNpy(path.join(dir, 'y.npy')),
});

describe('digits', () => {
  it('hold exactly the numbers of the bundled file', async () => {
    const ref = await service().ensure('digits');
    const { x, y } = columnsOf(ref);
    const rows = gunzipSync(readFileSync(path.join(resourcesDir, 'datasets/digits.csv.gz')))
      .toString()
      .trim()
      .split('\n')
      .map((line) => line.split(',').map(Number));
    expect(rows).toHaveLength(1_797);
    expect(x).toEqual({ type: '|u1', shape: [1_797, 8, 8, 1], numbers: rows.flatMap((row) => row.slice(0, 64)) });
    expect(y).toEqual({ type: '<i4', shape: [1_797], numbers: rows.map((row) => row[64]) });
    expect(metaOf(ref)).toMatchObject({ task: 'classes', scale: 1 / 16, offset: 0, license: 'CC BY 4.0' });
    const counts = Array.from({ length: 10 }, (_, digit) => y.numbers.filter((label) => label === digit).length);
    // as scikit-learn's load_digits has them
    expect(counts).toEqual([178, 182, 177, 183, 181, 182, 181, 179, 174, 180]);
  });

  it.each([
    { what: 'cut short', spoil: (bytes: Buffer) => bytes.subarray(0, 1_000) },
    { what: 'no archive', spoil: () => Buffer.from('hello') },
  ])('a bundled file that is $what is named, and nothing is left behind', async ({ spoil }) => {
    const resources = folders.create();
    mkdirSync(path.join(resources, 'datasets'));
    const file = path.join(resources, 'datasets/digits.csv.gz');
    writeFileSync(file, spoil(readFileSync(path.join(resourcesDir, 'datasets/digits.csv.gz'))));
    const { code, message } = await refusal(service(resources).ensure('digits'));
    expect(code).toBe('datasetCorrupt');
    expect(message).toContain(`${file} is damaged: `);
    expect(storage.datasets.list()).toEqual([]);
    expect(() => readdirSync(datasetsDir)).toThrow('ENOENT');
  });
});

describe('every built-in dataset', () => {
  // a change of these numbers changes what stored runs were trained on: it needs another recipe
  const hashes: Record<string, string> = {
    digits: 'd6d2afae1c50c7032019dec5273863d87d9fdd7a56079609121c266f161d1f95',
    spirals: '79f828e8b73e72d670cda4683a4613c7cc6a0b374acc05c7133b97b65571506c',
    blobs: '3839fbe0f424a8e7b54787550e5f7601b62e6b45c75b6af40aab902a0073b342',
    'quadratic-noise': '11228e808168053e77930024738cbc00b9b5c8e3f2c100c2764994ae688bc0e2',
  };

  it('is known by its hash', () => {
    expect(
      service()
        .list()
        .map(({ id }) => id)
        .toSorted(),
    ).toEqual(Object.keys(hashes).toSorted());
  });

  it.each(Object.entries(hashes))(
    '%s is the same on every machine, finite and of the shape it says',
    async (id, hash) => {
      const ref = await service().ensure(id);
      expect(ref).toEqual({ id, hash, dir: path.join(datasetsDir, hash) });
      const meta = metaOf(ref);
      const { x, y } = columnsOf(ref);
      expect(x.shape).toEqual([meta.rows, ...meta.shape]);
      expect(x.numbers).toHaveLength(meta.rows * meta.shape.reduce((a, b) => a * b, 1));
      expect(y.numbers).toHaveLength(meta.rows);
      expect([...x.numbers, ...y.numbers].every(Number.isFinite)).toBe(true);
      expect(meta.classes.length === 0 || y.numbers.every((label) => label in meta.classes)).toBe(true);
      expect(storage.datasets.get(id)).toMatchObject({ meta, createdAtMs: 5 });
      // the hash is what it says to be: over types, shapes and bytes
      const bytes = (name: string): Buffer => {
        const file = readFileSync(path.join(ref.dir, name));
        return file.subarray(10 + file.readUInt16LE(8));
      };
      const head = JSON.stringify({ x: [x.type, ...x.shape], y: [y.type, meta.rows, 1] });
      const digest = createHash('sha256').update(head).update(bytes('x.npy')).update(bytes('y.npy')).digest('hex');
      expect(digest).toBe(hash);
    },
  );
});

it('quadratic noise has the condition number it names', async () => {
  const { x } = columnsOf(await service().ensure('quadratic-noise'));
  const deviation = (feature: number): number =>
    Math.sqrt(x.numbers.filter((_, i) => i % 20 === feature).reduce((sum, value) => sum + value * value, 0) / 2_000);
  expect((deviation(0) / deviation(19)) ** 2 / 10_000).toBeCloseTo(1, 0);
});

describe('the folder of a dataset', () => {
  it('is made once, whoever asks at the same time', async () => {
    const datasets = service();
    const refs = await Promise.all(Array.from({ length: 10 }, () => datasets.ensure('blobs')));
    expect(new Set(refs.map(({ dir }) => dir)).size).toBe(1);
    expect(readdirSync(datasetsDir)).toEqual([refs[0]!.hash]);
    const before = statSync(path.join(refs[0]!.dir, 'x.npy'));
    await service().ensure('blobs');
    expect(statSync(path.join(refs[0]!.dir, 'x.npy')).ino).toBe(before.ino);
  });

  const flip = (file: string): void => {
    const bytes = readFileSync(file);
    bytes[bytes.length - 3]! ^= 0x40;
    writeFileSync(file, bytes);
  };
  it.each([
    { what: 'lost a file', damage: (dir: string) => rmSync(path.join(dir, 'x.npy')) },
    { what: 'lost its end', damage: (dir: string) => truncateSync(path.join(dir, 'y.npy'), 200) },
    { what: 'has another number in x', damage: (dir: string) => flip(path.join(dir, 'x.npy')) },
    { what: 'has another number in y', damage: (dir: string) => flip(path.join(dir, 'y.npy')) },
    { what: 'has an unreadable meta.json', damage: (dir: string) => writeFileSync(path.join(dir, 'meta.json'), '{') },
    { what: 'is gone', damage: (dir: string) => rmSync(dir, { recursive: true }) },
    {
      what: 'is a file',
      damage(dir: string) {
        rmSync(dir, { recursive: true });
        writeFileSync(dir, '');
      },
    },
  ])('is made again when it $what', async ({ damage }) => {
    const ref = await service().ensure('spirals');
    const whole = columnsOf(ref);
    damage(ref.dir);
    expect(await service().ensure('spirals')).toEqual(ref);
    expect(columnsOf(ref)).toEqual(whole);
    expect(readdirSync(datasetsDir)).toEqual([ref.hash]);
  });

  it('that cannot be written is refused with its place', async () => {
    writeFileSync(datasetsDir, '');
    const { code, message } = await refusal(service().ensure('blobs'));
    expect(code).toBe('dataDirNotWritable');
    expect(message).toContain(datasetsDir);
    expect(storage.datasets.list()).toEqual([]);
  });

  it('is not written for numbers that do not fit their shape', async () => {
    const facts = { ...metaOf(await service().ensure('spirals')), id: 'odd', rows: 3, shape: [2] };
    const content = { x: new Float32Array(5), y: new Int32Array(3), targetSize: 1 };
    const before = readdirSync(datasetsDir);
    expect(await refusal(writeDatasetFolder(datasetsDir, facts, content))).toEqual({
      code: 'shapeMismatch',
      message: 'Dataset "odd": 3 rows of 2 need 6 numbers and 3 targets, but there are 5 and 3.',
    });
    expect(readdirSync(datasetsDir)).toEqual(before);
  });
});

it('an unknown dataset is refused with the nearest name', async () => {
  expect(await refusal(service().ensure('spiral'))).toMatchObject({
    code: 'unknownDataset',
    message: expect.stringContaining('There is no dataset "spiral"; did you mean "spirals"?'),
  });
});
