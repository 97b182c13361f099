import { AppError } from '../errors.ts';
import type { KernelInitializer, LayerSpec, LeafLayerSpec, Padding } from './layerSpec.ts';

/** How a variable starts: `initializerSchema` with its numbers; he takes `fan`, numbers per output or per input. */
export type Initializer =
  | { kind: 'he'; fan: number }
  | { kind: 'glorot'; fanIn: number; fanOut: number }
  | { kind: 'zeros' }
  | { kind: 'ones' };

export interface VariablePlan {
  /** unique in the model: "2.conv2d/kernel" */
  name: string;
  shape: number[];
  initializer: Initializer;
  /** what it is to its layer; weight decay may spare all but the weights */
  role: 'weight' | 'bias' | 'norm' | 'statistic';
  /** false for running statistics, which no optimizer touches */
  trainable: boolean;
}

export interface PlannedLayer {
  /** place in the model: "3.conv2d", "4.residual.body.0.conv2d" */
  path: string;
  spec: LayerSpec;
  inputShape: number[];
  outputShape: number[];
  variables: VariablePlan[];
  body: PlannedLayer[];
  shortcut: PlannedLayer[];
}

export const elements = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);
export const asPair = (value: number | readonly [number, number]): [number, number] =>
  typeof value === 'number' ? [value, value] : [value[0], value[1]];

function fail(path: string, message: string): never {
  throw new AppError('shapeMismatch', `Layer ${path}: ${message}`, { details: { layer: path } });
}

function imageShape(path: string, shape: readonly number[]): [number, number, number] {
  if (shape.length !== 3) fail(path, `needs images of height, width and channels, but gets [${shape.join(', ')}].`);
  return [shape[0]!, shape[1]!, shape[2]!];
}

interface Sliding {
  window: number | readonly [number, number];
  strides: number | readonly [number, number];
  padding: Padding;
}

/** Rows and columns of the places of a window that slides over an image. */
function slide(path: string, size: readonly [number, number], { window, strides, padding }: Sliding): number[] {
  const windows = asPair(window);
  const steps = asPair(strides);
  return size.map((pixels, axis) => {
    if (padding === 'same') return Math.ceil(pixels / steps[axis]!);
    const border = padding === 'valid' ? 0 : asPair(padding)[axis]!;
    const length = Math.floor((pixels + 2 * border - windows[axis]!) / steps[axis]!) + 1;
    if (length < 1) {
      const padded = border === 0 ? '' : ` with ${border} more on each side`;
      fail(
        path,
        `its window of ${windows[axis]!} does not fit into ${pixels} pixels${padded}; use smaller windows or fewer pooling layers.`,
      );
    }
    return length;
  });
}

/** A pooling window that lay in the border alone would have no numbers to take. */
function checkPoolPadding(path: string, window: number | readonly [number, number], padding: Padding): void {
  if (typeof padding === 'string') return;
  const windows = asPair(window);
  asPair(padding).forEach((border, axis) => {
    if (2 * border > windows[axis]!)
      fail(path, `its padding of ${border} is more than half its window of ${windows[axis]!}; use less padding.`);
  });
}

type LayerResult = { outputShape: number[]; variables: VariablePlan[] };
type KernelLayer = Extract<LeafLayerSpec, { type: 'dense' | 'conv2d' }>;

/** For a kernel of shape [..., inputs, outputs]. */
function kernelInitializer(kind: KernelInitializer, shape: readonly number[]): Initializer {
  const taps = elements(shape.slice(0, -2));
  const fanIn = taps * shape.at(-2)!;
  const fanOut = taps * shape.at(-1)!;
  if (kind === 'glorot') return { kind, fanIn, fanOut };
  return { kind: 'he', fan: kind === 'he' ? fanIn : fanOut };
}

