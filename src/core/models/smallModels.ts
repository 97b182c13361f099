import { z } from 'zod';
import { averagePool, convolution, dense, dropout, flatten, maxPool } from './layerBuilders.ts';
import type { LayerSpec } from './layerSpec.ts';
import { countOption, dropoutOption, modelEntry } from './modelEntry.ts';

const convolutionWithRelu = (filters: number, kernelSize: number): LayerSpec =>
  ({ ...convolution({ filters, kernelSize, padding: 'same' }), activation: 'relu' }) as LayerSpec;

export const softmax = modelEntry({
  id: 'softmax',
  name: 'Softmax regression',
  summary: 'One linear layer: logistic regression for classes, linear regression for numbers.',
  options: z.strictObject({}),
  needsImages: false,
  layers: () => [flatten],
});

export const mlp = modelEntry({
  id: 'mlp',
  name: 'Multilayer perceptron',
  summary: 'Fully connected layers with ReLU between them.',
  options: z.strictObject({
    hidden: z
      .array(countOption('hidden'))
      .min(1, 'hidden needs at least one width')
      .default([128])
      .describe('widths of the hidden layers'),
    dropout: dropoutOption,
  }),
  needsImages: false,
  layers: (o) => [flatten, ...o.hidden.map((units) => dense(units)), ...dropout(o.dropout)],
});

export const cnn = modelEntry({
  id: 'cnn',
  name: 'Small CNN',
  summary: 'Two 3x3 convolutions with max pooling, then the output layer.',
  options: z.strictObject({
    filters: z
      .array(countOption('filters'))
      .min(1, 'filters needs at least one number')
      .default([16, 32])
      .describe('filters of each convolution'),
    dense: z
      .int('dense must be a whole number')
      .min(0, 'dense must be at least 0')
      .default(0)
      .describe('units of a dense layer before the output; 0 leaves it out'),
    dropout: dropoutOption,
  }),
  needsImages: true,
  layers: (o) => [
    ...o.filters.flatMap((filters) => [convolutionWithRelu(filters, 3), maxPool]),
    flatten,
    ...(o.dense > 0 ? [dense(o.dense)] : []),
    ...dropout(o.dropout),
  ],
});

export const lenet5 = modelEntry({
  id: 'lenet5',
  name: 'LeNet-5',
  summary: 'LeCun et al. 1998 with ReLU: two 5x5 convolutions with average pooling, then 120 and 84 units.',
  options: z.strictObject({ dropout: dropoutOption }),
  needsImages: true,
  layers: (o) => [
    convolutionWithRelu(6, 5),
    averagePool,
    convolutionWithRelu(16, 5),
    averagePool,
    flatten,
    dense(120),
    dense(84),
    ...dropout(o.dropout),
  ],
});
