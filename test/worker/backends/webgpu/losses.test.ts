import { describe, expect, test } from 'vitest';
import { openDevice } from '../../../../src/worker/backends/openDevice.ts';
import { wasmDir } from '../comparison.ts';
import { trainSteps, type StepsOptions, type TrainedSteps } from '../onnx/stepLosses.ts';
import { webgpuReason } from './adapter.ts';

const noWebgpu = await webgpuReason();

async function trainOn(id: string, options: StepsOptions): Promise<TrainedSteps> {
  const device = await openDevice(id, { wasmDir, threads: 1 });
  try {
    return await trainSteps(device, options);
  } finally {
    device.close();
  }
}

const convolution = (filters: number, strides = 1) => ({
  type: 'conv2d',
  filters,
  kernelSize: 3,
  strides,
  useBias: false,
});
const residual = {
  layers: [
    convolution(4, 2),
    { type: 'batchNorm' },
    { type: 'activation', activation: 'relu' },
    { type: 'maxPool2d', poolSize: 3, strides: 2, padding: 'same' },
    {
      type: 'residual',
      body: [convolution(8, 2), { type: 'batchNorm' }, { type: 'activation', activation: 'relu' }, convolution(8)],
      shortcut: [{ ...convolution(8, 2), kernelSize: 1 }],
    },
    { type: 'globalAveragePool' },
  ],
} as unknown as StepsOptions['model'];

const cases: [string, StepsOptions][] = [
  ['the digits CNN', { model: { preset: 'cnn' }, inputShape: [8, 8, 1] }],
  ['a residual network on 32x32x3', { model: residual, inputShape: [32, 32, 3], batchSize: 4, learningRate: 0.001 }],
  ['an MLP with dropout', { model: { preset: 'mlp', options: { hidden: [32, 16], dropout: 0.2 } }, inputShape: [64] }],
];

describe.skipIf(noWebgpu !== undefined)(`webgpu${noWebgpu ? ` (not here: ${noWebgpu})` : ''}`, () => {
  test.each(cases)(
    'gives the first 20 losses of %s as the cpu device does, to 1e-3',
    { timeout: 240_000 },
    async (_, options) => {
      const reference = await trainOn('cpu', options);
      const own = await trainOn('webgpu', options);
      expect(own.stats).toHaveLength(20);
      const worst = Math.max(...reference.stats.map(({ loss }, i) => Math.abs(own.stats[i]!.loss - loss) / loss));
      expect(worst).toBeLessThan(1e-3);
      expect(own.evaluation.loss).toBeCloseTo(reference.evaluation.loss, 3);
    },
  );
});
