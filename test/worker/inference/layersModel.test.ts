import path from 'node:path';
import type * as tfjs from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { modelConfigSchema } from '../../../src/core/models/modelConfig.ts';
import { planModel } from '../../../src/core/models/modelPlan.ts';
import { createGenerator } from '../../../src/core/random/generator.ts';
import type { Device } from '../../../src/worker/backends/device.ts';
import { openDevice } from '../../../src/worker/backends/openDevice.ts';
import { toLayersModel } from '../../../src/worker/inference/layersModel.ts';
import { forward } from '../../../src/worker/models/forward.ts';

let device: Device;

beforeAll(async () => {
  device = await openDevice('wasm', { threads: 1, wasmDir: path.resolve('resources/wasm') });
});
afterAll(() => device.close());

const convolution = (filters: number, more: object = {}) => ({ type: 'conv2d', filters, kernelSize: 3, ...more });

const cases: Record<string, { model: unknown; inputShape: number[] }> = {
  'softmax regression': { model: { preset: 'softmax' }, inputShape: [6] },
  'an MLP with every activation': {
    model: {
      layers: [
        { type: 'dense', units: 5, activation: 'gelu' },
        { type: 'dense', units: 5, activation: 'tanh' },
        { type: 'dense', units: 5, activation: 'sigmoid' },
        { type: 'dropout', rate: 0.5 },
        { type: 'dense', units: 5, useBias: false },
        { type: 'activation', activation: 'relu' },
      ],
    },
    inputShape: [6],
  },
  'LeNet-5': { model: { preset: 'lenet5' }, inputShape: [28, 28, 1] },
  'explicit, same and valid borders': {
    model: {
      layers: [
        convolution(4, { padding: 2, strides: 2, activation: 'relu' }),
        { type: 'maxPool2d', poolSize: 3, strides: 2, padding: 1 },
        convolution(4, { padding: [0, 1] }),
        convolution(4, { padding: 'valid', strides: [1, 2] }),
        { type: 'averagePool2d', poolSize: 2, padding: 'same' },
      ],
    },
    inputShape: [19, 23, 3],
  },
  'ResNet-18 for ImageNet-sized pictures, narrow': {
    model: { preset: 'resnet18', options: { width: 0.0625 } },
    inputShape: [64, 64, 3],
  },
};

describe('a network as a tfjs LayersModel', () => {
  it.each(Object.entries(cases))('%s says what the network says', (_name, { model, inputShape }) => {
    const { tf } = device;
    const before = tf.memory().numTensors;
    const plan = planModel(modelConfigSchema.parse(model), { inputShape, task: 'classes', classCount: 3 });
    const random = createGenerator(7, 'shuffle');
    const variables: Record<string, tfjs.Tensor> = {};
    for (const { name, shape } of plan.variables) {
      const size = shape.reduce((a, b) => a * b, 1);
      // variances are positive, everything else may have either sign
      const low = name.endsWith('runningVariance') ? 0.5 : -0.5;
      variables[name] = tf.tensor(
        Float32Array.from({ length: size }, () => low + random.nextFloat()),
        shape,
      );
    }
    const size = inputShape.reduce((a, b) => a * b, 1);
    const x = tf.tensor(
      Float32Array.from({ length: 4 * size }, () => random.nextFloat() - 0.5),
      [4, ...inputShape],
    );
    const expected = tf.tidy(() => tf.softmax(forward(tf, plan, { variables, x, masks: {}, training: false }).output));
    const layers = toLayersModel(tf, { plan, variables }, true);
    const actual = layers.predict(x) as tfjs.Tensor;
    const difference = tf.tidy(() => tf.max(tf.abs(tf.sub(actual, expected))).dataSync()[0]!);
    expect(actual.shape).toStrictEqual([4, 3]);
    expect(difference).toBeLessThan(1e-5);
    layers.dispose();
    tf.dispose([x, expected, actual, ...Object.values(variables)]);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('refuses what tfjs layers cannot say, with the layer and a way on', () => {
    const layers = [convolution(2), { type: 'maxPool2d', poolSize: 3, strides: 2, padding: 1 }];
    const plan = planModel(modelConfigSchema.parse({ layers }), {
      inputShape: [8, 8, 1],
      task: 'classes',
      classCount: 3,
    });
    expect(() => toLayersModel(device.tf, { plan, variables: {} }, true)).toThrow(/layer 1\.maxPool2d .*safetensors/);
  });
});
