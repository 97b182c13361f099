import type { ModelConfig } from './modelConfig.ts';
import type { LayerSpec, Padding } from './layerSpec.ts';
import { asPair, planModel, type ModelSurroundings, type PlannedLayer } from './modelPlan.ts';

export interface LayerDescription {
  path: string;
  type: string;
  /** one line: "16 filters 3x3, relu" */
  description: string;
  outputShape: number[];
  parameterCount: number;
}

export interface ModelDescription {
  layers: LayerDescription[];
  /** trainable numbers of the whole model */
  parameterCount: number;
}

const times = (value: number | readonly [number, number]): string => asPair(value).join('x');

function paddingText(padding: Padding): string {
  if (typeof padding === 'string') return padding;
  const [rows, columns] = asPair(padding);
  return `padding ${rows === columns ? rows : `${rows}x${columns}`}`;
}

/** What a layer does, in one line. */
export function describeLayer(spec: LayerSpec): string {
  switch (spec.type) {
    case 'dense':
      return `${spec.units} units${spec.activation === 'linear' ? '' : `, ${spec.activation}`}`;
    case 'conv2d': {
      const stride = times(spec.strides) === '1x1' ? '' : `, stride ${times(spec.strides)}`;
      return `${spec.filters} filters ${times(spec.kernelSize)}${stride}, ${paddingText(spec.padding)}${spec.activation === 'linear' ? '' : `, ${spec.activation}`}`;
    }
    case 'maxPool2d':
    case 'averagePool2d':
      return `${times(spec.poolSize)}, stride ${times(spec.strides ?? spec.poolSize)}${spec.padding === 'valid' ? '' : `, ${paddingText(spec.padding)}`}`;
    case 'activation':
      return spec.activation;
    case 'dropout':
      return `rate ${spec.rate}`;
    case 'batchNorm':
      return `momentum ${spec.momentum}${spec.zeroGamma ? ', gamma from 0' : ''}`;
    case 'residual':
      return `body of ${spec.body.length} layers, ${spec.shortcut.length === 0 ? 'identity' : 'projected'} shortcut`;
    case 'flatten':
    case 'globalAveragePool':
      return '';
  }
}

const leavesOf = (layer: PlannedLayer): PlannedLayer[] => [
  layer,
  ...layer.body.flatMap(leavesOf),
  ...layer.shortcut.flatMap(leavesOf),
];

/** The layer table of a model for one kind of sample. Throws AppError `shapeMismatch`. */
export function describeModel(model: ModelConfig, surroundings: ModelSurroundings): ModelDescription {
  const plan = planModel(model, surroundings);
  const layers = plan.layers.flatMap(leavesOf).map((layer) => ({
    path: layer.path,
    type: layer.spec.type,
    description: describeLayer(layer.spec),
    outputShape: layer.outputShape,
    parameterCount: layer.variables
      .filter((variable) => variable.trainable)
      .reduce((sum, variable) => sum + variable.shape.reduce((product, size) => product * size, 1), 0),
  }));
  return { layers, parameterCount: plan.parameterCount };
}
