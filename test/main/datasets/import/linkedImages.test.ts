import fs from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ImportWarning } from '../../../../src/core/contract/datasetImport.ts';
import type { DatasetMeta, DatasetRef } from '../../../../src/core/contract/datasets.ts';
import { previewDataset } from '../../../../src/main/datasets/datasetRows.ts';
import { exportDataset } from '../../../../src/main/datasets/export/exportDataset.ts';
import type { ImportRequest } from '../../../../src/main/datasets/import/importMessages.ts';
import { isImportedFolderWhole } from '../../../../src/main/datasets/importedFolder.ts';
import { runImport } from '../../../../src/main/datasets/import/runImport.ts';
import type { Device } from '../../../../src/worker/backends/device.ts';
import { openDevice } from '../../../../src/worker/backends/openDevice.ts';
import { openDataset } from '../../../../src/worker/data/openDataset.ts';
import { lastWeights, runInProcess, wasmDir } from '../../../worker/engine/runInProcess.ts';
import { importerHere } from './importerHere.ts';
import { failureOf, importPlace } from './importHere.ts';

const place = importPlace();
const { failureFor } = importerHere(path.join(place.dir, 'data'));
const images = path.join(place.dir, 'pictures');
const checkpoints: string[] = [];
const choices = { paths: [images], images: { width: 12, height: 10, fit: 'crop', link: true } } as const;

/** The way ImageNet is laid out: parts, then a folder for each class, photographs of every size. */
async function makePictures(): Promise<void> {
  for (const [part, count] of [
    ['train', 6],
    ['val', 2],
  ] as const) {
    for (const [label, wnid] of ['n01440764', 'n02102040'].entries()) {
      const dir = path.join(images, part, wnid);
      fs.mkdirSync(dir, { recursive: true });
      for (let i = 0; i < count; i++) {
        const [width, height] = [20 + 3 * i, 24 - 2 * i];
        const pixels = Uint8Array.from({ length: width * height * 3 }, (_, k) => (k * 7 + label * 90 + i * 31) % 256);
        const image = sharp(pixels, { raw: { width, height, channels: 3 } });
        fs.writeFileSync(path.join(dir, `${wnid}_${i} x.JPEG`), await image.jpeg({ quality: 90 }).toBuffer());
      }
    }
  }
}

let count = 0;
async function importLinked(
  folder = images,
): Promise<{ meta: DatasetMeta; ref: DatasetRef; warnings: readonly ImportWarning[] }> {
  const tempDir = path.join(place.dir, `linked-${++count}`);
  fs.mkdirSync(tempDir);
  const request = {
    kind: 'import' as const,
    choices: { paths: [folder], images: { ...choices.images } },
    tempDir,
    id: 'pictures',
    name: 'p',
  } satisfies ImportRequest;
  const reply = await runImport(
    request,
    () => performance.now(),
    () => {},
  );
  if (reply.kind !== 'imported') throw new Error(reply.kind);
  return {
    meta: reply.meta,
    ref: { id: 'pictures', dir: reply.dir, hash: reply.meta.hash },
    warnings: reply.warnings,
  };
}

let linked: { meta: DatasetMeta; ref: DatasetRef };
let device: Device;
beforeAll(async () => {
  await makePictures();
  linked = await importLinked();
  device = await openDevice('wasm', { threads: 1, wasmDir });
});
afterAll(() => {
  device.close();
  for (const dir of checkpoints) fs.rmSync(dir, { recursive: true, force: true });
  place.remove();
});

