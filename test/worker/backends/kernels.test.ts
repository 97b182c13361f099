/* oxlint-disable vitest/expect-expect -- expectLikeCpu asserts */
import type { Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Device, Tf } from '../../../src/worker/backends/device.ts';
import { openDevice } from '../../../src/worker/backends/openDevice.ts';
import { around, expectLikeCpu, normals, randomTensor, wasmDir, type Computation, type Pad } from './comparison.ts';

describe.each([1, 2, 3])('the wasm device with %i threads computes what the cpu device computes', (threads) => {
  let device: Device;
  beforeAll(async () => {
    device = await openDevice('wasm', { threads, wasmDir });
  });
  afterAll(() => device.close());

  const like = (computation: Computation, tolerance?: number) => expectLikeCpu(device, computation, tolerance);
  const random = (tf: Tf, shape: number[], seed = 1) => randomTensor(tf, shape, seed);

  describe('matrix products', () => {
    const sizes = [
      [1, 1, 1],
      [3, 5, 7],
      [128, 784, 40],
      [64, 10, 130],
      [7, 1030, 9],
      [130, 33, 8],
    ] as const;
    for (const [rows, depth, columns] of sizes) {
      test.each([
        [false, false],
        [false, true],
        [true, false],
        [true, true],
      ])(`${rows} x ${depth} x ${columns}, transposed %s %s`, (transposeA, transposeB) =>
        like((tf) => {
          const a = random(tf, transposeA ? [depth, rows] : [rows, depth]) as Tensor2D;
          const b = random(tf, transposeB ? [columns, depth] : [depth, columns], 2) as Tensor2D;
          return tf.matMul(a, b, transposeA, transposeB);
        }),
      );
    }
    test('batches, equal and broadcast', async () => {
      await like((tf) => tf.matMul(random(tf, [3, 5, 6]), random(tf, [3, 6, 4], 2)));
      await like((tf) => tf.matMul(random(tf, [3, 6, 5]), random(tf, [3, 6, 4], 2), true, false));
      await like((tf) => tf.matMul(random(tf, [3, 5, 6]), random(tf, [1, 4, 6], 2), false, true));
    });
    test('dense layers with bias and activation, and einsum', async () => {
      await like((tf) =>
        tf.fused.matMul({
          a: random(tf, [5, 6]) as Tensor2D,
          b: random(tf, [4, 6], 2) as Tensor2D,
          transposeB: true,
          bias: random(tf, [4], 3),
          activation: 'relu',
        }),
      );
      await like((tf) => tf.einsum('ij,kj->ik', random(tf, [3, 4]), random(tf, [5, 4], 2)));
    });
  });

  describe('convolutions and both their gradients', () => {
    const cases: [string, number[], number[], number | [number, number], Pad][] = [
      ['3x3 same', [3, 8, 8, 4], [3, 3, 4, 8], 1, 'same'],
      ['3x3 valid, odd sizes', [2, 7, 9, 3], [3, 3, 3, 5], 1, 'valid'],
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
      ['many channels', [2, 4, 4, 70], [3, 3, 70, 130], 1, 'same'],
    ];
    test.each(cases)('%s', async (_, xShape, filterShape, strides, pad) => {
      const convolve = (tf: Tf, x: Tensor, filter: Tensor): Tensor =>
        tf.conv2d(x as Tensor4D, filter as Tensor4D, strides, pad);
      await like((tf) => convolve(tf, random(tf, xShape), random(tf, filterShape, 2)));
      await like((tf) => {
        const gradients = tf.grads((x: Tensor, filter: Tensor) => {
          const y = convolve(tf, x, filter);
          return tf.sum(tf.mul(y, random(tf, y.shape, 3)));
        });
        return gradients([random(tf, xShape), random(tf, filterShape, 2)]);
      });
    });
    test('dilated', () =>
      like((tf) =>
        tf.conv2d(random(tf, [2, 9, 9, 4]) as Tensor4D, random(tf, [3, 3, 4, 5]) as Tensor4D, 1, 'same', 'NHWC', 2),
      ));
    test.each(['same', 'valid'] as const)('depthwise, %s', (pad) =>
      like((tf) => {
        const gradients = tf.grads((x: Tensor, filter: Tensor) => {
          const y = tf.depthwiseConv2d(x as Tensor4D, filter as Tensor4D, pad === 'same' ? 1 : 2, pad);
          return tf.sum(tf.mul(y, random(tf, y.shape, 3)));
        });
        return gradients([random(tf, [2, 7, 6, 3]), random(tf, [3, 3, 3, 2], 2)]);
      }),
    );
  });

  describe('pooling and its gradients', () => {
    const cases: [string, number[], number | [number, number], number, Pad][] = [
      ['2x2', [3, 8, 8, 16], 2, 2, 'valid'],
      ['2x2, odd size', [2, 7, 9, 5], 2, 2, 'valid'],
      ['2x2, odd size, same', [2, 7, 9, 5], 2, 2, 'same'],
      ['3x3 overlapping', [2, 9, 9, 6], 3, 2, 'same'],
      ['3x3 with stride 1', [2, 5, 6, 3], 3, 1, 'same'],
      ['1x1', [2, 4, 4, 7], 1, 1, 'valid'],
      ['3x3 with stride 2, one pixel around', [2, 12, 12, 6], 3, 2, 1],
      ['3x3 with stride 2, one pixel around, odd', [2, 9, 11, 5], 3, 2, 1],
      ['other padding of rows and columns', [2, 8, 9, 4], [3, 4], 2, around(1, 2)],
      ['2x3', [1, 8, 9, 1], [2, 3], 2, 'valid'],
    ];
    test.each(cases)('max %s', (_, shape, size, stride, pad) =>
      like((tf) => {
        const pool = (x: Tensor): Tensor => tf.maxPool(x as Tensor4D, size, stride, pad);
        const x = random(tf, shape);
        const dx = tf.grad((input: Tensor) => {
          const y = pool(input);
          return tf.sum(tf.mul(y, random(tf, y.shape, 2)));
        })(x);
        return [pool(x), dx];
      }),
    );
    test('equal numbers in a window: the first takes the gradient', () =>
      like((tf) => tf.grad((x: Tensor) => tf.sum(tf.maxPool(x as Tensor4D, 2, 2, 'valid')))(tf.zeros([2, 4, 4, 5]))));
    test.each(cases)('average %s', (_, shape, size, stride, pad) =>
      like((tf) => {
        const pool = (x: Tensor): Tensor => tf.avgPool(x as Tensor4D, size, stride, pad);
        return [pool(random(tf, shape)), tf.grad((x: Tensor) => tf.sum(tf.square(pool(x))))(random(tf, shape))];
      }),
    );
  });

  test.each(['cpu', 'wasm'])('the gradient of average pooling at a padded border is its slope: %s', async (backend) => {
    const { tf } = device;
    await tf.setBackend(backend);
    const weights = (y: Tensor): Tensor => tf.sum(tf.mul(y, random(tf, y.shape, 3)));
    const f = (x: Tensor): Tensor => weights(tf.avgPool(x as Tensor4D, 3, 2, 'same'));
    const values = normals(5 * 6 * 2);
    const slope = tf.tidy(() => [
      ...tf
        .grad(f)(tf.tensor4d(values, [1, 5, 6, 2]))
        .dataSync(),
    ]);
    for (const index of [0, 1, 13, 31, 59]) {
      const at = (step: number): number =>
        tf.tidy(() => f(tf.tensor4d(values.with(index, values[index]! + step), [1, 5, 6, 2])).dataSync()[0]!);
      expect(slope[index]).toBeCloseTo(at(0.5) - at(-0.5), 4);
    }
    await tf.setBackend('wasm');
  });

  describe('element by element', () => {
    const shapes: [number[], number[]][] = [
      [[7], [7]],
      [
        [200, 300],
        [200, 300],
      ],
      [[200, 301], [301]],
      [[301], [200, 301]],
      [
        [5, 6, 7],
        [1, 7],
      ],
      [
        [5, 6, 7],
        [6, 7],
      ],
      [
        [5, 6, 7],
        [5, 1, 7],
      ],
      [
        [5, 1],
        [1, 6],
      ],
      [[33, 5], []],
      [[], [40000]],
      [[1, 1], [3]],
      [[0, 3], [3]],
    ];
    test.each(shapes)('%j with %j', (a, b) =>
      like((tf) => {
        const [x, y] = [random(tf, a), random(tf, b, 2)];
        const distant = tf.add(tf.abs(y), 0.5);
        return [tf.add(x, y), tf.sub(x, y), tf.mul(x, y), tf.div(x, distant), tf.maximum(x, y)];
      }),
    );
    test('integers and mixed types', () =>
      like((tf) => {
        const integers = tf.tensor1d([1, -2, 3, 7], 'int32');
        const floats = tf.tensor1d([0.5, 1.5, -2.5, 4]);
        return [
          tf.add(integers, integers),
          tf.mul(integers, floats),
          tf.cast(floats, 'int32'),
          tf.cast(integers, 'bool'),
          tf.cast(floats, 'float32'),
        ];
      }));
    test('what optimizers and losses use', () =>
      like((tf) => {
        const x = random(tf, [9, 11]);
        const positive = tf.add(tf.abs(x), 0.1);
        return [
          tf.sign(x),
          tf.step(x),
          tf.neg(x),
          tf.square(x),
          tf.sqrt(positive),
          tf.rsqrt(positive),
          tf.pow(positive, 0.7),
          tf.log(positive),
          tf.exp(x),
          tf.relu(x),
          tf.sigmoid(x),
          tf.tanh(x),
          tf.clipByValue(x, -0.5, 0.5),
          tf.where(tf.greater(x, 0), x, tf.zerosLike(x)),
          tf.equal(x, x),
          tf.minimum(x, 0),
        ];
      }));
    test('the sign of small numbers is not lost', () =>
      like((tf) => tf.sign(tf.tensor1d([1e-8, -1e-8, 1e-40, -1e-40, 0, -0, 1e30]))));
    test('relu passes gradient where its input is positive', () =>
      like((tf) =>
        tf.grad((x: Tensor) => tf.sum(tf.mul(tf.relu(x), random(tf, [70, 301], 2))))(random(tf, [70, 301])),
      ));
    test('what is not a number stays visible', () => {
      const { tf } = device;
      const values = tf.tidy(() => {
        const x = tf.tensor1d([Number.NaN, Number.POSITIVE_INFINITY, -1, 2, Number.NaN]);
        return [tf.relu(x), tf.add(x, 1), tf.sum(x), tf.mean(x), tf.square(x)].map((result) => [...result.dataSync()]);
      });
      for (const [first] of values) expect(first).toBeNaN();
    });
  });

  describe('sums and means', () => {
    const cases: [number[], number[] | undefined][] = [
      [[300, 7], [0]],
      [[70000, 3], [0]],
      [[300, 7], [1]],
      [[300, 700], undefined],
      [
        [6, 5, 4, 3],
        [1, 2],
      ],
      [
        [6, 5, 4, 3],
        [0, 1, 2],
      ],
      [
        [6, 5, 4, 3],
        [0, 2],
      ],
      [[6, 5, 4, 3], [-1]],
      [[50000], [0]],
      [[1], undefined],
      [[2, 3], []],
    ];
    test.each(cases)('%j over %j', (shape, axes) =>
      like((tf) => {
        const x = random(tf, shape);
        return [tf.sum(x, axes), tf.mean(x, axes), tf.sum(x, axes, true), tf.mean(x, axes, true)];
      }),
    );
    test('of integers and truth values', () =>
      like((tf) => {
        const integers = tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3], 'int32');
        return [tf.sum(integers, 0), tf.mean(integers, 1), tf.sum(tf.greater(integers, 2))];
      }));
  });

  describe('classification', () => {
    test('one-hot labels in every type', () =>
      like((tf) => {
        const labels = tf.tensor1d([0, 2, 1, 2], 'int32');
        return [
          tf.oneHot(labels, 3),
          tf.oneHot(labels, 3, 1, 0, 'float32'),
          tf.oneHot(labels, 4, 0.75, 0.25, 'float32'),
        ];
      }));
    test('softmax, cross-entropy and accuracy', () =>
      like((tf) => {
        const labels = tf.oneHot(tf.tensor1d([0, 2, 1, 2, 9], 'int32'), 10, 1, 0, 'float32');
        const logits = random(tf, [5, 10]);
        const loss = (x: Tensor): Tensor => tf.neg(tf.mean(tf.sum(tf.mul(tf.logSoftmax(x as Tensor2D), labels), 1)));
        return [
          tf.softmax(logits as Tensor2D),
          loss(logits),
          tf.grad((x: Tensor) => loss(x) as never)(logits),
          tf.argMax(logits, 1),
          tf.losses.softmaxCrossEntropy(labels, logits),
        ];
      }));
    test('gather and its gradient', () =>
      like((tf) => {
        const rows = tf.tensor1d([2, 0, 2, 1], 'int32');
        const table = random(tf, [4, 5]);
        return [
          tf.gather(table, rows),
          tf.grad((x: Tensor) => tf.sum(tf.mul(tf.gather(x, rows), random(tf, [4, 5], 2))))(table),
          tf.unsortedSegmentSum(table, tf.tensor1d([1, 0, 1, 2], 'int32'), 3),
        ];
      }));
  });

  test('a weight that shares memory with a clone is not updated in place of an update in place', () => {
    const { tf } = device;
    const variable = tf.variable(tf.tensor1d(normals(5)));
    const copy = tf.clone(variable);
    const before = [...copy.dataSync()];
    const untouched = device.fusedUpdate('sgd', variable, tf.ones([5]), {}, { learningRate: 1, weightDecay: 0 });
    expect(untouched).toBeUndefined();
    expect([...copy.dataSync()]).toEqual(before);
    tf.dispose([variable, copy]);
  });
});
