import type { AugmentationConfig } from '../../core/augmentation/augmentationConfig.ts';
import { isAugmented } from '../../core/augmentation/catalogue.ts';
import type { DatasetMeta } from '../../core/contract/datasets.ts';
import { drawAugmentation, type AugmentationDraws } from './augmentationDraws.ts';
import { cutOut, jitterColors, moveBytes, moveImage, stretchPart, type ImageShape } from './augmentImage.ts';
import type { SampleSource } from './sampleSource.ts';

type SampleFacts = Pick<DatasetMeta, 'shape' | 'dtype' | 'scale' | 'offset' | 'normalization' | 'linked'>;

/**
 * Writes the samples of rows, one after the other, as a model receives them: augmented if `epoch` is that of a training
 * batch (null: as they are), scaled, normalised.
 */
export type FillSamples = (rows: ArrayLike<number>, epoch: number | null, into: Float32Array) => void | Promise<void>;

/** What each byte of each channel becomes, [channel * 256 + byte]. */
function byteLevels({ scale, offset, normalization }: SampleFacts, channels: number): Float32Array {
  return Float32Array.from({ length: channels * 256 }, (_, i) => {
    const value = (i % 256) * scale + offset;
    const channel = Math.floor(i / 256);
    return normalization ? (value - normalization.mean[channel]!) / normalization.deviation[channel]! : value;
  });
}

/** Takes numbers as stored, one sample after the other, to what a model receives. */
export function normalize(numbers: Float32Array, { scale, offset, normalization }: SampleFacts): void {
  if (!normalization) {
    if (scale !== 1 || offset !== 0) {
      for (let i = 0; i < numbers.length; i++) numbers[i] = numbers[i]! * scale + offset;
    }
    return;
  }
  const { mean, deviation } = normalization;
  const channels = mean.length;
  for (let i = 0, channel = 0; i < numbers.length; i++) {
    numbers[i] = (numbers[i]! * scale + offset - mean[channel]!) / deviation[channel]!;
    if (++channel === channels) channel = 0;
  }
}

export function createFillSamples(
  facts: SampleFacts,
  source: SampleSource,
  augmentation: AugmentationConfig,
  seed: number,
): FillSamples {
  const size = facts.shape.reduce((product, n) => product * n, 1);
  const channels = facts.shape.at(-1)!;
  const levels = facts.dtype === 'uint8' && facts.shape.length === 3 ? byteLevels(facts, channels) : null;
  const augment = isAugmented(augmentation) ? createAugmenter(facts, augmentation, levels) : null;

  const fillPlain = (rows: ArrayLike<number>, into: Float32Array): void | Promise<void> =>
    source.read(rows, {
      take(index, numbers) {
        const at = index * size;
        if (levels) {
          for (let i = 0, base = 0; i < size; i++) {
            into[at + i] = levels[base + numbers[i]!]!;
            base = base + 256 === levels.length ? 0 : base + 256;
          }
          return;
        }
        into.set(numbers, at);
        normalize(into.subarray(at, at + size), facts);
      },
    });

  const fillAugmented = (
    write: Augmenter,
    rows: ArrayLike<number>,
    epoch: number,
    into: Float32Array,
  ): void | Promise<void> => {
    const draws: (AugmentationDraws | undefined)[] = [];
    const drawsOf = (index: number, sourceSize?: { height: number; width: number }): AugmentationDraws =>
      drawAugmentation(augmentation, { seed, epoch, row: rows[index]! }, facts.shape, sourceSize);
    return source.read(rows, {
      partOf(index, sourceSize) {
        draws[index] = drawsOf(index, sourceSize);
        return draws[index].resizedCrop;
      },
      take(index, numbers) {
        const decoded = draws[index];
        // an image that was decoded from its file was cropped there, out of all its pixels
        write(numbers, decoded ? { ...decoded, resizedCrop: null } : drawsOf(index), into, index * size);
      },
    });
  };

  return (rows, epoch, into) =>
    augment && epoch !== null ? fillAugmented(augment, rows, epoch, into) : fillPlain(rows, into);
}

type Augmenter = (numbers: ArrayLike<number>, draws: AugmentationDraws, into: Float32Array, at: number) => void;

function createAugmenter(facts: SampleFacts, config: AugmentationConfig, levels: Float32Array | null): Augmenter {
  const [height, width, channels] = facts.shape as [number, number, number];
  const shape: ImageShape = { height, width, channels };
  const size = height * width * channels;
  const { scale, offset, normalization } = facts;
  const bounds = [0, 255].map((byte) => byte * scale + offset).toSorted((a, b) => a - b);
  const range: readonly [number, number] = levels ? [bounds[0]!, bounds[1]!] : [-Infinity, Infinity];
  const hasColors = config.brightness > 0 || config.contrast > 0 || config.saturation > 0;
  const stretched = new Float32Array(config.randomResizedCrop < 1 ? size : 0);
  return (numbers, draws, into, at) => {
    if (levels && !hasColors && !draws.resizedCrop) {
      moveBytes(numbers as Uint8Array, shape, draws, levels, into, at);
    } else {
      if (draws.resizedCrop) stretchPart(numbers, shape, draws.resizedCrop, stretched);
      const pixels = into.subarray(at, at + size);
      moveImage(draws.resizedCrop ? stretched : numbers, shape, draws, pixels);
      normalize(pixels, { ...facts, normalization: undefined });
      if (hasColors) jitterColors(pixels, channels, draws, range);
      if (normalization) normalize(pixels, { ...facts, scale: 1, offset: 0 });
    }
    if (draws.cutout) cutOut(into, at, shape, draws.cutout);
  };
}
