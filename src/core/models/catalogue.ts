import { z } from 'zod';
import type { LayerSpec } from './layerSpec.ts';

/** A model the user can pick by name. `layers` ends before the output layer, which the task decides. */
export interface ModelEntry {
  id: string;
  name: string;
  summary: string;
  /** zod schema of its options; each has a default and a description, so forms and flags come from it */
  options: z.ZodObject;
  /** true when it needs samples of shape height, width, channels */
  needsImages: boolean;
  layers(options: Record<string, unknown>): LayerSpec[];
}

function entry<Options extends z.ZodObject>(
  definition: Omit<ModelEntry, 'options' | 'layers'> & {
    options: Options;
    layers: (options: z.output<Options>) => LayerSpec[];
  },
): ModelEntry {
  return { ...definition, layers: (options) => definition.layers(definition.options.parse(options)) };
}

const width = (what: string) => z.int(`${what} must be a whole number`).min(1, `${what} must be at least 1`);
const dropoutRate = z
  .number('dropout must be a number')
  .min(0, 'dropout must be at least 0')
  .max(0.95, 'dropout must be at most 0.95')
  .default(0)
  .describe('share of units dropped before the output layer');

const conv = (filters: number, kernelSize: number, padding: 'same' | 'valid' = 'same'): LayerSpec => ({
  type: 'conv2d',
  filters,
  kernelSize,
  strides: 1,
  padding,
  activation: 'relu',
  useBias: true,
  initializer: 'he',
});
const dense = (units: number): LayerSpec => ({
  type: 'dense',
  units,
  activation: 'relu',
  useBias: true,
  initializer: 'he',
});
const maxPool: LayerSpec = { type: 'maxPool2d', poolSize: 2, padding: 'valid' };
const averagePool: LayerSpec = { type: 'averagePool2d', poolSize: 2, padding: 'valid' };
const flatten: LayerSpec = { type: 'flatten' };
const dropout = (rate: number): LayerSpec[] => (rate > 0 ? [{ type: 'dropout', rate }] : []);

export const modelCatalogue: readonly ModelEntry[] = [
  entry({
    id: 'softmax',
    name: 'Softmax regression',
    summary: 'One linear layer: logistic regression for classes, linear regression for numbers.',
    options: z.strictObject({}),
    needsImages: false,
    layers: () => [flatten],
  }),
  entry({
    id: 'mlp',
    name: 'Multilayer perceptron',
    summary: 'Fully connected layers with ReLU between them.',
    options: z.strictObject({
      hidden: z
        .array(width('hidden'))
        .min(1, 'hidden needs at least one width')
        .default([128])
        .describe('widths of the hidden layers'),
      dropout: dropoutRate,
    }),
    needsImages: false,
    layers: (o) => [flatten, ...o.hidden.map(dense), ...dropout(o.dropout)],
  }),
  entry({
    id: 'cnn',
    name: 'Small CNN',
    summary: 'Two 3x3 convolutions with max pooling, then the output layer.',
    options: z.strictObject({
      filters: z
        .array(width('filters'))
        .min(1, 'filters needs at least one number')
        .default([16, 32])
        .describe('filters of each convolution'),
      dense: z
        .int('dense must be a whole number')
        .min(0, 'dense must be at least 0')
        .default(0)
        .describe('units of a dense layer before the output; 0 leaves it out'),
      dropout: dropoutRate,
    }),
    needsImages: true,
    layers: (o) => [
      ...o.filters.flatMap((filters) => [conv(filters, 3), maxPool]),
      flatten,
      ...(o.dense > 0 ? [dense(o.dense)] : []),
      ...dropout(o.dropout),
    ],
  }),
  entry({
    id: 'lenet5',
    name: 'LeNet-5',
    summary: 'LeCun et al. 1998 with ReLU: two 5x5 convolutions with average pooling, then 120 and 84 units.',
    options: z.strictObject({ dropout: dropoutRate }),
    needsImages: true,
    layers: (o) => [
      conv(6, 5),
      averagePool,
      conv(16, 5),
      averagePool,
      flatten,
      dense(120),
      dense(84),
      ...dropout(o.dropout),
    ],
  }),
];

export const modelIds: readonly string[] = modelCatalogue.map((model) => model.id);
