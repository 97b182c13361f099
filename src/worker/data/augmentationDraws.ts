import type { AugmentationConfig } from '../../core/augmentation/augmentationConfig.ts';
import type { AugmentationKey } from '../../core/augmentation/catalogue.ts';
import { createGenerator, type Generator } from '../../core/random/generator.ts';

/** A part of an image in pixels. */
export interface Box {
  top: number;
  left: number;
  height: number;
  width: number;
}

/** What happens to one image in one epoch. */
export interface AugmentationDraws {
  /** the part that is stretched to the whole image */
  resizedCrop: Box | null;
  /** how far the window lies below and to the right of the image; what it shows beyond is black */
  shiftY: number;
  shiftX: number;
  isFlipped: boolean;
  /** factors; 1 changes nothing */
  brightness: number;
  contrast: number;
  saturation: number;
  /** what is set to 0 after normalisation; may reach beyond the image */
  cutout: Box | null;
}

const resizedCropTries = 10;
/** sides of a random part, width to height */
const [narrowest, widest] = [3 / 4, 4 / 3];

/**
 * A part of uniform area share in [minimumShare, 1] and log-uniform side ratio in [3/4, 4/3] that lies within the image,
 * anywhere with equal chance; where ten tries give none, the largest middle part with such a ratio. (The random resized
 * crop of Szegedy et al., arXiv:1409.4842, as it is done for ImageNet.)
 */
function drawResizedCrop(minimumShare: number, height: number, width: number, generator: Generator): Box {
  for (let i = 0; i < resizedCropTries; i++) {
    const area = height * width * (minimumShare + (1 - minimumShare) * generator.nextFloat());
    const ratio = Math.exp(Math.log(narrowest) + (Math.log(widest) - Math.log(narrowest)) * generator.nextFloat());
    const w = Math.round(Math.sqrt(area * ratio));
    const h = Math.round(Math.sqrt(area / ratio));
    if (w < 1 || h < 1 || w > width || h > height) continue;
    return { top: generator.nextInt(height - h + 1), left: generator.nextInt(width - w + 1), height: h, width: w };
  }
  const h = width / height < narrowest ? Math.round(width / narrowest) : height;
  const w = width / height > widest ? Math.round(height * widest) : width;
  return { top: Math.floor((height - h) / 2), left: Math.floor((width - w) / 2), height: h, width: w };
}

/**
 * What happens to the sample of a row in an epoch. Depends on the run's seed, the epoch, the row and the settings alone, so
 * that a resumed run sees the same pixels, in whatever order and by however many threads they are made. `source`: size of
 * the image that a random resized crop cuts from; `shape`: [height, width, channels] of the sample.
 */
export function drawAugmentation(
  config: AugmentationConfig,
  { seed, epoch, row }: { seed: number; epoch: number; row: number },
  [height = 1, width = 1]: readonly number[],
  source: { height: number; width: number } = { height, width },
): AugmentationDraws {
  // a stream for each change, so that turning one on or off never moves another
  const drawsOf = (key: AugmentationKey): Generator => createGenerator(seed, `augment/${key}/${epoch}/${row}`);
  const factor = (key: 'brightness' | 'contrast' | 'saturation'): number => {
    const spread = config[key];
    return spread === 0 ? 1 : 1 - spread + 2 * spread * drawsOf(key).nextFloat();
  };
  const { padCrop, horizontalFlip, cutout } = config;
  const shifts = padCrop > 0 ? drawsOf('padCrop') : null;
  const shift = (): number => (shifts ? shifts.nextInt(2 * padCrop + 1) - padCrop : 0);
  const holes = cutout > 0 ? drawsOf('cutout') : null;
  const edge = (size: number): number => (holes ? holes.nextInt(size) - Math.floor(cutout / 2) : 0);
  return {
    resizedCrop:
      config.randomResizedCrop < 1
        ? drawResizedCrop(config.randomResizedCrop, source.height, source.width, drawsOf('randomResizedCrop'))
        : null,
    shiftY: shift(),
    shiftX: shift(),
    isFlipped: horizontalFlip > 0 && drawsOf('horizontalFlip').nextFloat() < horizontalFlip,
    brightness: factor('brightness'),
    contrast: factor('contrast'),
    saturation: factor('saturation'),
    cutout: holes ? { top: edge(height), left: edge(width), height: cutout, width: cutout } : null,
  };
}
