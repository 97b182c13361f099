import { activationSchema, initializerSchema, type LayerType } from './layerSpec.ts';

/** One setting of a layer, as a form shows it and as the docs name it. */
export interface LayerField {
  key: string;
  label: string;
  description: string;
  /** pair: one number for rows and columns, or two; padding: same, valid, or as a pair */
  kind: 'count' | 'pair' | 'padding' | 'number' | 'switch' | 'choice';
  choices?: readonly string[];
  /** may be left out */
  isOptional?: boolean;
}

export interface LayerEntry {
  name: string;
  summary: string;
  fields: readonly LayerField[];
  /** what a new layer of this kind is before anything is set: the settings without a default */
  start: Readonly<Record<string, unknown>>;
}

const activation: LayerField = {
  key: 'activation',
  label: 'Activation',
  description: 'Applied to the result, number by number.',
  kind: 'choice',
  choices: activationSchema.options,
};
const kernelFields: readonly LayerField[] = [
  activation,
  {
    key: 'useBias',
    label: 'Bias',
    description: 'Adds a number per output; needless before a batch norm.',
    kind: 'switch',
  },
  {
    key: 'initializer',
    label: 'Kernel starts as',
    description: 'he: for ReLU, by inputs; heFanOut: by outputs, as torchvision; glorot: by both.',
    kind: 'choice',
    choices: initializerSchema.options,
  },
];
const strides: LayerField = {
  key: 'strides',
  label: 'Stride',
  description: 'Pixels from one place of the window to the next: one number, or rows, columns.',
  kind: 'pair',
};
const padding: LayerField = {
  key: 'padding',
  label: 'Padding',
  description:
    'same (as TensorFlow), valid (none), or rows and columns added on every side, as PyTorch counts: 1, or 1, 2.',
  kind: 'padding',
};
const poolFields: readonly LayerField[] = [
  { key: 'poolSize', label: 'Window', description: 'Rows and columns: one number, or two.', kind: 'pair' },
  {
    ...strides,
    description: 'Pixels from one window to the next; left out, the size of the window.',
    isOptional: true,
  },
  padding,
];

/** Every kind of layer, in the order in which a list to choose from shows them. */
export const layerCatalogue: Readonly<Record<LayerType, LayerEntry>> = {
  dense: {
    name: 'Dense',
    summary: 'Every output is a weighted sum of all inputs, which must be flat.',
    fields: [{ key: 'units', label: 'Units', description: 'How many outputs.', kind: 'count' }, ...kernelFields],
    start: { units: 128, activation: 'relu' },
  },
  conv2d: {
    name: 'Convolution 2D',
    summary: 'Slides filters over images.',
    fields: [
      { key: 'filters', label: 'Filters', description: 'Channels that leave the layer.', kind: 'count' },
      {
        key: 'kernelSize',
        label: 'Kernel',
        description: 'Rows and columns of a filter: one number, or two.',
        kind: 'pair',
      },
      strides,
      padding,
      ...kernelFields,
    ],
    start: { filters: 32, kernelSize: 3, padding: 1, activation: 'relu' },
  },
  batchNorm: {
    name: 'Batch norm',
    summary:
      'Gives every channel the mean beta and the deviation gamma over a batch; with running statistics when evaluated.',
    fields: [
      {
        key: 'momentum',
        label: 'Momentum',
        description: 'Share of the new statistics, as in PyTorch: running = (1 - m) running + m batch.',
        kind: 'number',
      },
      { key: 'epsilon', label: 'Epsilon', description: 'Added to the variance.', kind: 'number' },
      {
        key: 'zeroGamma',
        label: 'Gamma from 0',
        description: 'Starts gamma at 0: for the last one of a residual block, which then starts as its shortcut.',
        kind: 'switch',
      },
    ],
    start: {},
  },
  activation: {
    name: 'Activation',
    summary: 'A function of each number.',
    fields: [activation],
    start: { activation: 'relu' },
  },
  maxPool2d: {
    name: 'Max pooling 2D',
    summary: 'The largest number of each window; padding never wins.',
    fields: poolFields,
    start: {},
  },
  averagePool2d: {
    name: 'Average pooling 2D',
    summary: 'The mean of each window, of the pixels that are there: padding does not count.',
    fields: poolFields,
    start: {},
  },
  globalAveragePool: {
    name: 'Global average pooling',
    summary: 'The mean of each channel over the whole image.',
    fields: [],
    start: {},
  },
  flatten: { name: 'Flatten', summary: 'All numbers of a sample in one row.', fields: [], start: {} },
  dropout: {
    name: 'Dropout',
    summary: 'Sets numbers to 0 at random while training and scales up the others.',
    fields: [{ key: 'rate', label: 'Rate', description: 'Share that is dropped, below 0.95.', kind: 'number' }],
    start: { rate: 0.5 },
  },
  residual: {
    name: 'Residual block',
    summary: 'The sum of two branches, body and shortcut, then an activation; an empty shortcut passes the input on.',
    fields: [{ ...activation, description: 'Applied to the sum.' }],
    start: {
      body: [{ type: 'conv2d', filters: 32, kernelSize: 3, padding: 1, useBias: false }, { type: 'batchNorm' }],
      shortcut: [],
      activation: 'relu',
    },
  },
};

export const layerTypes = Object.keys(layerCatalogue) as LayerType[];

export const isLayerType = (type: unknown): type is LayerType =>
  typeof type === 'string' && Object.hasOwn(layerCatalogue, type);