function planLeaf(path: string, spec: LeafLayerSpec, inputShape: readonly number[]): LayerResult {
  const variable = (
    name: string,
    role: VariablePlan['role'],
    shape: number[],
    initializer: Initializer,
  ): VariablePlan => ({ name: `${path}/${name}`, role, shape, initializer, trainable: role !== 'statistic' });
  const kernelAndBias = (layer: KernelLayer, shape: number[]): VariablePlan[] => {
    const kernel = variable('kernel', 'weight', shape, kernelInitializer(layer.initializer, shape));
    return layer.useBias ? [kernel, variable('bias', 'bias', [shape.at(-1)!], { kind: 'zeros' })] : [kernel];
  };

  switch (spec.type) {
    case 'dense': {
      if (inputShape.length !== 1)
        fail(
          path,
          `a dense layer needs a flat input, but gets [${inputShape.join(', ')}]; put a flatten layer before it.`,
        );
      return { outputShape: [spec.units], variables: kernelAndBias(spec, [inputShape[0]!, spec.units]) };
    }
    case 'conv2d': {
      const [height, width, channels] = imageShape(path, inputShape);
      const { kernelSize: window, strides, padding, filters } = spec;
      return {
        outputShape: [...slide(path, [height, width], { window, strides, padding }), filters],
        variables: kernelAndBias(spec, [...asPair(window), channels, filters]),
      };
    }
    case 'maxPool2d':
    case 'averagePool2d': {
      const [height, width, channels] = imageShape(path, inputShape);
      const { poolSize: window, strides = window, padding } = spec;
      checkPoolPadding(path, window, padding);
      return {
        outputShape: [...slide(path, [height, width], { window, strides, padding }), channels],
        variables: [],
      };
    }
    case 'globalAveragePool':
      return { outputShape: [imageShape(path, inputShape)[2]], variables: [] };
    case 'flatten':
      return { outputShape: [elements(inputShape)], variables: [] };
    case 'activation':
    case 'dropout':
      return { outputShape: [...inputShape], variables: [] };
    case 'batchNorm': {
      const channels = inputShape.at(-1)!;
      return {
        outputShape: [...inputShape],
        variables: [
          variable('gamma', 'norm', [channels], { kind: spec.zeroGamma ? 'zeros' : 'ones' }),
          variable('beta', 'norm', [channels], { kind: 'zeros' }),
          variable('runningMean', 'statistic', [channels], { kind: 'zeros' }),
          variable('runningVariance', 'statistic', [channels], { kind: 'ones' }),
        ],
      };
    }
  }
}

/** Layers one after the other. Throws AppError `shapeMismatch` naming the layer that does not fit. */
export function planLayers(prefix: string, specs: readonly LayerSpec[], inputShape: readonly number[]): PlannedLayer[] {
  let shape: number[] = [...inputShape];
  return specs.map((spec, index) => {
    const path = `${prefix}${index}.${spec.type}`;
    const layer = planLayer(path, spec, shape);
    shape = layer.outputShape;
    return layer;
  });
}

/** Throws AppError `shapeMismatch`. */
export function planLayer(path: string, spec: LayerSpec, inputShape: number[]): PlannedLayer {
  if (spec.type !== 'residual')
    return { path, spec, inputShape, ...planLeaf(path, spec, inputShape), body: [], shortcut: [] };
  const body = planLayers(`${path}.body.`, spec.body, inputShape);
  const shortcut = planLayers(`${path}.shortcut.`, spec.shortcut, inputShape);
  const bodyShape = body.at(-1)?.outputShape ?? inputShape;
  const shortcutShape = shortcut.at(-1)?.outputShape ?? inputShape;
  if (bodyShape.join() !== shortcutShape.join()) {
    fail(
      path,
      `its body ends in [${bodyShape.join(', ')}] and its shortcut in [${shortcutShape.join(', ')}]; they are added and must agree.`,
    );
  }
  return { path, spec, inputShape, outputShape: bodyShape, variables: [], body, shortcut };
}