describe('a tree of images that is linked', () => {
  it('keeps paths in place of pixels and is the same every time', async () => {
    expect(linked.meta).toMatchObject({
      rows: 16,
      shape: [10, 12, 3],
      classes: ['n01440764', 'n02102040'],
      parts: { train: 12, validation: 4, test: 0 },
      linked: { root: images, fit: 'crop' },
    });
    expect(fs.readdirSync(linked.ref.dir).toSorted()).toEqual([
      'files.txt',
      'import.json',
      'meta.json',
      'parts.npy',
      'y.npy',
    ]);
    const lines = fs.readFileSync(path.join(linked.ref.dir, 'files.txt'), 'utf8').trim().split('\n');
    expect(lines).toHaveLength(16);
    const first = 'train/n01440764/n01440764_0 x.JPEG';
    expect(lines[0]).toBe(`${fs.statSync(path.join(images, first)).size} ${first}`);
    expect((await importLinked()).meta.hash).toBe(linked.meta.hash);
    expect(await isImportedFolderWhole(linked.ref)).toBe(true);
  });

  it('gives the very samples that a copy holds', async () => {
    const copy = await place.importHere(images, { images: { ...choices.images, link: false } });
    expect(copy.meta.hash).not.toBe(linked.meta.hash);
    const dataset = openDataset(linked.ref);
    try {
      const rows = [3, 15, 0, 7];
      const size = 10 * 12 * 3;
      const samples = new Float32Array(rows.length * size);
      await dataset.readSamples(rows, samples);
      const { mean, deviation } = linked.meta.normalization!;
      for (const [i, row] of rows.entries()) {
        for (let k = 0; k < size; k++) {
          const value = (copy.x[row * size + k]! / 255 - mean[k % 3]!) / deviation[k % 3]!;
          expect(samples[i * size + k]).toBeCloseTo(value, 5);
        }
      }
      expect(linked.meta.normalization).toEqual(copy.meta.normalization);
    } finally {
      dataset.close();
    }
  });

  it('trains alike however many threads decode it, with parts cut out of the whole photographs', async () => {
    const run = async (loaderThreads: number) => {
      const result = await runInProcess({
        device,
        dataset: linked.ref,
        loaderThreads,
        config: {
          model: { preset: 'mlp', options: { hidden: [8] } },
          augmentation: { preset: 'imageNet', cutout: 3 },
          batchSize: 5,
          epochs: 2,
          split: { validation: 0, test: 0 },
        },
      });
      checkpoints.push(result.checkpointDir);
      return lastWeights(result.checkpointDir);
    };
    const [none, two] = [await run(0), await run(2)];
    expect(two.equals(none)).toBe(true);
  });

  it('can be looked at, and is not exported many times larger than it is', async () => {
    const { samples, classCounts } = await previewDataset(linked.ref.dir, linked.meta, 4);
    expect(samples.map(({ row }) => row)).toEqual([0, 4, 8, 12]);
    expect(samples[0]!.values).toHaveLength(360);
    expect(classCounts).toEqual([8, 8]);
    const target = path.join(place.dir, 'out.npz');
    const failure = await failureOf(
      exportDataset(
        { dir: linked.ref.dir, path: target, partial: `${target}.part`, format: 'npz', overwrite: false },
        () => {},
      ),
    );
    expect(failure).toMatchObject({ code: 'wrongState', message: expect.stringContaining('stay where they are') });
  });

  it('names an image that has changed or gone', async () => {
    const other = await importLinked();
    const name = path.join(images, 'train/n01440764/n01440764_1 x.JPEG');
    const bytes = fs.readFileSync(name);
    const dataset = openDataset(other.ref);
    const read = async (): Promise<void> => dataset.readSamples([1], new Float32Array(360));
    try {
      fs.appendFileSync(name, 'x');
      expect(await failureOf(read())).toMatchObject({
        code: 'datasetCorrupt',
        message: expect.stringMatching(
          /The image .*n01440764_1 x\.JPEG .* it had \d+ bytes when it was imported and has \d+\. Put it back/,
        ),
      });
      expect((await importLinked()).meta.hash).not.toBe(linked.meta.hash);
      fs.rmSync(name);
      expect(await failureOf(read())).toMatchObject({ code: 'datasetCorrupt', details: { path: name } });
    } finally {
      fs.writeFileSync(name, bytes);
      dataset.close();
    }
  });

  it('leaves out an image that cannot be read, or stops at it, as a copy does', async () => {
    const folder = path.join(place.dir, 'with a damaged one');
    fs.cpSync(images, folder, { recursive: true });
    const damaged = path.join(folder, 'train', 'n01440764', 'damaged.JPEG');
    fs.writeFileSync(damaged, Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 1, 2, 3));
    const { meta, ref, warnings } = await importLinked(folder);
    expect(meta).toMatchObject({ rows: 16, parts: { train: 12, validation: 4, test: 0 } });
    expect(fs.readFileSync(path.join(ref.dir, 'files.txt'), 'utf8')).not.toContain('damaged');
    expect(await isImportedFolderWhole(ref)).toBe(true);
    expect(meta.normalization).toEqual(linked.meta.normalization);
    const said = warnings.filter(({ kind }) => kind === 'skippedFile');
    expect(said.map(({ message }) => message)).toEqual([expect.stringContaining(damaged)]);
    const stopped = await failureFor(folder, { images: { ...choices.images, onCorrupt: 'stop' } });
    expect(stopped).toMatchObject({ code: 'fileUnreadable', message: expect.stringContaining(damaged) });
  });

  it('that was moved is found again by importing it from where it is now', async () => {
    const { importer } = importerHere(path.join(place.dir, 'moved data'));
    const [before, after] = [path.join(place.dir, 'before'), path.join(place.dir, 'after')];
    fs.cpSync(images, before, { recursive: true });
    const { meta } = await importer.import({ paths: [before], images: choices.images });
    fs.renameSync(before, after);
    const again = await importer.import({ paths: [after], images: choices.images });
    expect(again).toMatchObject({ isNew: false, meta: { id: meta.id, hash: meta.hash, linked: { root: after } } });
    expect(again.warnings.at(-1)!.message).toContain(`its images are read from ${after}`);
    const dir = path.join(place.dir, 'moved data', 'datasets', meta.hash);
    const dataset = openDataset({ id: meta.id, dir, hash: meta.hash });
    await dataset.readSamples([3], new Float32Array(360));
    dataset.close();
  });

  it('is not offered for files that are there for the time of the import', async () => {
    const look = async (areTemporary: boolean): Promise<boolean | undefined> => {
      const reply = await runImport(
        { kind: 'inspect', choices: { paths: [images] }, tempDir: place.dir, areTemporary },
        () => 0,
        () => {},
      );
      return reply.kind === 'inspected' ? reply.inspection.images?.canLink : undefined;
    };
    expect(await look(false)).toBe(true);
    expect(await look(true)).toBe(false);
  });

  it('is asked for only where the images lie in a folder', async () => {
    const zip = path.resolve(import.meta.dirname, '../../../golden/images/folders.zip');
    expect(await failureFor(zip, { images: { link: true } })).toMatchObject({
      code: 'badUsage',
      message: expect.stringContaining('only images that lie in one folder of this machine can stay'),
    });
  });
});
