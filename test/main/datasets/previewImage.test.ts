import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { writeDatasetFolder } from '../../../src/main/datasets/datasetFolder.ts';
import { previewDataset } from '../../../src/main/datasets/datasetRows.ts';
import { previewShape, shrinkImage } from '../../../src/main/datasets/previewImage.ts';

const parent = mkdtempSync(path.join(tmpdir(), 'lp-workbench-preview-'));
afterAll(() => rmSync(parent, { recursive: true, force: true }));

it('many large images are shown smaller instead of showing few of them', async () => {
  const [rows, shape] = [60, [96, 160, 3]];
  const size = 96 * 160 * 3;
  // the left half of each image is dark, the right half has the number of its row
  const x = Uint8Array.from({ length: rows * size }, (_, i) =>
    Math.floor((i % size) / 3) % 160 < 80 ? 0 : Math.floor(i / size),
  );
  const y = Int32Array.from({ length: rows }, (_, row) => row % 2);
  const meta = await writeDatasetFolder(
    parent,
    {
      id: 'large',
      name: 'large',
      description: '',
      rows,
      task: 'classes',
      shape,
      scale: 1,
      offset: 0,
      classes: ['a', 'b'],
      source: '',
      license: '',
    },
    { x, y, targetSize: 1 },
  );
  const shown = await previewDataset(path.join(parent, meta.hash), meta, 200);
  expect(shown.samples.length).toBeGreaterThanOrEqual(40);
  const [height = 0, width = 0, channels] = shown.shape;
  expect(width / height).toBeCloseTo(160 / 96, 1);
  expect(channels).toBe(3);
  expect(shown.meta.shape).toEqual(shape);
  for (const { row, values } of shown.samples) {
    expect(values).toHaveLength(height * width * 3);
    expect(values[0]).toBe(0);
    expect(values.at(-1)).toBe(row);
  }
  const few = await previewDataset(path.join(parent, meta.hash), meta, 3);
  expect(few).toMatchObject({ shape, samples: [{ row: 0 }, { row: 20 }, { row: 40 }] });
});

it('a smaller pixel is the mean of those it covers, in each channel', () => {
  const image = [1, 10, 3, 20, 5, 30, 7, 40, 9, 50, 11, 60, 13, 70, 15, 80];
  expect(shrinkImage(image, [2, 4, 2], [1, 2, 2])).toEqual([6, 35, 10, 55]);
  expect(shrinkImage(image, [2, 4, 2], [2, 4, 2])).toEqual(image);
});

it('rows of a table keep all their numbers, and small images their size', () => {
  expect(previewShape([50_000], 1_000)).toEqual([50_000]);
  expect(previewShape([32, 32, 3], 5_000)).toEqual([32, 32, 3]);
  expect(previewShape([1, 40_000, 1], 1_000)).toEqual([1, 40_000, 1]);
});
