import { z } from 'zod';
import { initializerSchema, type LayerSpec } from './layerSpec.ts';

/** A model the user can pick by name. `layers` ends before the output layer, which the task decides. */
export interface ModelEntry {
  id: string;
  name: string;
  summary: string;
  /** zod schema of its options; each has a default and a description, so forms and flags come from it */
  options: z.ZodObject;
  /** true when it needs samples of shape height, width, channels */
  needsImages: boolean;
  /** for samples of this shape, which a model may suit its first and last layers to */
  layers(options: Record<string, unknown>, inputShape: readonly number[]): LayerSpec[];
}

export function modelEntry<Options extends z.ZodObject>(
  definition: Omit<ModelEntry, 'options' | 'layers'> & {
    options: Options;
    layers: (options: z.output<Options>, inputShape: readonly number[]) => LayerSpec[];
  },
): ModelEntry {
  return {
    ...definition,
    layers: (options, inputShape) => definition.layers(definition.options.parse(options), inputShape),
  };
}

export const countOption = (what: string) =>
  z.int(`${what} must be a whole number`).min(1, `${what} must be at least 1`);

const dropoutDescription = 'share of units dropped before the output layer';
const dropoutRate = z
  .number('dropout must be a number')
  .min(0, 'dropout must be at least 0')
  .max(0.95, 'dropout must be at most 0.95');
export const dropoutOption = dropoutRate.default(0).describe(dropoutDescription);
/** of a model that itself knows where it wants dropout */
export const ownDropoutOption = (otherwise: string) =>
  dropoutRate.optional().describe(`${dropoutDescription}; left out, ${otherwise}`);

export const widthOption = z
  .number('width must be a number')
  .min(1 / 64, 'width must be at least 1/64')
  .max(8, 'width must be at most 8')
  .default(1)
  .describe('what every number of channels is multiplied by; 1 is the published model');

export const initializerOption = initializerSchema
  .default('he')
  .describe('how kernels start: he (fan in), heFanOut as in torchvision, or glorot');

/** Channels of a layer in a model that is `width` times as wide as published. */
export const widened = (channels: number, width: number): number => Math.max(1, Math.round(channels * width));

/** Shorter side from which an image counts as large: networks for ImageNet shrink it at once, those for CIFAR do not. */
export const largeImagePixels = 96;

export const isLargeImage = (inputShape: readonly number[]): boolean =>
  Math.min(inputShape[0] ?? 1, inputShape[1] ?? 1) >= largeImagePixels;
