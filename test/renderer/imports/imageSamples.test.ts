import { expect, it } from 'vitest';
import type { DatasetPreview } from '../../../src/core/contract/datasets.ts';
import { isImage, sampleSize, valueRange } from '../../../src/renderer/components/datasets/imageSamples.ts';

const previewOf = (...values: number[][]): DatasetPreview =>
  ({ samples: values.map((pixels, row) => ({ row, target: 0, values: pixels })) }) as unknown as DatasetPreview;

it('draws height x width x channels as pictures, and nothing else', () => {
  expect([[8, 8, 1], [32, 32, 3], [64, 64, 12], [9], [28, 28], [1, 100, 1], [4, 4, 4, 1]].map(isImage)).toEqual([
    true,
    true,
    true,
    false,
    false,
    false,
    false,
  ]);
});

it('draws pixels between 0 and 1 as they are, and others between their extremes', () => {
  expect(valueRange(previewOf([0.2, 0.4], [0.9, 0.5]))).toEqual([0, 1]);
  expect(valueRange(previewOf([-2, 0.4], [3, 0.5]))).toEqual([-2, 3]);
  expect(valueRange(previewOf([0, 255]))).toEqual([0, 255]);
});

it('draws few large pictures larger than many small ones', () => {
  expect(sampleSize(200, [8, 8, 1])).toBe(40);
  expect(sampleSize(200, [224, 224, 3])).toBe(56);
  expect(sampleSize(10, [224, 224, 3])).toBe(96);
  expect(sampleSize(1, [512, 512, 3])).toBe(224);
});
