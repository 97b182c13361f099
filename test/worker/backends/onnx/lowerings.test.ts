/* oxlint-disable vitest/expect-expect -- compiledLikeCpu asserts */
import type { Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Device, TensorFunction, Tf } from '../../../../src/worker/backends/device.ts';
import { openDevice } from '../../../../src/worker/backends/openDevice.ts';
import { trainingBatchNorm } from '../../../../src/worker/models/ops/batchNorm.ts';
import { around, randomTensor, wasmDir, type Pad } from '../comparison.ts';

type Compute = (tf: Tf, ...inputs: Tensor[]) => Tensor | Tensor[];

describe('a compiled function computes what the cpu device computes', () => {
  let device: Device;
  beforeAll(async () => {
    device = await openDevice('onnx-cpu', { wasmDir, threads: 2 });
  });
  afterAll(() => device.close());

  async function compiledLikeCpu(shapes: number[][], compute: Compute, tolerance = 1e-5): Promise<void> {
    const { tf } = device;
    const before = tf.memory();
    const asNamed: TensorFunction = (usedTf, inputs) => {
      const results = usedTf.tidy(() => compute(usedTf, ...Object.values(inputs)));
      return Object.fromEntries([results].flat().map((tensor, i) => [`result${i}`, tensor]));
    };
    const createInputs = () =>
      Object.fromEntries(shapes.map((shape, i) => [`input${i}`, randomTensor(tf, shape, i + 1)]));
    const compiled = device.compile!(asNamed);
    const inputs = createInputs();
    const results = await compiled.run(inputs);
    const own = Object.values(results).map((tensor) => ({ shape: tensor.shape, values: tensor.dataSync() }));
    tf.dispose([inputs, results]);
    await compiled.close();
    const { numTensors, numDataBuffers } = before;
    expect(tf.memory()).toMatchObject({ numTensors, numDataBuffers });
    await tf.setBackend('cpu');
    const reference = tf.tidy(() =>
      Object.values(asNamed(tf, createInputs())).map((tensor) => ({ shape: tensor.shape, values: tensor.dataSync() })),
    );
    await tf.setBackend('wasm');
    expect(own.map(({ shape }) => shape)).toEqual(reference.map(({ shape }) => shape));
    for (const [index, { values }] of reference.entries()) {
      const scale = Math.max(1e-30, ...values.map(Math.abs));
      const worst = Math.max(0, ...values.map((value, i) => Math.abs(value - own[index]!.values[i]!)));
      expect([index, worst / scale <= tolerance ? 'close' : `off by ${worst / scale}`]).toEqual([index, 'close']);
    }
  }

  describe('convolutions and both their gradients', () => {
    const cases: [string, number[], number[], number | [number, number], Pad][] = [
      ['3x3 same', [3, 8, 8, 4], [3, 3, 4, 8], 1, 'same'],
      ['3x3 same, enough channels to split the taps', [3, 7, 9, 8], [3, 3, 8, 5], 1, 'same'],
      ['2x3 valid, split', [2, 7, 9, 9], [2, 3, 9, 5], 1, 'valid'],
      ['3x3 same, stride 2, even', [2, 8, 8, 16], [3, 3, 16, 12], 2, 'same'],
      ['3x3 same, stride 2, odd', [3, 9, 7, 5], [3, 3, 5, 9], 2, 'same'],
      ['1x1', [5, 6, 6, 8], [1, 1, 8, 16], 1, 'same'],
      ['1x1 with stride 2', [2, 7, 7, 4], [1, 1, 4, 8], 2, 'same'],
      ['5x5 valid, one channel', [4, 12, 12, 1], [5, 5, 1, 6], 1, 'valid'],
      ['7x7 with stride 4', [2, 23, 19, 3], [7, 7, 3, 10], 4, 'same'],
      ['2x3 with strides 1 and 2', [2, 6, 11, 2], [2, 3, 2, 3], [1, 2], 'valid'],
      ['filter as large as the image', [3, 4, 4, 8], [4, 4, 8, 16], 1, 'valid'],
      ['padding wider than the filter', [2, 5, 5, 2], [2, 2, 2, 4], 1, 3],
      ['valid with rows left over', [2, 10, 10, 4], [3, 3, 4, 4], 4, 'valid'],
      ['3x3 with stride 2, one pixel around', [2, 8, 8, 16], [3, 3, 16, 12], 2, 1],
      ['3x3 with stride 2, one pixel around, odd', [2, 9, 7, 5], [3, 3, 5, 9], 2, 1],
      ['7x7 with stride 2, three pixels around', [2, 20, 17, 3], [7, 7, 3, 10], 2, 3],
      ['other padding of rows and columns', [2, 8, 9, 4], [3, 5, 4, 6], [2, 1], around(1, 2)],
      ['one pixel', [1, 1, 1, 1], [1, 1, 1, 1], 1, 'valid'],
      ['many channels on few pixels', [2, 4, 4, 70], [3, 3, 70, 130], 1, 'same'],
    ];
    test.each(cases)('%s', (_, xShape, filterShape, strides, pad) => {
      const convolve = (tf: Tf, x: Tensor, filter: Tensor): Tensor =>
        tf.conv2d(x as Tensor4D, filter as Tensor4D, strides, pad);
      return compiledLikeCpu([xShape, filterShape], (tf, x, filter) => {
        const gradients = tf.grads((a: Tensor, b: Tensor) => tf.sum(tf.square(convolve(tf, a, b))));
        return [convolve(tf, x!, filter!), ...gradients([x!, filter!])];
      });
    });
  });

  describe('pooling and its gradients', () => {
    const cases: [string, number[], number | [number, number], number, Pad][] = [
      ['2x2', [3, 8, 8, 16], 2, 2, 'valid'],
      ['2x2, odd size', [2, 7, 9, 5], 2, 2, 'valid'],
      ['2x2, odd size, same', [2, 7, 9, 5], 2, 2, 'same'],
      ['3x3 overlapping', [2, 9, 9, 6], 3, 2, 'same'],
      ['3x3 overlapping, even', [2, 12, 12, 6], 3, 2, 'same'],
      ['3x3 with stride 1', [2, 5, 6, 3], 3, 1, 'same'],
      ['1x1', [2, 4, 4, 7], 1, 1, 'valid'],
      ['3x3 with stride 2, one pixel around', [2, 12, 12, 6], 3, 2, 1],
      ['3x3 with stride 2, one pixel around, odd', [2, 9, 11, 5], 3, 2, 1],
      ['other padding of rows and columns', [2, 8, 9, 4], [3, 4], 2, around(1, 2)],
      ['1x1 with stride 2', [2, 5, 4, 7], 1, 2, 'same'],
      ['2x3', [1, 8, 9, 1], [2, 3], 2, 'valid'],
    ];
    for (const kind of ['maxPool', 'avgPool'] as const) {
      test.each(cases)(`${kind} %s`, (_, shape, size, stride, pad) =>
        compiledLikeCpu([shape], (tf, x) => {
          const pool = (image: Tensor): Tensor => tf[kind](image as Tensor4D, size, stride, pad);
          return [pool(x!), tf.grad((image: Tensor) => tf.sum(tf.square(pool(image))))(x!)];
        }),
      );
    }
    test('of equal numbers in a window the first takes the gradient', () =>
      compiledLikeCpu([[2, 6, 6, 5]], (tf, x) =>
        tf.grad((image: Tensor) => tf.sum(tf.square(tf.maxPool(tf.relu(image) as Tensor4D, 3, 2, 'same'))))(x!),
      ));
  });

  describe('batch norm in training', () => {
    test.each([[[64, 10]], [[5, 6, 7, 3]], [[16, 5, 5, 8]]])('%j', (shape) => {
      const channels = [shape.at(-1)!];
      return compiledLikeCpu(
        [shape, channels, channels],
        (tf, x, gamma, beta) => {
          const { mean, variance } = trainingBatchNorm(tf, x!, gamma!, beta!, 1e-3);
          const loss = (a: Tensor, b: Tensor, c: Tensor): Tensor => {
            const { y } = trainingBatchNorm(tf, a, b, c, 1e-3);
            return tf.sum(tf.mul(tf.square(y), tf.tanh(y)));
          };
          return [mean, variance, ...tf.grads(loss)([x!, gamma!, beta!])];
        },
        1e-4,
      );
    });
  });

  describe('shapes that broadcast', () => {
    const pairs: [number[], number[]][] = [
      [[7], [7]],
      [[20, 31], [31]],
      [[31], [20, 31]],
      [
        [5, 1],
        [1, 6],
      ],
      [[3, 5], []],
      [[3, 4, 4, 5], [5]],
      [
        [3, 4, 4, 5],
        [4, 5],
      ],
      [
        [3, 4, 4, 5],
        [3, 1, 1, 5],
      ],
      [
        [3, 4, 4, 5],
        [4, 4, 5],
      ],
    ];
    test.each(pairs)('%j with %j', (a, b) =>
      compiledLikeCpu([a, b], (tf, x, y) => {
        const sum = (u: Tensor, v: Tensor): Tensor => tf.sum(tf.mul(tf.square(tf.sub(u, v)), tf.add(u, 1)));
        const distant = tf.add(tf.abs(y!), 0.5);
        return [
          tf.add(x!, y!),
          tf.div(x!, distant),
          tf.maximum(x!, y!),
          tf.squaredDifference(x!, y!),
          ...tf.grads(sum)([x!, y!]),
        ];
      }),
    );

    test('images that a convolution left with channels first', () =>
      compiledLikeCpu([[2, 4, 6, 5], [1, 1, 5, 7], [7], [6, 7], [2, 4, 6, 7]], (tf, x, filter, ...others) => {
        const images = tf.conv2d(x as Tensor4D, filter as Tensor4D, 1, 'same');
        return [
          ...others.flatMap((other) => [tf.add(images, other), tf.mul(other, images)]),
          tf.where(tf.greater(images, 0), images, tf.zerosLike(images)),
          tf.mean(images, [1, 2]),
          tf.sum(images, [0, 1, 2]),
          tf.sum(images, 3),
          tf.max(images, [2], true),
          tf.reshape(images, [2, 4 * 6 * 7]),
          tf.concat([images, images], 3),
          tf.transpose(images, [1, 0, 3, 2]),
          tf.addN([images, images]),
          tf.mul(images, tf.onesLike(images)),
        ];
      }));
  });

  test('products, transposed or not, with bias and batches', () =>
    compiledLikeCpu([[5, 6], [6, 4], [4], [3, 5, 6]], (tf, a, b, bias, batch) => {
      const transposed = [tf.transpose(a!), tf.transpose(b!)] as [Tensor2D, Tensor2D];
      return [
        tf.add(tf.matMul(a as Tensor2D, b as Tensor2D), bias!),
        tf.matMul(...transposed, true, true),
        tf.matMul(transposed[0], b as Tensor2D, true, false),
        tf.matMul(batch!, tf.reshape(b!, [1, 6, 4])),
      ];
    }));

  test('what optimizers, activations and losses use', () =>
    compiledLikeCpu([[9, 11]], (tf, x) => {
      const positive = tf.add(tf.abs(x!), 0.1);
      return [
        tf.relu(x!),
        tf.step(x!),
        tf.neg(x!),
        tf.sqrt(positive),
        tf.rsqrt(positive),
        tf.pow(positive, 0.7),
        tf.pow(x!, 2),
        tf.pow(x!, 3),
        tf.pow(positive, tf.mean(positive)),
        tf.log(positive),
        tf.exp(x!),
        tf.sigmoid(x!),
        tf.tanh(x!),
        tf.minimum(x!, 0),
        tf.logSoftmax(x as Tensor2D),
        tf.cast(tf.equal(tf.argMax(x!, 1), tf.argMax(positive, 1)), 'float32'),
        tf.sum(tf.cast(tf.greater(x!, 0), 'float32'), 0),
        tf.stack([tf.sum(x!), tf.mean(x!), tf.scalar(3)]),
        tf.ones([2, 3]),
        x!,
      ];
    }));

  test('what is not a number stays visible', async () => {
    const { tf } = device;
    const compiled = device.compile!((_, { x }) => ({
      relu: tf.relu(x!),
      sum: tf.sum(x!),
      quotient: tf.div(x!, tf.maximum(tf.abs(x!), 1e-30)),
    }));
    const x = tf.tensor1d([Number.NaN, 1]);
    const results = await compiled.run({ x });
    for (const tensor of Object.values(results)) expect(tensor.dataSync()[0]).toBeNaN();
    tf.dispose([x, results]);
    await compiled.close();
  });

  test('an operation that cannot be compiled is named, and the device goes on', async () => {
    const { tf } = device;
    const compiled = device.compile!((_, { x }) => ({ y: tf.cumsum(x!) }));
    const x = tf.tensor1d([1, 2, 3]);
    const before = tf.memory().numTensors;
    await expect(compiled.run({ x })).rejects.toMatchObject({
      code: 'kernelMissing',
      message: expect.stringContaining('Cumsum') as string,
    });
    expect(tf.memory().numTensors).toBe(before);
    expect([...tf.tidy(() => tf.cumsum(x).dataSync())]).toEqual([1, 3, 6]);
    await compiled.close();
    x.dispose();
  });
});
