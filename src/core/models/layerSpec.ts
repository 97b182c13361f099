import { z } from 'zod';

const size = (what: string) => z.int(`${what} must be a whole number`).min(1, `${what} must be at least 1`);
const pair = (what: string) =>
  z.union(
    [size(what), z.tuple([size(what), size(what)])],
    `${what} must be a whole number of at least 1, or two of them`,
  );
export const activationSchema = z.enum(['linear', 'relu', 'tanh', 'sigmoid', 'gelu']);
export type Activation = z.infer<typeof activationSchema>;
const border = z.int().min(0);
/**
 * Zeros around an image (a max pooling ignores them, an average pooling leaves them out of its means): `valid` none;
 * `same` as TensorFlow, which with a stride may add more behind than before; a number as PyTorch, that many rows and
 * columns on every side, or one number for the rows and one for the columns.
 */
export const paddingSchema = z.union(
  [z.enum(['same', 'valid']), border, z.tuple([border, border])],
  'padding must be same, valid, a whole number of at least 0, or two of them',
);
export type Padding = z.infer<typeof paddingSchema>;
/**
 * How a kernel starts. he: normal with deviation sqrt(2 / fanIn) (K. He et al., 2015); heFanOut: the same with fanOut, as
 * torchvision's ResNets; glorot: uniform within +-sqrt(6 / (fanIn + fanOut)) (X. Glorot, Y. Bengio, 2010).
 */
export const initializerSchema = z.enum(['he', 'heFanOut', 'glorot']);
export type KernelInitializer = z.infer<typeof initializerSchema>;

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
    padding: paddingSchema.default('same'),
    activation: activationSchema.default('linear'),
    useBias: z.boolean().default(true),
    initializer: initializerSchema.default('he'),
  }),
  z.strictObject({
    type: z.literal('maxPool2d'),
    poolSize: pair('poolSize').default(2),
    strides: pair('strides').optional(),
    padding: paddingSchema.default('valid'),
  }),
  z.strictObject({
    type: z.literal('averagePool2d'),
    poolSize: pair('poolSize').default(2),
    strides: pair('strides').optional(),
    padding: paddingSchema.default('valid'),
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
    /** gamma starts at 0, so that the residual block it ends starts as its shortcut (P. Goyal et al., 2017) */
    zeroGamma: z.boolean().default(false),
  }),
] as const;

export const leafLayerSchema = z.discriminatedUnion('type', leafLayers);

/** body(x) + shortcut(x); an empty shortcut is the identity. */
export const residualSchema = z.strictObject({
  type: z.literal('residual'),
  body: z.array(leafLayerSchema).min(1, 'body needs at least one layer'),
  shortcut: z.array(leafLayerSchema).default([]),
  activation: activationSchema.default('relu'),
});

/** One layer of a model, in the order in which data passes. Images are height, width, channels. */
export const layerSpecSchema = z.discriminatedUnion('type', [...leafLayers, residualSchema]);
export type LayerType = LayerSpec['type'];
export type LayerSpec = z.output<typeof layerSpecSchema>;
export type LeafLayerSpec = z.output<typeof leafLayerSchema>;
