/* oxlint-disable vitest/expect-expect -- expectLikeCpu asserts */
import type { Tensor } from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Device, Tf } from '../../../src/worker/backends/device.ts';
import { openDevice } from '../../../src/worker/backends/openDevice.ts';
import { trainingBatchNorm } from '../../../src/worker/models/ops/batchNorm.ts';
import { expectLikeCpu, normals, randomTensor, wasmDir } from './comparison.ts';

const epsilon = 1e-3;
const shapes = [
  [4, 3],
  [64, 10],
  [5, 6, 7, 3],
  [16, 12, 12, 32],
  [3000, 17],
];

describe('batch norm in training', () => {
  let device: Device;
  beforeAll(async () => {
    device = await openDevice('wasm', { threads: 2, wasmDir });
  });
  afterAll(() => device.close());

  const inputs = (tf: Tf, shape: number[]): [Tensor, Tensor, Tensor] => {
    const channels = [shape.at(-1)!];
    const x = tf.add(tf.mul(randomTensor(tf, shape), 2), 5);
    return [x, randomTensor(tf, channels, 2), randomTensor(tf, channels, 3)];
  };

  test.each(shapes.map((shape) => [shape]))('wasm agrees with the composed form: %j', async (shape) => {
    await expectLikeCpu(device, (tf) => {
      const { y, mean, variance } = trainingBatchNorm(tf, ...inputs(tf, shape), epsilon);
      return [y, mean, variance];
    });
    const gradients = (tf: Tf): Tensor[] =>
      tf.grads((x: Tensor, gamma: Tensor, beta: Tensor) => {
        const { y } = trainingBatchNorm(tf, x, gamma, beta, epsilon);
        return tf.sum(tf.mul(tf.square(y), randomTensor(tf, shape, 4)));
      })(inputs(tf, shape));
    await expectLikeCpu(device, gradients, 1e-4);
  });

  test.each(['cpu', 'wasm'] as const)('%s: the gradient is that of the plain formula', async (backend) => {
    const { tf } = device;
    await tf.setBackend(backend);
    const shape = [12, 5];
    const weigh = (tf1: Tf, y: Tensor): Tensor => tf1.sum(tf1.mul(tf1.square(y), randomTensor(tf1, shape, 4)));
    const composed = (x: Tensor, gamma: Tensor, beta: Tensor): Tensor => {
      const { mean, variance } = tf.moments(x, 0);
      const xHat = tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, epsilon)));
      return weigh(tf, tf.add(tf.mul(xHat, gamma), beta));
    };
    const own = (x: Tensor, gamma: Tensor, beta: Tensor): Tensor =>
      weigh(tf, trainingBatchNorm(tf, x, gamma, beta, epsilon).y);
    const [expected, actual] = [composed, own].map((f) =>
      tf.tidy(() =>
        tf
          .grads(f)(inputs(tf, shape))
          .map((gradient) => [...gradient.dataSync()]),
      ),
    );
    for (const [index, values] of expected!.entries()) {
      for (const [at, value] of values.entries()) expect(actual![index]![at]).toBeCloseTo(value, 3);
    }
    await tf.setBackend('wasm');
  });

  test('a large mean does not spoil a small variance', () => {
    const { tf } = device;
    const count = 40_000;
    const noise = normals(count, 5);
    const values = noise.map((value) => 1000 + value / 100);
    const exactMean = values.reduce((sum, value) => sum + value, 0) / count;
    const exactVariance = values.reduce((sum, value) => sum + (value - exactMean) ** 2, 0) / count;
    const x = tf.tensor2d(values, [count, 1]);
    const { y, mean, variance } = trainingBatchNorm(tf, x, tf.ones([1]), tf.zeros([1]), 0);
    expect(Math.abs(mean.dataSync()[0]! / exactMean - 1)).toBeLessThan(1e-6);
    expect(Math.abs(variance.dataSync()[0]! / exactVariance - 1)).toBeLessThan(1e-3);
    tf.dispose([x, y, mean, variance]);
  });
});
