import { modelConfigSchema } from '../../src/core/models/modelConfig.ts';
import { planModel, type ModelPlan } from '../../src/core/models/modelPlan.ts';

export type ModelId = 'mlp' | 'cnn' | 'cnn64' | 'residual' | 'residual64' | 'resnet18';

export interface BenchModel {
  title: string;
  batchSize: number;
  plan: ModelPlan;
  /** steps of one measured round */
  steps: number;
}

export const classes = 10;

const conv = (filters: number, kernelSize: number, strides = 1) =>
  ({ type: 'conv2d', filters, kernelSize, strides, useBias: false }) as const;
const norm = { type: 'batchNorm' } as const;
const relu = { type: 'activation', activation: 'relu' } as const;
const pool = { type: 'maxPool2d', poolSize: 2 } as const;

/** A basic block of a residual network (K. He et al., 2015), with a projection where it changes shape. */
function block(filters: number, strides: number, projects = strides > 1) {
  const shortcut = projects ? [conv(filters, 1, strides), norm] : [];
  return { type: 'residual', body: [conv(filters, 3, strides), norm, relu, conv(filters, 3), norm], shortcut } as const;
}

function model(title: string, steps: number, inputShape: number[], layers: readonly unknown[]): BenchModel {
  const plan = planModel(modelConfigSchema.parse({ layers }), { inputShape, task: 'classes', classCount: classes });
  return { title, batchSize: 128, plan, steps };
}

const cnn = model(
  'CNN conv16-pool-conv32-pool-dense on 32x32x3',
  8,
  [32, 32, 3],
  [
    { type: 'conv2d', filters: 16, kernelSize: 3, activation: 'relu' },
    pool,
    { type: 'conv2d', filters: 32, kernelSize: 3, activation: 'relu' },
    pool,
  ],
);

const residual = model(
  'two residual blocks with batch norm on 32x32x3',
  3,
  [32, 32, 3],
  [conv(16, 3), norm, relu, block(16, 1), block(32, 2), { type: 'globalAveragePool' }],
);

/** The networks that this project's speed is judged by; torchSteps.py builds the same ones in PyTorch from these plans. */
export const benchModels: Record<ModelId, BenchModel> = {
  mlp: model(
    'MLP 784-256-128-10',
    30,
    [784],
    [
      { type: 'dense', units: 256, activation: 'relu' },
      { type: 'dense', units: 128, activation: 'relu' },
    ],
  ),
  cnn,
  cnn64: { ...cnn, batchSize: 64 },
  residual,
  residual64: { ...residual, batchSize: 64 },
  resnet18: model(
    'ResNet-18 on 32x32x3',
    1,
    [32, 32, 3],
    [
      conv(64, 3),
      norm,
      relu,
      ...[64, 128, 256, 512].flatMap((filters) => [block(filters, filters === 64 ? 1 : 2), block(filters, 1)]),
      { type: 'globalAveragePool' },
    ],
  ),
};

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

export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1);

export interface BenchBatch {
  x: Float32Array;
  labels: Int32Array;
}

export function batches({ batchSize, plan }: BenchModel, count = 4): BenchBatch[] {
  return Array.from({ length: count }, (_, index) => {
    const random = uniforms(1000 + index);
    return {
      x: normals(batchSize * sizeOf(plan.inputShape), 7 + index),
      labels: Int32Array.from({ length: batchSize }, () => Math.floor(random() * classes)),
    };
  });
}
