import { beforeAll, describe, expect, test } from 'vitest';
import { openDevice, type DeviceId } from '../../../../src/worker/backends/openDevice.ts';
import { wasmDir } from '../comparison.ts';
import { trainSteps, type StepsOptions, type TrainedSteps } from '../stepLosses.ts';

async function trainOn(id: DeviceId, options: StepsOptions, threads = 2): Promise<TrainedSteps> {
  const device = await openDevice(id, { wasmDir, threads });
  const { numTensors, numDataBuffers } = device.tf.memory();
  try {
    const trained = await trainSteps(device, options);
    expect(device.tf.memory()).toMatchObject({ numTensors, numDataBuffers });
    return trained;
  } finally {
    device.close();
  }
}

/** The largest relative difference of the numbers of a step: loss, score, norms. */
function worstDifference(own: TrainedSteps, reference: TrainedSteps): number {
  return Math.max(
    ...reference.stats.flatMap((stats, step) =>
      Object.entries(stats).map(([name, expected]) => {
        const actual = own.stats[step]![name as keyof typeof stats];
        return Math.abs(actual - expected) / (Math.abs(expected) || 1);
      }),
    ),
  );
}

const block = (filters: number, strides: number): unknown => ({
  type: 'residual',
  body: [
    { type: 'conv2d', filters, kernelSize: 3, strides, useBias: false },
    { type: 'batchNorm' },
    { type: 'activation', activation: 'relu' },
    { type: 'conv2d', filters, kernelSize: 3, useBias: false },
    { type: 'batchNorm' },
  ],
  shortcut:
    strides === 1 ? [] : [{ type: 'conv2d', filters, kernelSize: 1, strides, useBias: false }, { type: 'batchNorm' }],
});

const residual = {
  layers: [
    { type: 'conv2d', filters: 8, kernelSize: 7, strides: 2, useBias: false },
    { type: 'batchNorm' },
    { type: 'activation', activation: 'relu' },
    { type: 'maxPool2d', poolSize: 3, strides: 2, padding: 'same' },
    block(8, 1),
    block(16, 2),
    { type: 'dropout', rate: 0.3 },
    { type: 'globalAveragePool' },
    { type: 'dense', units: 10 },
  ],
} as unknown as StepsOptions['model'];

const activations = {
  layers: [
    { type: 'conv2d', filters: 6, kernelSize: [3, 2], padding: 'valid', activation: 'gelu' },
    { type: 'averagePool2d', poolSize: 3, strides: 2, padding: 'same' },
    { type: 'flatten' },
    { type: 'dense', units: 12, activation: 'tanh' },
    { type: 'batchNorm' },
    { type: 'dense', units: 12, activation: 'sigmoid' },
    { type: 'dense', units: 10 },
  ],
} as unknown as StepsOptions['model'];

const cases: [string, StepsOptions][] = [
  ['softmax regression with SGDM', { model: { preset: 'softmax' }, inputShape: [20], optimizer: { id: 'sgdm' } }],
  ['an MLP with dropout', { model: { preset: 'mlp', options: { hidden: [32, 16], dropout: 0.2 } }, inputShape: [64] }],
  ['the digits CNN', { model: { preset: 'cnn' }, inputShape: [8, 8, 1] }],
  ['LeNet-5', { model: { preset: 'lenet5' }, inputShape: [28, 28, 1], steps: 6 }],
  ['a residual network', { model: residual, inputShape: [24, 24, 3], batchSize: 8, steps: 10, learningRate: 0.001 }],
  ['other activations and average pooling', { model: activations, inputShape: [9, 8, 3], batchSize: 8 }],
];

describe.each(cases)('compiled steps of %s', (_, options) => {
  let own: TrainedSteps;
  let reference: TrainedSteps;
  beforeAll(async () => {
    reference = await trainOn('cpu', options);
    own = await trainOn('onnx-cpu', options);
  });

  test('give the losses and metrics of the cpu device, batches of another size included', () => {
    expect(worstDifference(own, reference)).toBeLessThan(1e-3);
    expect(own.evaluation.loss).toBeCloseTo(reference.evaluation.loss, 4);
    expect(own.evaluation.score).toBe(reference.evaluation.score);
  });

  test('leave its weights and running statistics', () => {
    for (const kind of ['weights', 'statistics'] as const) {
      expect(Object.keys(own[kind])).toEqual(Object.keys(reference[kind]));
      for (const [name, expected] of Object.entries(reference[kind])) {
        const difference = Math.max(...expected.map((value, i) => Math.abs(value - own[kind][name]![i]!)));
        expect([name, difference < 1e-3]).toEqual([name, true]);
      }
    }
  });

  test('give the same bits again', async () => {
    const again = await trainOn('onnx-cpu', options);
    expect({ ...again, ms: [] }).toEqual({ ...own, ms: [] });
  });
});
