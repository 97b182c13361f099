import type { Tensor, Variable } from '@tensorflow/tfjs';
import type { Tf } from '../../src/worker/backends/device.ts';
import { trainingBatchNorm } from '../../src/worker/models/ops/batchNorm.ts';

export type ModelId = 'mlp' | 'cnn' | 'residual';
export type Parameters = Record<string, Tensor>;

export interface BenchModel {
  title: string;
  batchSize: number;
  inputShape: number[];
  /** name and shape of every weight; filters HWIO, dense kernels [in, out] */
  parameters: readonly (readonly [name: string, shape: number[]])[];
  forward(tf: Tf, weights: Parameters, x: Tensor): Tensor;
}

const epsilon = 1e-5;

function dense(tf: Tf, x: Tensor, w: Tensor, b: Tensor): Tensor {
  return tf.add(tf.matMul(x as never, w as never), b);
}

function conv(tf: Tf, x: Tensor, filter: Tensor, stride = 1): Tensor {
  return tf.conv2d(x as never, filter as never, stride, 'same');
}

/** The three networks that this project's speed is judged by; torchSteps.py states the same ones in PyTorch. */
export const benchModels: Record<ModelId, BenchModel> = {
  mlp: {
    title: 'MLP 784-256-128-10, batch 128',
    batchSize: 128,
    inputShape: [784],
    parameters: [
      ['w1', [784, 256]],
      ['b1', [256]],
      ['w2', [256, 128]],
      ['b2', [128]],
      ['w3', [128, 10]],
      ['b3', [10]],
    ],
    forward(tf, p, x) {
      const first = tf.relu(dense(tf, x, p.w1!, p.b1!));
      const second = tf.relu(dense(tf, first, p.w2!, p.b2!));
      return dense(tf, second, p.w3!, p.b3!);
    },
  },
  cnn: {
    title: 'CNN conv16-pool-conv32-pool-dense on 32x32x3, batch 64',
    batchSize: 64,
    inputShape: [32, 32, 3],
    parameters: [
      ['c1', [3, 3, 3, 16]],
      ['b1', [16]],
      ['c2', [3, 3, 16, 32]],
      ['b2', [32]],
      ['w3', [2048, 10]],
      ['b3', [10]],
    ],
    forward(tf, p, x) {
      const pool = (h: Tensor): Tensor => tf.maxPool(h as never, 2, 2, 'valid');
      const first = pool(tf.relu(tf.add(conv(tf, x, p.c1!), p.b1!)));
      const second = pool(tf.relu(tf.add(conv(tf, first, p.c2!), p.b2!)));
      return dense(tf, tf.reshape(second, [x.shape[0]!, -1]), p.w3!, p.b3!);
    },
  },
  residual: {
    title: 'two residual blocks with batch norm on 32x32x3, batch 64',
    batchSize: 64,
    inputShape: [32, 32, 3],
    parameters: [
      ['c0', [3, 3, 3, 16]],
      ...normParameters(0, 16),
      ['c1', [3, 3, 16, 16]],
      ...normParameters(1, 16),
      ['c2', [3, 3, 16, 16]],
      ...normParameters(2, 16),
      ['c3', [3, 3, 16, 32]],
      ...normParameters(3, 32),
      ['c4', [3, 3, 32, 32]],
      ...normParameters(4, 32),
      ['c5', [1, 1, 16, 32]],
      ...normParameters(5, 32),
      ['w6', [32, 10]],
      ['b6', [10]],
    ],
    forward(tf, p, x) {
      const norm = (h: Tensor, index: number): Tensor =>
        trainingBatchNorm(tf, h, p[`gamma${index}`]!, p[`beta${index}`]!, epsilon).y;
      const stem = tf.relu(norm(conv(tf, x, p.c0!), 0));
      const inner1 = tf.relu(norm(conv(tf, stem, p.c1!), 1));
      const block1 = tf.relu(tf.add(stem, norm(conv(tf, inner1, p.c2!), 2)));
      const inner2 = tf.relu(norm(conv(tf, block1, p.c3!, 2), 3));
      const shortcut = norm(conv(tf, block1, p.c5!, 2), 5);
      const block2 = tf.relu(tf.add(shortcut, norm(conv(tf, inner2, p.c4!), 4)));
      return dense(tf, tf.mean(block2, [1, 2]), p.w6!, p.b6!);
    },
  },
};

function normParameters(index: number, channels: number): [string, number[]][] {
  return [
    [`gamma${index}`, [channels]],
    [`beta${index}`, [channels]],
  ];
}

/** Seeded uniform numbers in [0, 1): mulberry32. */
function uniforms(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

export function normals(count: number, seed: number, scale = 1): Float32Array {
  const random = uniforms(seed);
  return Float32Array.from(
    { length: count },
    () => scale * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()),
  );
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1);

/** He initialisation for kernels, ones for gamma, zeros for the rest. */
export function startWeights(model: BenchModel): Map<string, Float32Array> {
  return new Map(
    model.parameters.map(([name, shape], index) => {
      const size = sizeOf(shape);
      if (name.startsWith('gamma')) return [name, new Float32Array(size).fill(1)];
      if (shape.length === 1) return [name, new Float32Array(size)];
      return [name, normals(size, 42 + index, Math.sqrt(2 / sizeOf(shape.slice(0, -1))))];
    }),
  );
}

export const classes = 10;

export function batches(model: BenchModel, count = 4): { x: Float32Array; labels: Int32Array }[] {
  return Array.from({ length: count }, (_, index) => {
    const random = uniforms(1000 + index);
    return {
      x: normals(model.batchSize * sizeOf(model.inputShape), 7 + index),
      labels: Int32Array.from({ length: model.batchSize }, () => Math.floor(random() * classes)),
    };
  });
}

export type Variables = Record<string, Variable>;
