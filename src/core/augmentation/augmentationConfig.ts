import { z } from 'zod';
import { AppError } from '../errors.ts';
import {
  augmentationCatalogue,
  augmentationPresets,
  isAugmented,
  type AugmentationKey,
  type AugmentationPreset,
  type AugmentationSpec,
} from './catalogue.ts';

export type AugmentationConfig = Record<AugmentationKey, number>;

function numberOf({ key, min, max, isWhole, description }: AugmentationSpec) {
  const name = `augmentation.${key}`;
  const number = isWhole ? z.int(`${name} must be a whole number`) : z.number(`${name} must be a number`);
  return number
    .min(min, `${name} must be at least ${min}`)
    .max(max, `${name} must be at most ${max}`)
    .optional()
    .describe(description);
}

export const augmentationPresetIds = augmentationPresets.map(({ id }) => id);

const presetSchema = z.enum(augmentationPresetIds as [AugmentationPreset['id'], ...AugmentationPreset['id'][]], {
  error: ({ input }) => `augmentation.preset must be one of ${augmentationPresetIds.join(', ')}, got ${String(input)}`,
});

/** One number for each random change of training images, over those of a preset; without either nothing happens. */
export const augmentationSchema = z
  .strictObject({
    preset: presetSchema.default('none'),
    ...(Object.fromEntries(augmentationCatalogue.map((spec) => [spec.key, numberOf(spec)])) as Record<
      AugmentationKey,
      ReturnType<typeof numberOf>
    >),
  })
  .transform(({ preset, ...given }): AugmentationConfig => {
    const { config } = augmentationPresets.find(({ id }) => id === preset)!;
    return Object.fromEntries(
      augmentationCatalogue.map(({ key }) => [key, given[key] ?? config[key]]),
    ) as AugmentationConfig;
  });

/**
 * Why images of this shape cannot be augmented like this; null when they can. `shape`: of one sample, [height, width,
 * channels] of an image.
 */
export function augmentationProblem(config: AugmentationConfig, shape: readonly number[]): string | null {
  if (!isAugmented(config)) return null;
  const [height = 0, width = 0, channels = 0] = shape;
  if (shape.length !== 3 || ![1, 3].includes(channels)) {
    return `Augmentation needs images of 1 or 3 channels, and samples of this dataset have the shape ${shape.join(' x ')}: turn it off.`;
  }
  if (config.cutout >= 2 * Math.max(height, width)) {
    return `A cutout of ${config.cutout} pixels covers images of ${height} x ${width} whole: choose a smaller one.`;
  }
  if (config.padCrop >= Math.min(height, width)) {
    return `Padding by ${config.padCrop} pixels can push images of ${height} x ${width} out of sight: choose a smaller one.`;
  }
  return null;
}

/** Throws AppError `shapeMismatch` where images of this shape cannot be augmented like this. */
export function checkAugmentation(config: AugmentationConfig, shape: readonly number[]): void {
  const problem = augmentationProblem(config, shape);
  if (problem !== null) throw new AppError('shapeMismatch', problem);
}
