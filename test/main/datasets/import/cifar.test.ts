import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import type { AppError } from '../../../../src/core/errors.ts';
import { unpickle } from '../../../../src/main/datasets/import/pickle/unpickle.ts';
import { importerHere } from './importerHere.ts';
import { importPlace } from './importHere.ts';

/** Archives of the layouts that are downloaded, with pixels and labels by formulas, made by Python (make.py). */
const golden = path.resolve(import.meta.dirname, '../../../golden/images');
const file = (name: string): string => path.join(golden, name);
const place = importPlace();
const { failureFor } = importerHere(path.join(place.dir, 'data'));
afterAll(() => place.remove());

const perFile = 6;
const planes = (batch: number): number[] =>
  Array.from({ length: perFile * 3_072 }, (_, i) => (i * 37 + batch * 101 + Math.floor(i / 3_072) * 13) % 256);
const labels = (batch: number, classes: number): number[] =>
  Array.from({ length: perFile }, (_, i) => (batch * 3 + i * 7) % classes);
/** [rows, 3, 32, 32] as [rows, 32, 32, 3] */
const pixels = (batch: number): number[] => {
  const from = planes(batch);
  return Array.from({ length: from.length }, (_, i) => {
    const [image, pixel, channel] = [Math.floor(i / 3_072), Math.floor((i % 3_072) / 3), i % 3];
    return from[image * 3_072 + channel * 1_024 + pixel]!;
  });
};
const names10 = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'];

describe.each(['cifar-10-python.tar.gz', 'cifar-10-binary.tar.gz'])('%s', (name) => {
  it('is CIFAR-10 with its own test part', async () => {
    const { x, y, parts, meta, record } = await place.importHere(file(name));
    expect(meta).toMatchObject({ rows: 36, shape: [32, 32, 3], dtype: 'uint8', scale: 1 / 255, classes: names10 });
    expect(meta.parts).toEqual({ train: 30, validation: 0, test: 6 });
    expect([...parts!]).toEqual([...Array<number>(30).fill(0), ...Array<number>(6).fill(2)]);
    expect([...y]).toEqual([0, 1, 2, 3, 4, 5].flatMap((batch) => labels(batch, 10)));
    expect([...x]).toEqual([0, 1, 2, 3, 4, 5].flatMap(pixels));
    expect(record.format).toMatch(/^CIFAR-10, (?:binary|Python pickles), tar, gzip$/);
  });

  it('is the same dataset in a folder', async () => {
    const dir = path.join(place.dir, `unpacked-${name}`);
    fs.mkdirSync(dir);
    execFileSync('tar', ['-xzf', file(name), '-C', dir]);
    const [packed, unpacked] = [await place.importHere(file(name)), await place.importHere(dir)];
    expect(unpacked.meta.hash).toBe(packed.meta.hash);
  });

  it('shows images of each class before', async () => {
    const found = await place.inspectHere(file(name));
    expect(found).toMatchObject({
      kind: 'images',
      rows: 36,
      guess: { images: { width: 32, height: 32, channels: 3 } },
    });
    expect(found.classes.map((each) => each.name)).toEqual(names10);
    expect(found.images!.samples.length).toBeGreaterThan(20);
    expect(found.guess.split).toMatchObject({ kind: 'fixed' });
  });
});

describe('both forms of CIFAR-10 and of CIFAR-100', () => {
  it('are the same dataset', async () => {
    for (const kind of ['10', '100']) {
      const [binary, pickled] = await Promise.all(
        ['binary', 'python'].map((form) => place.importHere(file(`cifar-${kind}-${form}.tar.gz`))),
      );
      expect(pickled!.meta.hash).toBe(binary!.meta.hash);
    }
  });

  it('have fine labels or, by choice, coarse ones', async () => {
    for (const form of ['binary', 'python']) {
      const fine = await place.importHere(file(`cifar-100-${form}.tar.gz`));
      // "test" comes before "train"
      expect([...fine.y]).toEqual([1, 0].flatMap((batch) => labels(batch, 100)));
      expect(fine.meta.classes).toHaveLength(100);
      expect(fine.meta.classes[7]).toBe('fine07');
      const coarse = await place.importHere(file(`cifar-100-${form}.tar.gz`), { target: 'coarse' });
      expect([...coarse.y]).toEqual([1, 0].flatMap((batch) => labels(batch, 20)));
      expect(coarse.meta.classes[19]).toBe('coarse19');
      const failure = await failureFor(file(`cifar-100-${form}.tar.gz`), { target: 'colour' });
      expect(failure).toMatchObject({
        code: 'badUsage',
        message: expect.stringContaining('it has fine_labels, coarse_labels'),
      });
    }
  });
});

