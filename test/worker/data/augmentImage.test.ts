import { describe, expect, it } from 'vitest';
import type { AugmentationConfig } from '../../../src/core/augmentation/augmentationConfig.ts';
import { noAugmentation } from '../../../src/core/augmentation/catalogue.ts';
import { drawAugmentation, type AugmentationDraws } from '../../../src/worker/data/augmentationDraws.ts';
import { cutOut, jitterColors, moveBytes, moveImage, stretchPart } from '../../../src/worker/data/augmentImage.ts';
import { createFillSamples } from '../../../src/worker/data/fillSamples.ts';
import golden from '../../golden/augmentation/golden.json' with { type: 'json' };

const { height, width, mean, deviation } = golden;
const shape = { height, width, channels: 3 };
const image = Uint8Array.from(golden.image);
const size = image.length;

const still: AugmentationDraws = {
  resizedCrop: null,
  shiftY: 0,
  shiftX: 0,
  isFlipped: false,
  brightness: 1,
  contrast: 1,
  saturation: 1,
  cutout: null,
};

const largestDifference = (a: ArrayLike<number>, b: readonly number[]): number => {
  expect(a.length).toBe(b.length);
  return b.reduce((most, value, i) => Math.max(most, Math.abs(value - a[i]!)), 0);
};

const facts = { shape: [height, width, 3], dtype: 'uint8', scale: 1 / 255, offset: 0 } as const;
const oneImage = {
  read: (_: unknown, use: { take(i: number, n: Uint8Array): void }) => use.take(0, image),
  close() {},
};
const filler = (config: Partial<AugmentationConfig>, normalization?: { mean: number[]; deviation: number[] }) =>
  createFillSamples(
    { ...facts, shape: [...facts.shape], normalization },
    oneImage,
    { ...noAugmentation, ...config },
    0,
  );

describe('augmentation', () => {
  it.each(golden.moved)('shifts by $shiftY, $shiftX and mirrors ($isFlipped) as NumPy does', (expected) => {
    const draws = { ...still, ...expected };
    const grey = new Float32Array(height * width);
    moveImage(golden.grey, { ...shape, channels: 1 }, draws, grey);
    expect([...grey]).toEqual(expected.grey);

    const levels = Float32Array.from({ length: 3 * 256 }, (_, i) => {
      const channel = Math.floor(i / 256);
      return ((i % 256) / 255 - mean[channel]!) / deviation[channel]!;
    });
    const normalized = new Float32Array(size);
    moveBytes(image, shape, draws, levels, normalized, 0);
    expect(largestDifference(normalized, expected.normalized)).toBeLessThan(1e-6);
  });

  it.each(golden.stretched)(
    'stretches the part $height x $width at $top, $left as PyTorch interpolates',
    ({ pixels, ...box }) => {
      const into = new Float32Array(size);
      stretchPart(image, shape, box, into);
      expect(largestDifference(into, pixels)).toBeLessThan(1e-4);
    },
  );

  it.each(golden.cutOut)('cuts a square of $side at $top, $left out as NumPy does', ({ pixels, side, top, left }) => {
    const into = Float32Array.from(image);
    cutOut(into, 0, shape, { top, left, height: side, width: side });
    expect([...into]).toEqual(pixels);
  });

  it.each(golden.colors)('changes $kind by $factor as Pillow does, which rounds to whole levels', (expected) => {
    const into = Float32Array.from(image);
    jitterColors(into, 3, { ...still, [expected.kind]: expected.factor }, [0, 255]);
    // Pillow rounds the mean grey of the contrast as well
    expect(largestDifference(into, expected.pixels)).toBeLessThan(1.2);
  });

  it('gives the same numbers by the table of bytes and step by step', () => {
    const normalization = { mean, deviation };
    const config = { padCrop: 3, horizontalFlip: 0.5, cutout: 3 };
    const quick = new Float32Array(size);
    const slow = new Float32Array(size);
    for (let epoch = 0; epoch < 20; epoch++) {
      void filler(config, normalization)([4], epoch, quick);
      // a saturation that hardly moves takes the way of all colours
      void filler({ ...config, saturation: 1e-12 }, normalization)([4], epoch, slow);
      const { cutout: _, ...unchanged } = drawAugmentation(
        { ...noAugmentation, ...config },
        { seed: 0, epoch, row: 4 },
        facts.shape,
      );
      const plain = new Float32Array(size);
      moveImage(image, shape, { ...still, ...unchanged }, plain);
      const holes = quick.reduce((count, value) => count + (value === 0 ? 1 : 0), 0);
      expect(holes).toBeGreaterThanOrEqual(4 * 3);
      // what is cut out is 0 in both
      const expected = Array.from(plain, (value, i) =>
        quick[i] === 0 ? 0 : (value / 255 - mean[i % 3]!) / deviation[i % 3]!,
      );
      expect(largestDifference(quick, expected)).toBeLessThan(1e-5);
      expect(largestDifference(slow, expected)).toBeLessThan(1e-5);
    }
  });

  it('leaves samples that are evaluated as they are', () => {
    const into = new Float32Array(size);
    void filler({ padCrop: 3, horizontalFlip: 1, brightness: 1, cutout: 5 })([0], null, into);
    expect(
      largestDifference(
        into,
        golden.image.map((v) => v / 255),
      ),
    ).toBeLessThan(1e-7);
  });
});

