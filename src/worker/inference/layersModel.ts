import type * as tfjs from '@tensorflow/tfjs';
import { AppError } from '../../core/errors.ts';
import type { Activation, LayerSpec, LeafLayerSpec, Padding } from '../../core/models/layerSpec.ts';
import { asPair, type PlannedLayer } from '../../core/models/modelPlan.ts';
import type { Tf } from '../backends/device.ts';
import type { TrainedNetwork } from './trainedNetwork.ts';

const activationNames = {
  linear: 'linear',
  relu: 'relu',
  tanh: 'tanh',
  sigmoid: 'sigmoid',
  // the tanh form, as in training
  gelu: 'gelu_new',
} as const satisfies Record<Activation, string>;

/** Names that Keras and tfjs accept: letters, digits, `_`. */
const kerasName = (path: string): string => `layer_${path.replaceAll(/[^A-Za-z0-9]+/g, '_')}`;

/** Whether what a layer passes on is never negative, so that zeros around it never win a maximum. */
function isNonNegative(spec: LayerSpec | undefined): boolean {
  if (!spec) return false;
  const activation = 'activation' in spec ? spec.activation : null;
  return activation === 'relu' || activation === 'sigmoid';
}

function notExpressible(path: string, what: string): AppError {
  return new AppError(
    'kernelMissing',
    `The model cannot be saved for tfjs: layer ${path} ${what}, which tfjs layers cannot express. Save it as safetensors.`,
    { details: { layer: path } },
  );
}

/**
 * The network as a tfjs LayersModel with its weights, which belongs to the caller. Its input is what the model receives
 * in training; with `probabilities` it ends in a softmax.
 */
export function toLayersModel(
  tf: Tf,
  { plan, variables }: Pick<TrainedNetwork, 'plan' | 'variables'>,
  probabilities: boolean,
): tfjs.LayersModel {
  const weighted: { layer: tfjs.layers.Layer; names: string[] }[] = [];
  const apply = (layer: tfjs.layers.Layer, x: tfjs.SymbolicTensor, names: string[] = []): tfjs.SymbolicTensor => {
    const y = layer.apply(x) as tfjs.SymbolicTensor;
    if (names.length > 0) weighted.push({ layer, names });
    return y;
  };
  const activate = (activation: Activation, x: tfjs.SymbolicTensor, name: string): tfjs.SymbolicTensor =>
    apply(tf.layers.activation({ activation: activationNames[activation], name }), x);

  /** Zeros around an image as a layer of their own; tfjs layers know `same` and `valid` alone. */
  const padded = (
    x: tfjs.SymbolicTensor,
    padding: Padding,
    name: string,
  ): { x: tfjs.SymbolicTensor; padding: 'same' | 'valid' } => {
    if (typeof padding === 'string') return { x, padding };
    const [rows, columns] = asPair(padding);
    if (rows === 0 && columns === 0) return { x, padding: 'valid' };
    const borders: [[number, number], [number, number]] = [
      [rows, rows],
      [columns, columns],
    ];
    return { x: apply(tf.layers.zeroPadding2d({ padding: borders, name: `${name}_padding` }), x), padding: 'valid' };
  };

  function leaf(
    layer: PlannedLayer,
    spec: LeafLayerSpec,
    x: tfjs.SymbolicTensor,
    before: LayerSpec | undefined,
  ): tfjs.SymbolicTensor {
    const name = kerasName(layer.path);
    const named = (...kinds: string[]): string[] => kinds.map((kind) => `${layer.path}/${kind}`);
    switch (spec.type) {
      case 'dense': {
        const { units, useBias } = spec;
        const activation = activationNames[spec.activation];
        const names = named('kernel', ...(useBias ? ['bias'] : []));
        return apply(tf.layers.dense({ units, useBias, activation, name }), x, names);
      }
      case 'conv2d': {
        const { filters, useBias } = spec;
        const { x: image, padding } = padded(x, spec.padding, name);
        const options = { kernelSize: asPair(spec.kernelSize), strides: asPair(spec.strides) };
        const activation = activationNames[spec.activation];
        const names = named('kernel', ...(useBias ? ['bias'] : []));
        return apply(tf.layers.conv2d({ filters, padding, useBias, activation, name, ...options }), image, names);
      }
      case 'maxPool2d':
      case 'averagePool2d': {
        const poolSize = asPair(spec.poolSize);
        const isPadded = typeof spec.padding !== 'string' && asPair(spec.padding).some((border) => border > 0);
        if (isPadded && spec.type === 'averagePool2d')
          throw notExpressible(layer.path, 'leaves its border out of means');
        if (isPadded && !isNonNegative(before)) throw notExpressible(layer.path, 'ignores its border');
        const { x: image, padding } = padded(x, spec.padding, name);
        const options = { poolSize, strides: asPair(spec.strides ?? spec.poolSize), padding, name };
        const { maxPooling2d, averagePooling2d } = tf.layers;
        return apply(spec.type === 'maxPool2d' ? maxPooling2d(options) : averagePooling2d(options), image);
      }
      case 'globalAveragePool':
        return apply(tf.layers.globalAveragePooling2d({ name }), x);
      case 'flatten':
        return layer.inputShape.length === 1 ? x : apply(tf.layers.flatten({ name }), x);
      case 'activation':
        return activate(spec.activation, x, name);
      case 'dropout':
        return apply(tf.layers.dropout({ rate: spec.rate, name }), x);
      case 'batchNorm': {
        const { epsilon } = spec;
        // Keras counts momentum the other way round
        const momentum = 1 - spec.momentum;
        const names = named('gamma', 'beta', 'runningMean', 'runningVariance');
        return apply(tf.layers.batchNormalization({ epsilon, momentum, name }), x, names);
      }
    }
  }

  function through(layers: readonly PlannedLayer[], input: tfjs.SymbolicTensor): tfjs.SymbolicTensor {
    return layers.reduce((x, layer, i) => {
      if (layer.spec.type !== 'residual') return leaf(layer, layer.spec, x, layers[i - 1]?.spec);
      const name = kerasName(layer.path);
      const branches = [through(layer.body, x), through(layer.shortcut, x)];
      const sum = tf.layers.add({ name: `${name}_add` }).apply(branches) as tfjs.SymbolicTensor;
      return activate(layer.spec.activation, sum, `${name}_activation`);
    }, input);
  }

  const input = tf.input({ shape: [...plan.inputShape], name: 'input' });
  const output = through(plan.layers, input);
  const end = probabilities ? apply(tf.layers.softmax({ name: 'probabilities' }), output) : output;
  const model = tf.model({ inputs: input, outputs: end });
  for (const { layer, names } of weighted) layer.setWeights(names.map((variable) => variables[variable]!));
  return model;
}
