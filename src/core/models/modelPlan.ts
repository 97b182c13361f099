import { AppError } from '../errors.ts';
import type { Task } from '../contract/datasets.ts';
import { modelCatalogue } from './catalogue.ts';
import type { LayerSpec, LeafLayerSpec } from './layerSpec.ts';
import type { ModelConfig } from './modelConfig.ts';

/** What surrounds a model: the shape of one sample and what it must answer. */
export interface ModelSurroundings {
  /** [height, width, channels] or [features] */
  inputShape: readonly number[];
  task: Task;
  /** classes to tell apart; ignored for regression */
  classCount: number;
  /** targets per row of a regression; 1 by default */
  targetCount?: number;
}

/**
 * How a variable starts. he: normal with deviation sqrt(2 / fanIn) (K. He et al., 2015). glorot: uniform within
 * +-sqrt(6 / (fanIn + fanOut)) (X. Glorot, Y. Bengio, 2010).
 */
export type Initializer =
  | { kind: 'he'; fanIn: number }
  | { kind: 'glorot'; fanIn: number; fanOut: number }
  | { kind: 'zeros' }
  | { kind: 'ones' };

export interface VariablePlan {
  /** unique in the model: "2.conv2d/kernel" */
  name: string;
  shape: number[];
  initializer: Initializer;
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

/** A model made concrete for one dataset: every shape and every variable known. */
export interface ModelPlan {
  inputShape: number[];
  layers: PlannedLayer[];
  outputSize: number;
  /** all variables in the order of the layers */
  variables: VariablePlan[];
  /** trainable numbers */
  parameterCount: number;
}

const elements = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);
export const asPair = (value: number | readonly [number, number]): [number, number] =>
  typeof value === 'number' ? [value, value] : [value[0], value[1]];

function fail(path: string, message: string): never {
  throw new AppError('shapeMismatch', `Layer ${path}: ${message}`, { details: { layer: path } });
}

function imageShape(path: string, shape: readonly number[]): [number, number, number] {
  if (shape.length !== 3) fail(path, `needs images of height, width and channels, but gets [${shape.join(', ')}].`);
  return [shape[0]!, shape[1]!, shape[2]!];
}

/** Output length of a window that slides over `size`; TensorFlow's meaning of same and valid. */
function slide(path: string, size: number, window: number, stride: number, padding: 'same' | 'valid'): number {
  const length = padding === 'same' ? Math.ceil(size / stride) : Math.floor((size - window) / stride) + 1;
  if (length < 1)
    fail(
      path,
      `its window of ${window} does not fit into ${size} pixels; use smaller windows or fewer pooling layers.`,
    );
  return length;
}

type LayerResult = { outputShape: number[]; variables: VariablePlan[] };

function planLeaf(path: string, spec: LeafLayerSpec, inputShape: readonly number[]): LayerResult {
  const variable = (name: string, shape: number[], initializer: Initializer, trainable = true): VariablePlan => ({
    name: `${path}/${name}`,
    shape,
    initializer,
    trainable,
  });
  const initializer = (kind: 'he' | 'glorot', fanIn: number, fanOut: number): Initializer =>
    kind === 'he' ? { kind, fanIn } : { kind, fanIn, fanOut };

  switch (spec.type) {
    case 'dense': {
      if (inputShape.length !== 1)
        fail(
          path,
          `a dense layer needs a flat input, but gets [${inputShape.join(', ')}]; put a flatten layer before it.`,
        );
      const inputs = inputShape[0]!;
      const kernel = variable('kernel', [inputs, spec.units], initializer(spec.initializer, inputs, spec.units));
      return {
        outputShape: [spec.units],
        variables: spec.useBias ? [kernel, variable('bias', [spec.units], { kind: 'zeros' })] : [kernel],
      };
    }
    case 'conv2d': {
      const [height, width, channels] = imageShape(path, inputShape);
      const [kh, kw] = asPair(spec.kernelSize);
      const [sh, sw] = asPair(spec.strides);
      const kernel = variable(
        'kernel',
        [kh, kw, channels, spec.filters],
        initializer(spec.initializer, kh * kw * channels, kh * kw * spec.filters),
      );
      return {
        outputShape: [
          slide(path, height, kh, sh, spec.padding),
          slide(path, width, kw, sw, spec.padding),
          spec.filters,
        ],
        variables: spec.useBias ? [kernel, variable('bias', [spec.filters], { kind: 'zeros' })] : [kernel],
      };
    }
    case 'maxPool2d':
    case 'averagePool2d': {
      const [height, width, channels] = imageShape(path, inputShape);
      const [ph, pw] = asPair(spec.poolSize);
      const [sh, sw] = asPair(spec.strides ?? spec.poolSize);
      return {
        outputShape: [slide(path, height, ph, sh, spec.padding), slide(path, width, pw, sw, spec.padding), channels],
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
          variable('gamma', [channels], { kind: 'ones' }),
          variable('beta', [channels], { kind: 'zeros' }),
          variable('runningMean', [channels], { kind: 'zeros' }, false),
          variable('runningVariance', [channels], { kind: 'ones' }, false),
        ],
      };
    }
  }
}

function planLayers(prefix: string, specs: readonly LayerSpec[], inputShape: readonly number[]): PlannedLayer[] {
  let shape: number[] = [...inputShape];
  return specs.map((spec, index) => {
    const path = `${prefix}${index}.${spec.type}`;
    const layer = planLayer(path, spec, shape);
    shape = layer.outputShape;
    return layer;
  });
}

function planLayer(path: string, spec: LayerSpec, inputShape: number[]): PlannedLayer {
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

const variablesOf = (layer: PlannedLayer): VariablePlan[] => [
  ...layer.variables,
  ...layer.body.flatMap(variablesOf),
  ...layer.shortcut.flatMap(variablesOf),
];

/**
 * Lays out a model: the chosen layers, then a dense output layer of one unit per class or per target. Throws
 * AppError `shapeMismatch` naming the layer that does not fit.
 */
export function planModel(model: ModelConfig, surroundings: ModelSurroundings): ModelPlan {
  const inputShape = [...surroundings.inputShape];
  const hidden = layersOf(model, inputShape);
  const outputSize = surroundings.task === 'classes' ? surroundings.classCount : (surroundings.targetCount ?? 1);
  const beforeOutput = planLayers('', hidden, inputShape);
  const flat = (beforeOutput.at(-1)?.outputShape ?? inputShape).length === 1;
  const output: LayerSpec = {
    type: 'dense',
    units: outputSize,
    activation: 'linear',
    useBias: true,
    initializer: 'glorot',
  };
  const layers = planLayers('', [...hidden, ...(flat ? [] : [{ type: 'flatten' } as const]), output], inputShape);
  const variables = layers.flatMap(variablesOf);
  return {
    inputShape,
    layers,
    outputSize,
    variables,
    parameterCount: variables.filter((v) => v.trainable).reduce((sum, v) => sum + elements(v.shape), 0),
  };
}

function layersOf(model: ModelConfig, inputShape: readonly number[]): readonly LayerSpec[] {
  if ('layers' in model) return model.layers;
  const entry = modelCatalogue.find((candidate) => candidate.id === model.preset);
  if (!entry) throw new AppError('unknownModel', `There is no model "${model.preset}".`);
  if (entry.needsImages && inputShape.length !== 3) {
    throw new AppError(
      'shapeMismatch',
      `${entry.name} needs images, but the samples of this dataset have shape [${inputShape.join(', ')}]; choose mlp or softmax.`,
    );
  }
  return entry.layers(model.options);
}
