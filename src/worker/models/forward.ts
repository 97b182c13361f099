import type * as tfjs from '@tensorflow/tfjs';
import type { Activation, LeafLayerSpec, Padding } from '../../core/models/layerSpec.ts';
import { asPair, type ModelPlan, type PlannedLayer } from '../../core/models/modelPlan.ts';
import type { NamedTensors, Tf } from '../backends/device.ts';
import { trainingBatchNorm } from './ops/batchNorm.ts';

export type { NamedTensors };

/** Everything a forward pass reads. Dropout draws nothing itself: its masks come in, already scaled by 1 / keep. */
export interface ForwardInputs {
  /** trainable variables and running statistics by name */
  variables: NamedTensors;
  /** [batch, ...sample shape] */
  x: tfjs.Tensor;
  /** one mask per dropout layer path, shaped like the layer's input; absent when not training */
  masks: NamedTensors;
  training: boolean;
}

export interface ForwardResult {
  /** [batch, outputSize]: logits, or the predicted targets */
  output: tfjs.Tensor2D;
  /** new running statistics by variable name; empty when not training */
  statistics: Record<string, tfjs.Tensor>;
}

function activate(tf: Tf, x: tfjs.Tensor, activation: Activation): tfjs.Tensor {
  switch (activation) {
    case 'linear':
      return x;
    case 'relu':
      return tf.relu(x);
    case 'tanh':
      return tf.tanh(x);
    case 'sigmoid':
      return tf.sigmoid(x);
    case 'gelu':
      // tanh form (D. Hendrycks, K. Gimpel, 2016)
      return tf.tidy(() => {
        const inner = tf.mul(tf.add(x, tf.mul(tf.pow(x, 3), 0.044715)), Math.sqrt(2 / Math.PI));
        return tf.mul(tf.mul(x, 0.5), tf.add(tf.tanh(inner), 1));
      });
  }
}

type Pad = 'same' | 'valid' | [[0, 0], [number, number], [number, number], [0, 0]];

/** What tfjs calls a padding; it takes numbers for all four axes. */
function padOf(padding: Padding): Pad {
  if (typeof padding === 'string') return padding;
  const [rows, columns] = asPair(padding);
  return [
    [0, 0],
    [rows, rows],
    [columns, columns],
    [0, 0],
  ];
}

/** The model as a pure function of tensors: reads no values and branches on none, so that it can be traced. */
export function forward(tf: Tf, plan: ModelPlan, inputs: ForwardInputs): ForwardResult {
  const statistics: Record<string, tfjs.Tensor> = {};
  const variable = (layer: PlannedLayer, name: string): tfjs.Tensor => inputs.variables[`${layer.path}/${name}`]!;

  function leaf(layer: PlannedLayer, spec: LeafLayerSpec, x: tfjs.Tensor): tfjs.Tensor {
    switch (spec.type) {
      case 'dense': {
        const product = tf.matMul(x as tfjs.Tensor2D, variable(layer, 'kernel') as tfjs.Tensor2D);
        return activate(tf, spec.useBias ? tf.add(product, variable(layer, 'bias')) : product, spec.activation);
      }
      case 'conv2d': {
        const y = tf.conv2d(
          x as tfjs.Tensor4D,
          variable(layer, 'kernel') as tfjs.Tensor4D,
          asPair(spec.strides),
          padOf(spec.padding),
        );
        return activate(tf, spec.useBias ? tf.add(y, variable(layer, 'bias')) : y, spec.activation);
      }
      case 'maxPool2d':
        return tf.maxPool(
          x as tfjs.Tensor4D,
          asPair(spec.poolSize),
          asPair(spec.strides ?? spec.poolSize),
          padOf(spec.padding),
        );
      case 'averagePool2d':
        return tf.avgPool(
          x as tfjs.Tensor4D,
          asPair(spec.poolSize),
          asPair(spec.strides ?? spec.poolSize),
          padOf(spec.padding),
        );
      case 'globalAveragePool':
        return tf.mean(x, [1, 2]);
      case 'flatten':
        return tf.reshape(x, [x.shape[0]!, layer.outputShape[0]!]);
      case 'activation':
        return activate(tf, x, spec.activation);
      case 'dropout': {
        const mask = inputs.masks[layer.path];
        return inputs.training && mask ? tf.mul(x, mask) : x;
      }
      case 'batchNorm': {
        const gamma = variable(layer, 'gamma');
        const beta = variable(layer, 'beta');
        const mean = variable(layer, 'runningMean') as tfjs.Tensor1D;
        const variance = variable(layer, 'runningVariance') as tfjs.Tensor1D;
        if (!inputs.training) {
          const scale = tf.mul(gamma, tf.rsqrt(tf.add(variance, spec.epsilon)));
          return tf.add(tf.mul(tf.sub(x, mean), scale), beta);
        }
        const normalised = trainingBatchNorm(tf, x, gamma, beta, spec.epsilon);
        const count = x.size / x.shape.at(-1)!;
        const unbiased = tf.mul(normalised.variance, count / Math.max(1, count - 1));
        const mix = (old: tfjs.Tensor, batch: tfjs.Tensor) =>
          tf.keep(tf.add(tf.mul(old, 1 - spec.momentum), tf.mul(batch, spec.momentum)));
        statistics[`${layer.path}/runningMean`] = mix(mean, normalised.mean);
        statistics[`${layer.path}/runningVariance`] = mix(variance, unbiased);
        return normalised.y;
      }
    }
  }

  function through(layers: readonly PlannedLayer[], x: tfjs.Tensor): tfjs.Tensor {
    return layers.reduce((value, layer) => {
      if (layer.spec.type !== 'residual') return leaf(layer, layer.spec, value);
      const sum = tf.add(through(layer.body, value), through(layer.shortcut, value));
      return activate(tf, sum, layer.spec.activation);
    }, x);
  }

  return { output: through(plan.layers, inputs.x) as tfjs.Tensor2D, statistics };
}
