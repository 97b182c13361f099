import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunConfigInput } from '../../../src/core/contract/runConfig.ts';
import { AppError } from '../../../src/core/errors.ts';
import type { Device } from '../../../src/worker/backends/device.ts';
import { openDevice } from '../../../src/worker/backends/openDevice.ts';
import type { DatasetRef } from '../../../src/core/contract/datasets.ts';
import { writeDatasetFolder, writeDigitsFolder } from './digitsFolder.ts';
import { devicesUnderTest } from '../backends/devicesUnderTest.ts';
import { lastWeights, runInProcess, wasmDir, type InProcessOptions } from './runInProcess.ts';

/** What two runs must share to be called the same: everything but the clock's readings. */
const clockKeys = new Set(['samplesPerSecond', 'elapsedSeconds', 'workerMemoryBytes', 'dataWaitShare']);
const comparable = (metrics: Record<string, Map<number, number>>) =>
  Object.fromEntries(
    Object.entries(metrics)
      .filter(([key]) => !clockKeys.has(key))
      .map(([key, series]) => [key, [...series]]),
  );

const folders: string[] = [];
let digits: DatasetRef;
beforeAll(() => {
  digits = writeDigitsFolder();
  folders.push(digits.dir);
});
afterAll(() => {
  for (const folder of folders) fs.rmSync(folder, { recursive: true, force: true });
});
const run = async (options: Omit<InProcessOptions, 'dataset'> & { dataset?: DatasetRef }) => {
  const result = await runInProcess({ dataset: digits, ...options });
  folders.push(result.checkpointDir);
  return result;
};

const small: RunConfigInput = {
  model: { preset: 'mlp', options: { hidden: [32], dropout: 0.2 } },
  optimizer: { id: 'lpsgdm', hyperparameters: { weightDecay: 0.001 } },
  learningRate: { base: 0.01 },
  split: { validation: 0.1 },
  batchSize: 200,
  epochs: 3,
  checkpoint: { everySeconds: 0, keepLast: 50 },
};

describe.each(devicesUnderTest(['cpu', 'wasm', 'onnx-cpu']))('the engine on %s', (deviceId) => {
  let device: Device;
  beforeAll(async () => {
    device = await openDevice(deviceId, { threads: 1, wasmDir });
  });
  afterAll(() => device.close());

  it('gives identical metrics and weights for the same seed, and others for another', async () => {
    const first = await run({ device, config: small });
    const second = await run({ device, config: small });
    expect(comparable(second.metrics)).toEqual(comparable(first.metrics));
    expect(lastWeights(second.checkpointDir).equals(lastWeights(first.checkpointDir))).toBe(true);
    const other = await run({ device, config: { ...small, seed: 1 } });
    expect(lastWeights(other.checkpointDir).equals(lastWeights(first.checkpointDir))).toBe(false);
  });

  it.each(['lpsgdm', 'sgdm', 'adamw', 'rmsprop', 'stacey'])(
    'continues %s from the middle of an epoch bit for bit',
    async (id) => {
      const config: RunConfigInput = { ...small, optimizer: { id } };
      const whole = await run({ device, config });
      const cut = await run({ device, config, request: { atStep: 10, what: 'stop' } });
      expect(cut.end.reason).toBe('stopped');
      // what computes ahead of the reading of its numbers learns of the request some steps later
      expect(cut.end.step).toBeGreaterThanOrEqual(10);
      expect(cut.end.step).toBeLessThanOrEqual(device.computesAhead ? whole.end.step : 10);
      const checkpoint = path.join(cut.checkpointDir, `step-${String(cut.end.step).padStart(9, '0')}`);
      const rest = await run({ device, config, resumeFrom: checkpoint, checkpointDir: cut.checkpointDir });
      expect(rest.end).toMatchObject({ reason: 'completed', step: whole.end.step });
      expect(lastWeights(rest.checkpointDir).equals(lastWeights(whole.checkpointDir))).toBe(true);
      for (const key of ['loss', 'p', 'trainLoss', 'trainAccuracy', 'validationLoss']) {
        if (id !== 'lpsgdm' && key === 'p') continue;
        for (const [step, value] of rest.metrics[key]!)
          expect([key, step, value]).toEqual([key, step, whole.metrics[key]!.get(step)]);
      }
    },
  );

  it('leaves no tensor behind, also when a run is stopped or fails', async () => {
    const before = device.tf.memory().numTensors;
    await run({ device, config: { ...small, epochs: 1 } });
    await run({ device, config: small, request: { atStep: 3, what: 'stop' } });
    await expect(
      run({
        device,
        config: { ...small, optimizer: { id: 'sgd' }, learningRate: { base: 1e30, warmup: { length: 0 } } },
      }),
    ).rejects.toThrow(AppError);
    expect(device.tf.memory().numTensors).toBe(before);
  });

  it('stops a diverging run with the step, the reason and advice, and keeps what was recorded', async () => {
    const failing = run({
      device,
      config: { ...small, optimizer: { id: 'sgd' }, learningRate: { base: 1e30, warmup: { length: 0 } } },
    });
    await expect(failing).rejects.toMatchObject({
      code: 'nonFiniteLoss',
      message: expect.stringMatching(/at step \d+ .*learning rate ten times smaller/),
    });
  });
});

