import { z } from 'zod';

const size = (what: string) => z.int(`${what} must be a whole number`).min(1, `${what} must be at least 1`);
const pair = (what: string) => z.union([size(what), z.tuple([size(what), size(what)])]);
export const activationSchema = z.enum(['linear', 'relu', 'tanh', 'sigmoid', 'gelu']);
export type Activation = z.infer<typeof activationSchema>;
const padding = z.enum(['same', 'valid']);
const initializerSchema = z.enum(['he', 'glorot']);

const leafLayers = [
  z.strictObject({
    type: z.literal('dense'),
    units: size('units'),
    activation: activationSchema.default('linear'),
    useBias: z.boolean().default(true),
    initializer: initializerSchema.default('he'),
  }),
  z.strictObject({
    type: z.literal('conv2d'),
    filters: size('filters'),
    kernelSize: pair('kernelSize'),
    strides: pair('strides').default(1),
    padding: padding.default('same'),
    activation: activationSchema.default('linear'),
    useBias: z.boolean().default(true),
    initializer: initializerSchema.default('he'),
  }),
  z.strictObject({
    type: z.literal('maxPool2d'),
    poolSize: pair('poolSize').default(2),
    strides: pair('strides').optional(),
    padding: padding.default('valid'),
  }),
  z.strictObject({
    type: z.literal('averagePool2d'),
    poolSize: pair('poolSize').default(2),
    strides: pair('strides').optional(),
    padding: padding.default('valid'),
  }),
  z.strictObject({ type: z.literal('globalAveragePool') }),
  z.strictObject({ type: z.literal('flatten') }),
  z.strictObject({ type: z.literal('activation'), activation: activationSchema }),
  z.strictObject({
    type: z.literal('dropout'),
    rate: z.number().min(0, 'rate must be at least 0').max(0.95, 'rate must be at most 0.95'),
  }),
  /** momentum in PyTorch's sense: running = (1 - momentum) * running + momentum * batch */
  z.strictObject({
    type: z.literal('batchNorm'),
    momentum: z.number().min(0).max(1).default(0.1),
    epsilon: z.number().positive().default(1e-5),
  }),
] as const;

const leafLayerSchema = z.discriminatedUnion('type', leafLayers);

/** body(x) + shortcut(x); an empty shortcut is the identity. */
const residualSchema = z.strictObject({
  type: z.literal('residual'),
  body: z.array(leafLayerSchema).min(1),
  shortcut: z.array(leafLayerSchema).default([]),
  activation: activationSchema.default('relu'),
});

/** One layer of a model, in the order in which data passes. Images are height, width, channels. */
export const layerSpecSchema = z.discriminatedUnion('type', [...leafLayers, residualSchema]);
export type LayerSpec = z.output<typeof layerSpecSchema>;
export type LeafLayerSpec = z.output<typeof leafLayerSchema>;