describe('pickles', () => {
  it.each([0, 1, 2, 3, 4, 5])('of protocol %i as Python 3 and NumPy write them', async (protocol) => {
    const { x, y } = await place.importHere(file(`protocol${protocol}.pickle`));
    expect([...y]).toEqual(labels(0, 10));
    expect([...x]).toEqual(pixels(0));
  });

  it('with single NumPy numbers as labels', async () => {
    expect([...(await place.importHere(file('scalars.pickle'))).y]).toEqual(labels(0, 10));
  });

  it.each(['harm0.pickle', 'harm2.pickle', 'harm4.pickle'])('that call os.system are not run: %s', async (name) => {
    const failure = await failureFor(file(name));
    expect(failure).toMatchObject({
      code: 'unsafeArchive',
      message: expect.stringMatching(/would run posix\.system when Python loads it; it was not run/),
    });
    expect(fs.existsSync('harmed')).toBe(false);
  });

  it('that evaluate text or make objects are refused', async () => {
    expect(await failureFor(file('eval.pickle'))).toMatchObject({
      code: 'unsafeArchive',
      message: expect.stringContaining('would run builtins.eval'),
    });
    expect(await failureFor(file('object.pickle'))).toMatchObject({ code: 'unsafeArchive' });
  });

  it('of other data are told apart', async () => {
    expect(await failureFor(file('other.pickle'))).toMatchObject({
      code: 'unknownFormat',
      message: expect.stringContaining('numpy.savez'),
    });
  });

  it('can name nothing of ours: prototypes, constructors and functions are out of reach', () => {
    const global = (module: string, name: string): Uint8Array =>
      Buffer.from(`\x80\x02c${module}\n${name}\n)R.`, 'latin1');
    for (const [module, name] of [
      ['__proto__', 'constructor'],
      ['constructor', 'constructor'],
      ['numpy', 'toString'],
      ['', ''],
      ['numpy.core.multiarray', '__proto__'],
    ] as const) {
      expect(() => unpickle(global(module, name), { file: 'x' })).toThrow(/would run/);
    }
    const keys = Buffer.from('\x80\x02}(U\x09__proto__}U\x08pollutedK\x01u.', 'latin1');
    expect(unpickle(keys, { file: 'x' })).toBeInstanceOf(Map);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

describe('damaged CIFAR files', () => {
  const unpacked = (name: string, entry: string): Buffer => {
    const dir = path.join(place.dir, `entry-${entry}`);
    fs.mkdirSync(dir, { recursive: true });
    execFileSync('tar', ['-xzf', file(name), '-C', dir]);
    return fs.readFileSync(
      path.join(dir, name.includes('python') ? 'cifar-10-batches-py' : 'cifar-10-batches-bin', entry),
    );
  };
  const failureWith = async (name: string, bytes: Uint8Array): Promise<AppError> => {
    const target = path.join(place.dir, name);
    fs.writeFileSync(target, bytes);
    return failureFor(target);
  };

  it('are refused with the place', async () => {
    const binary = unpacked('cifar-10-binary.tar.gz', 'data_batch_1.bin');
    expect(await failureWith('data_batch_1.bin', binary.subarray(0, -100))).toMatchObject({
      code: 'fileUnreadable',
      message: expect.stringMatching(/data_batch_1\.bin: its 18,338 bytes are no whole number of CIFAR images/),
    });
    const pickled = unpacked('cifar-10-python.tar.gz', 'data_batch_1');
    expect(await failureWith('data_batch_1', pickled.subarray(0, 9_000))).toMatchObject({
      code: 'fileUnreadable',
      message: expect.stringMatching(/its pickle data is damaged: it is cut off \(at byte \d+\)/),
    });
    const packed = fs.readFileSync(file('cifar-10-binary.tar.gz'));
    expect(await failureWith('cut.tar.gz', packed.subarray(0, 800))).toMatchObject({ code: 'fileUnreadable' });
    const tar = zlib.gunzipSync(packed);
    expect(await failureWith('cut.tar', tar.subarray(0, 60_000))).toMatchObject({ code: 'fileUnreadable' });
  });

  it('are refused when labels and images are not as many, or a label is no class', async () => {
    const pickled = unpacked('cifar-10-python.tar.gz', 'data_batch_2');
    const at = pickled.indexOf(Buffer.from(']q\x07(', 'latin1'));
    const fewer = Buffer.concat([pickled.subarray(0, at + 4), pickled.subarray(at + 6)]);
    expect(await failureWith('data_batch_2', fewer)).toMatchObject({
      code: 'fileUnreadable',
      message: expect.stringContaining('it has 6 images and 5 labels'),
    });
    const wrong = Buffer.from(pickled);
    wrong[at + 4] = 'N'.charCodeAt(0);
    wrong[at + 5] = '0'.charCodeAt(0);
    wrong[at + 5] = 'N'.charCodeAt(0);
    expect(await failureWith('data_batch_2', wrong)).toMatchObject({ code: 'fileUnreadable' });
  });
});
