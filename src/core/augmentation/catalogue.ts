import type { AugmentationConfig } from './augmentationConfig.ts';

export type AugmentationKey =
  'randomResizedCrop' | 'padCrop' | 'horizontalFlip' | 'brightness' | 'contrast' | 'saturation' | 'cutout';

/** One random change of training images; forms, flags, checks and docs come from these records. */
export interface AugmentationSpec {
  key: AugmentationKey;
  label: string;
  /** what the number does */
  description: string;
  /** the number at which nothing happens */
  off: number;
  min: number;
  max: number;
  isWhole: boolean;
  /** what the arrow keys step by in a form */
  step: number;
  unit?: string;
}

const jitter = { off: 0, min: 0, max: 1, isWhole: false, step: 0.1 } as const;

/** In the order in which they act on an image. */
export const augmentationCatalogue: readonly AugmentationSpec[] = [
  {
    key: 'randomResizedCrop',
    label: 'Resized crop',
    description: 'smallest share of the area of a random part (sides 3:4 to 4:3) that fills the image; 1 takes all',
    off: 1,
    min: 0.01,
    max: 1,
    isWhole: false,
    step: 0.1,
  },
  {
    key: 'padCrop',
    label: 'Pad and crop',
    description: 'black pixels put around the image before a window of its size is cut out at random; 0 is none',
    off: 0,
    min: 0,
    max: 1_024,
    isWhole: true,
    step: 1,
    unit: 'pixels',
  },
  {
    key: 'horizontalFlip',
    label: 'Horizontal flip',
    description: 'share of the images that are mirrored; 0 is none',
    off: 0,
    min: 0,
    max: 1,
    isWhole: false,
    step: 0.1,
  },
  {
    ...jitter,
    key: 'brightness',
    label: 'Brightness',
    description: 'b: pixels are multiplied by a factor between 1 - b and 1 + b; 0 is none',
  },
  {
    ...jitter,
    key: 'contrast',
    label: 'Contrast',
    description: 'c: the distance to the mean grey is multiplied by a factor between 1 - c and 1 + c; 0 is none',
  },
  {
    ...jitter,
    key: 'saturation',
    label: 'Saturation',
    description: 's: the distance to grey is multiplied by a factor between 1 - s and 1 + s; 0 is none',
  },
  {
    key: 'cutout',
    label: 'Cutout',
    description: 'side of a square that is set to 0 after normalisation, its middle anywhere in the image; 0 is none',
    off: 0,
    min: 0,
    max: 4_096,
    isWhole: true,
    step: 1,
    unit: 'pixels',
  },
];

export const noAugmentation: AugmentationConfig = Object.fromEntries(
  augmentationCatalogue.map(({ key, off }) => [key, off]),
) as AugmentationConfig;

/** Well-known combinations. */
export interface AugmentationPreset {
  id: 'none' | 'cifar' | 'imageNet';
  label: string;
  description: string;
  config: AugmentationConfig;
}

export const augmentationPresets: readonly AugmentationPreset[] = [
  { id: 'none', label: 'None', description: 'Images as they are', config: noAugmentation },
  {
    id: 'cifar',
    label: 'CIFAR, as usual',
    description: 'Pad by 4 pixels, crop at random, mirror half of the images',
    config: { ...noAugmentation, padCrop: 4, horizontalFlip: 0.5 },
  },
  {
    id: 'imageNet',
    label: 'ImageNet, as usual',
    description: 'Random resized crop from 8 % of the area, mirror half of the images',
    config: { ...noAugmentation, randomResizedCrop: 0.08, horizontalFlip: 0.5 },
  },
];

/** Whether anything happens to training images. */
export function isAugmented(config: AugmentationConfig): boolean {
  return augmentationCatalogue.some(({ key, off }) => config[key] !== off);
}