describe('the engine', () => {
  let device: Device;
  beforeAll(async () => {
    device = await openDevice('wasm', { threads: 1, wasmDir });
  });
  afterAll(() => device.close());

  it('keeps the newest checkpoints and the best one', async () => {
    const { checkpointDir, messages } = await run({
      device,
      config: { ...small, epochs: 6, checkpoint: { everySeconds: 0, keepLast: 2 } },
    });
    const names = fs.readdirSync(checkpointDir);
    expect(names.filter((name) => name.startsWith('step-'))).toHaveLength(2);
    expect(names.filter((name) => name.startsWith('best-'))).toHaveLength(1);
    const removed = messages.flatMap((message) => (message.type === 'checkpoint' ? message.removed : []));
    expect(removed.every((folder) => !fs.existsSync(folder))).toBe(true);
  });

  it('refuses a damaged checkpoint by name', async () => {
    const { checkpointDir } = await run({ device, config: { ...small, epochs: 1 } });
    const checkpoint = fs.readdirSync(checkpointDir).find((name) => name.startsWith('step-'))!;
    const file = path.join(checkpointDir, checkpoint, 'weights.safetensors');
    const bytes = fs.readFileSync(file);
    bytes[bytes.length - 1]! ^= 1;
    fs.writeFileSync(file, bytes);
    await expect(
      run({ device, config: small, resumeFrom: path.join(checkpointDir, checkpoint) }),
    ).rejects.toMatchObject({
      code: 'checkpointCorrupt',
      message: expect.stringContaining('weights.safetensors'),
    });
  });

  it('anneals p from pMax to exactly 2 over the epochs', async () => {
    const { metrics } = await run({ device, config: { ...small, epochs: 4 } });
    const values = [...metrics.p!.values()];
    expect(values[0]).toBe(6);
    expect(values.at(-1)).toBe(2);
    expect(metrics.rho!.get(values.length)).toBe(0);
  });

  it('stops early when the monitored value no longer improves', async () => {
    const { end } = await run({
      device,
      config: {
        ...small,
        epochs: 60,
        optimizer: { id: 'sgd' },
        learningRate: { base: 1e-12 },
        earlyStopping: { patienceEpochs: 2, minDelta: 0.1 },
      },
    });
    expect(end).toMatchObject({ reason: 'earlyStopped', epoch: 3 });
  });

  it('fits a regression: softmax regression finds the line through noiseless points', async () => {
    const rows = 200;
    const x = Float32Array.from({ length: rows * 2 }, (_, i) => Math.sin(i * 12.9898) * 2);
    const y = Float32Array.from({ length: rows }, (_, i) => 3 * x[2 * i]! - 2 * x[2 * i + 1]! + 0.5);
    const dataset = writeDatasetFolder(
      { descr: '<f4', shape: [rows, 2], numbers: x, scale: 1 },
      { classes: [], numbers: y },
    );
    folders.push(dataset.dir);
    const { metrics } = await run({
      device,
      dataset,
      config: {
        model: { preset: 'softmax' },
        optimizer: { id: 'sgdm' },
        learningRate: { base: 0.02 },
        batchSize: 20,
        epochs: 40,
      },
    });
    expect([...metrics.testLoss!.values()].at(-1)).toBeLessThan(1e-4);
    expect([...metrics.testMae!.values()].at(-1)).toBeLessThan(0.02);
  });

  it('learns digits as well as published small networks do', async () => {
    const config = (preset: string, seed: number): RunConfigInput => ({
      model: { preset },
      optimizer: { id: 'lpsgdm', hyperparameters: { weightDecay: 0.001 } },
      learningRate: { base: 0.01 },
      epochs: 40,
      batchSize: 128,
      seed,
    });
    const mean = async (preset: string) => {
      let sum = 0;
      for (const seed of [0, 1, 2])
        sum += [...(await run({ device, config: config(preset, seed) })).metrics.testAccuracy!.values()].at(-1)!;
      return sum / 3;
    };
    expect(await mean('cnn')).toBeGreaterThanOrEqual(0.98);
    expect(await mean('mlp')).toBeGreaterThanOrEqual(0.965);
  });
});