describe('what is drawn', () => {
  const all: AugmentationConfig = {
    randomResizedCrop: 0.08,
    padCrop: 4,
    horizontalFlip: 0.25,
    brightness: 0.2,
    contrast: 0.4,
    saturation: 0.6,
    cutout: 9,
  };
  const draws = Array.from({ length: 20_000 }, (_, row) =>
    drawAugmentation(all, { seed: 3, epoch: row % 7, row }, [32, 48, 3]),
  );
  const meanOf = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;
  const range = (values: readonly number[]): [number, number] => [
    values.reduce((a, b) => Math.min(a, b)),
    values.reduce((a, b) => Math.max(a, b)),
  ];

  it('depends on seed, epoch and row and on nothing else', () => {
    const place = { seed: 1, epoch: 2, row: 3 };
    const first = drawAugmentation(all, place, [32, 32, 3]);
    drawAugmentation(all, { ...place, row: 9 }, [32, 32, 3]);
    expect(drawAugmentation(all, place, [32, 32, 3])).toEqual(first);
    for (const other of [{ seed: 2 }, { epoch: 3 }, { row: 4 }]) {
      expect(drawAugmentation(all, { ...place, ...other }, [32, 32, 3])).not.toEqual(first);
    }
  });

  it('spreads evenly over what was asked for', () => {
    expect(range(draws.map(({ shiftY }) => shiftY))).toEqual([-4, 4]);
    expect(meanOf(draws.map(({ shiftX }) => shiftX))).toBeCloseTo(0, 0);
    // variance of a whole number from -4 to 4: (9^2 - 1) / 12
    expect(meanOf(draws.map(({ shiftX }) => shiftX ** 2))).toBeCloseTo(80 / 12, 0);
    expect(meanOf(draws.map(({ isFlipped }) => Number(isFlipped)))).toBeCloseTo(0.25, 1);
    for (const [key, spread] of [
      ['brightness', 0.2],
      ['contrast', 0.4],
      ['saturation', 0.6],
    ] as const) {
      const [least, most] = range(draws.map((draw) => draw[key]));
      expect(least).toBeGreaterThanOrEqual(1 - spread);
      expect(most).toBeLessThanOrEqual(1 + spread);
      expect(least).toBeLessThan(1 - 0.99 * spread);
      expect(most).toBeGreaterThan(1 + 0.99 * spread);
    }
    // the middle of a hole is a pixel of the image
    expect(range(draws.map(({ cutout }) => cutout!.top))).toEqual([-4, 27]);
    expect(range(draws.map(({ cutout }) => cutout!.left))).toEqual([-4, 43]);
  });

  it('takes parts within the image, of the areas and sides that were asked for', () => {
    const boxes = draws.map(({ resizedCrop }) => resizedCrop!);
    expect(
      boxes.every(({ top, left, height: h, width: w }) => top >= 0 && left >= 0 && top + h <= 32 && left + w <= 48),
    ).toBe(true);
    const areas = boxes.map(({ height: h, width: w }) => (h * w) / (32 * 48));
    const [least, most] = range(areas);
    expect(least).toBeGreaterThan(0.08 * 0.85);
    expect(least).toBeLessThan(0.1);
    expect(most).toBeGreaterThan(0.85);
    const wide = range(boxes.map(({ height: h, width: w }) => w / h));
    expect(wide[0]).toBeGreaterThan(0.6);
    expect(wide[1]).toBeLessThan(1.6);
  });
});
