import fs from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { AppError } from '../../../../src/core/errors.ts';
import { createGenerator, type Generator } from '../../../../src/core/random/generator.ts';
import { cifarBatchOf, cifarNamesOf } from '../../../../src/main/datasets/import/pickle/cifarPickle.ts';
import { unpickle } from '../../../../src/main/datasets/import/pickle/unpickle.ts';
import { decodeImage, readImageFacts } from '../../../../src/node/images/decodeImage.ts';
import { ImageProblem } from '../../../../src/node/images/imageProblem.ts';
import { importPlace } from './importHere.ts';

const golden = path.resolve(import.meta.dirname, '../../../golden/images');
const files = fs.readdirSync(golden);
const place = importPlace();
afterAll(() => place.remove());

/** Every mutation follows from the seed, so that a failure can be repeated by its number. */
function mutated(original: Uint8Array, random: Generator): Uint8Array {
  const bytes = Uint8Array.from(original);
  const at = (): number => random.nextInt(bytes.length);
  switch (random.nextInt(7)) {
    case 0:
      return bytes.subarray(0, at());
    case 1: {
      const [start, length] = [at(), random.nextInt(64)];
      return Buffer.concat([bytes.subarray(0, start), bytes.subarray(start, start + length), bytes.subarray(start)]);
    }
    case 2: {
      const start = at();
      return Buffer.concat([bytes.subarray(0, start), bytes.subarray(start + 1 + random.nextInt(16))]);
    }
    case 3: {
      // headers are where numbers decide how much is taken
      const start = random.nextInt(Math.min(bytes.length, 64));
      bytes.fill(random.nextInt(2) === 0 ? 255 : 0, start, start + 4);
      return bytes;
    }
    case 4:
      return Buffer.concat([bytes, Uint8Array.from({ length: random.nextInt(100) }, () => random.nextInt(256))]);
    default: {
      for (let i = 0; i <= random.nextInt(8); i++) bytes[at()] = random.nextInt(256);
      return bytes;
    }
  }
}

/** Whether something was thrown by us, with a reason, rather than by chance. */
const isRefusal = (error: unknown): boolean =>
  error instanceof ImageProblem || (error instanceof AppError && error.code !== 'internal');

/** Does something with a file; answers whether it was refused. */
async function isRefused(bytes: Uint8Array, what: string, use: (bytes: Uint8Array) => unknown): Promise<boolean> {
  const startMs = performance.now();
  let isIt = false;
  try {
    await use(bytes);
  } catch (error) {
    if (!isRefusal(error)) throw new Error(`${what} is not refused but fails`, { cause: error });
    isIt = true;
  }
  if (performance.now() - startMs > 30_000) throw new Error(`${what} hangs`);
  return isIt;
}

/** Does something with many mutations of each file; answers how many were refused. */
async function attack(
  names: readonly string[],
  perFile: number,
  use: (bytes: Uint8Array, name: string) => unknown,
): Promise<number> {
  let refused = 0;
  for (const name of names) {
    const original = fs.readFileSync(path.join(golden, name));
    for (let i = 0; i < perFile; i++) {
      const bytes = mutated(original, createGenerator(i, `fuzz/${name}`));
      if (await isRefused(bytes, `mutation ${i} of ${name}`, (each) => use(each, name))) refused++;
    }
  }
  return refused;
}

describe('mutated files are read or refused, never more', () => {
  const before = process.memoryUsage().rss;

  it('images', async () => {
    const names = files.filter((name) => /\.(?:png|jpg|webp|bmp|gif|tif)$/.test(name));
    const refused = await attack(names, 60, async (bytes) => {
      await readImageFacts(bytes);
      const pixels = await decodeImage(bytes, { width: 6, height: 6, channels: 3, fit: 'pad' });
      if (pixels.length !== 108) throw new Error('it has another size than was asked for');
    });
    expect(refused).toBeGreaterThan(200);
  });

  it('pickles', async () => {
    const names = files.filter((name) => name.endsWith('.pickle'));
    const refused = await attack(names, 120, (bytes) => {
      const value = unpickle(bytes, { file: 'x' });
      cifarNamesOf(value);
      const batch = cifarBatchOf(value, { file: 'x' });
      if (batch && batch.pixels.length !== batch.rows * 3_072) throw new Error('it has other pixels than it says');
    });
    expect(refused).toBeGreaterThan(200);
    expect(fs.existsSync('harmed')).toBe(false);
  });

  it('archives of CIFAR and of image folders, through the whole import, which leaves nothing', async () => {
    const names = files.filter((name) => /\.(?:tar\.gz|zip)$/.test(name));
    let count = 0;
    const refused = await attack(names, 6, async (bytes, name) => {
      const target = path.join(place.dir, `${++count}-${name}`);
      fs.writeFileSync(target, bytes);
      await place.importHere(target);
    });
    // the entries themselves, as the gzip around them hides them from all but the first mutations
    for (const name of names.filter((each) => each.endsWith('.tar.gz'))) {
      const tar = gunzipSync(fs.readFileSync(path.join(golden, name)));
      for (let i = 0; i < 6; i++) {
        const target = path.join(place.dir, `${++count}.tar`);
        await isRefused(mutated(tar, createGenerator(i, `fuzz/tar/${name}`)), `mutation ${i} of its tar`, (bytes) => {
          fs.writeFileSync(target, bytes);
          return place.importHere(target);
        });
      }
    }
    expect(refused).toBeGreaterThan(5);
    expect(fs.readdirSync(place.dir).filter((name) => name.startsWith('temp-'))).toEqual([]);
  });

  it('in bounded memory', () => {
    expect(process.memoryUsage().rss - before).toBeLessThan(600e6);
  });
});
