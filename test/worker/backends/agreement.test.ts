import { beforeAll, describe, expect, test } from 'vitest';
import { openDevice } from '../../../src/worker/backends/openDevice.ts';
import { wasmDir } from './comparison.ts';
import { devicesUnderTest, processorDevices } from './devicesUnderTest.ts';
import { trainSteps, type StepsOptions, type TrainedSteps } from './stepLosses.ts';

const convolution = (filters: number, strides = 1) =>
  ({ type: 'conv2d', filters, kernelSize: 3, strides, useBias: false }) as const;
const norm = { type: 'batchNorm' } as const;
const relu = { type: 'activation', activation: 'relu' } as const;

/** A residual network for images of CIFAR's shape, small enough for the JavaScript device. */
const residual = {
  layers: [
    convolution(8),
    norm,
    relu,
    { type: 'maxPool2d', poolSize: 3, strides: 2, padding: 'same' },
    {
      type: 'residual',
      body: [convolution(16, 2), norm, relu, convolution(16), norm],
      shortcut: [{ ...convolution(16, 2), kernelSize: 1 }, norm],
    },
    { type: 'globalAveragePool' },
  ],
} as unknown as StepsOptions['model'];

const runs: [string, StepsOptions][] = [
  ['the digits CNN', { model: { preset: 'cnn' }, inputShape: [8, 8, 1], learningRate: 0.001 }],
  ['a residual network', { model: residual, inputShape: [32, 32, 3], batchSize: 4, learningRate: 0.001 }],
  ['an MLP with dropout', { model: { preset: 'mlp', options: { hidden: [32], dropout: 0.2 } }, inputShape: [64] }],
];

const onProcessor = await processorDevices();
const tested = devicesUnderTest(onProcessor);
/** the slowest only once: a graphics device is compared with one that agrees with it */
const reference = tested === onProcessor ? 'cpu' : 'wasm';
const others = tested.filter((id) => id !== reference);
/** of a loss; any two devices then agree to 1e-3 */
const tolerance = 5e-4;

async function trainOn(id: string, options: StepsOptions): Promise<TrainedSteps> {
  const device = await openDevice(id, { wasmDir, threads: 2 });
  try {
    return await trainSteps(device, options);
  } finally {
    device.close();
  }
}

describe.each(runs)('20 steps of %s', (_, options) => {
  let expected: TrainedSteps;
  beforeAll(async () => {
    expected = await trainOn(reference, options);
  });

  test.each(others)('have the losses of other devices on %s', async (id) => {
    const reached = await trainOn(id, options);
    expect(reached.stats).toHaveLength(20);
    const off = expected.stats.map(({ loss }, step) => Math.abs(reached.stats[step]!.loss - loss) / Math.abs(loss));
    expect(Math.max(...off)).toBeLessThan(tolerance);
    expect(reached.evaluation.loss).toBeCloseTo(expected.evaluation.loss, 3);
  });
});
