import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { augmentationSchema } from '../../../src/core/augmentation/augmentationConfig.ts';
import type { DatasetRef } from '../../../src/core/contract/datasets.ts';
import type { RunConfigInput } from '../../../src/core/contract/runConfig.ts';
import type { Device } from '../../../src/worker/backends/device.ts';
import { openDevice, type DeviceId } from '../../../src/worker/backends/openDevice.ts';
import { createBatchLoader, type BatchLoader } from '../../../src/worker/data/batchLoader.ts';
import { openDataset } from '../../../src/worker/data/openDataset.ts';
import { writeDatasetFolder } from '../engine/digitsFolder.ts';
import { lastWeights, loaderProgram, runInProcess, wasmDir } from '../engine/runInProcess.ts';

const rows = 96;
const augmentation = { randomResizedCrop: 0.5, padCrop: 2, horizontalFlip: 0.5, contrast: 0.3, cutout: 4 };
const folders: string[] = [];
let images: DatasetRef;

beforeAll(() => {
  const shape = [rows, 12, 12, 3];
  const numbers = Uint8Array.from({ length: rows * 12 * 12 * 3 }, (_, i) => (i * 7919) % 251);
  const labels = Int32Array.from({ length: rows }, (_, i) => i % 3);
  images = writeDatasetFolder(
    { descr: '|u1', shape, numbers, scale: 1 / 255 },
    { classes: ['a', 'b', 'c'], numbers: labels },
  );
  folders.push(images.dir);
});
afterAll(() => {
  for (const folder of folders) fs.rmSync(folder, { recursive: true, force: true });
});

describe.each<DeviceId>(['cpu', 'wasm'])('batches on %s', (deviceId) => {
  let device: Device;
  beforeAll(async () => {
    device = await openDevice(deviceId, { threads: 1, wasmDir });
  });
  afterAll(() => device.close());

  async function numbersOf(
    threads: number,
    epoch: number | null,
    use?: (loader: BatchLoader) => void,
  ): Promise<number[][]> {
    const dataset = openDataset(images);
    const loader = createBatchLoader({
      device,
      dataset,
      targetSize: 3,
      augmentation: augmentationSchema.parse(augmentation),
      seed: 5,
      batchSize: 20,
      threads,
      loaderProgram,
    });
    try {
      use?.(loader);
      const order = Uint32Array.from({ length: rows }, (_, i) => (i * 29) % rows);
      const feed = loader.feed({ rows: order, batchSize: 20, epoch, first: 1 });
      const found: number[][] = [];
      for (let batch = 1; batch < 5; batch++) {
        const { x, targets } = await feed.next();
        found.push([...(await x.data()), ...(await targets.data())]);
        x.dispose();
        targets.dispose();
      }
      await expect(feed.next()).rejects.toThrow('after the last one');
      return found;
    } finally {
      await loader.close();
      dataset.close();
    }
  }

  it('are the same numbers, however many threads make them', async () => {
    const [none, one, three] = [await numbersOf(0, 4), await numbersOf(1, 4), await numbersOf(3, 4)];
    expect(none.map(({ length }) => length)).toEqual([20, 20, 20, 16].map((count) => count * (12 * 12 * 3 + 3)));
    expect(one).toEqual(none);
    expect(three).toEqual(none);
    expect(await numbersOf(1, 5)).not.toEqual(none);
  });

  it('are not mixed up with those of an order that nobody took', async () => {
    const expected = await numbersOf(0, null);
    const abandoned = (loader: BatchLoader): void => {
      void loader.feed({ rows: new Uint32Array(80).fill(3), batchSize: 20, epoch: 1 });
    };
    expect(await numbersOf(2, null, abandoned)).toEqual(expected);
  });

  it('are drawn alike in a run that was cut in the middle of an epoch', async () => {
    const config: RunConfigInput = {
      model: { preset: 'mlp', options: { hidden: [16] } },
      augmentation,
      batchSize: 16,
      epochs: 3,
      checkpoint: { everySeconds: 0, keepLast: 50 },
    };
    const run = async (options: Partial<Parameters<typeof runInProcess>[0]>) => {
      const result = await runInProcess({ device, dataset: images, config, ...options });
      folders.push(result.checkpointDir);
      return result;
    };
    const tensors = device.tf.memory().numTensors;
    const whole = await run({ loaderThreads: 0 });
    const cut = await run({ loaderThreads: 1, request: { atStep: 7, what: 'stop' } });
    expect(cut.end).toMatchObject({ reason: 'stopped', step: 7 });
    const resumeFrom = path.join(cut.checkpointDir, 'step-000000007');
    const rest = await run({ loaderThreads: 2, resumeFrom, checkpointDir: cut.checkpointDir });
    expect(rest.end).toMatchObject({ reason: 'completed', step: whole.end.step });
    expect(lastWeights(rest.checkpointDir).equals(lastWeights(whole.checkpointDir))).toBe(true);
    const plain = await run({ loaderThreads: 0, config: { ...config, augmentation: {} } });
    expect(lastWeights(plain.checkpointDir).equals(lastWeights(whole.checkpointDir))).toBe(false);
    expect(device.tf.memory().numTensors).toBe(tensors);
    for (const share of whole.metrics['dataWaitShare']!.values()) {
      expect(share).toBeGreaterThan(0);
      expect(share).toBeLessThan(1);
    }
    expect([...whole.metrics['dataWaitShare']!.keys()]).toEqual([...whole.metrics['trainLoss']!.keys()]);
  });
});

describe('a batch loader', () => {
  let device: Device;
  beforeAll(async () => {
    device = await openDevice('cpu', { wasmDir });
  });
  afterAll(() => device.close());

  it('says what is wrong with a dataset that is gone when a thread wants to read it', async () => {
    const copy = fs.mkdtempSync(path.join(path.dirname(images.dir), 'lp-dataset-'));
    folders.push(copy);
    fs.cpSync(images.dir, copy, { recursive: true });
    const dataset = openDataset({ ...images, dir: copy });
    fs.rmSync(path.join(copy, 'x.npy'));
    const options = { device, dataset, targetSize: 3, augmentation: augmentationSchema.parse({}), seed: 0 };
    const loader = createBatchLoader({ ...options, batchSize: 8, threads: 1, loaderProgram });
    try {
      const feed = loader.feed({ rows: new Uint32Array([1, 2]), batchSize: 8, epoch: null });
      await expect(feed.next()).rejects.toMatchObject({
        code: 'datasetCorrupt',
        message: expect.stringMatching(/x\.npy cannot be opened .* Import the dataset again/),
      });
    } finally {
      await loader.close();
      dataset.close();
    }
  });

  it('says when a thread that reads the dataset stops', async () => {
    const dataset = openDataset(images);
    const options = { device, dataset, targetSize: 3, augmentation: augmentationSchema.parse({}), seed: 0 };
    const loader = createBatchLoader({
      ...options,
      batchSize: 8,
      threads: 1,
      loaderProgram: new URL('data:text/javascript,throw new Error("no memory")'),
    });
    try {
      const feed = loader.feed({ rows: new Uint32Array([1, 2]), batchSize: 8, epoch: null });
      await expect(feed.next()).rejects.toMatchObject({
        code: 'workerCrashed',
        message: 'A thread that reads the dataset stopped: no memory. Resume the run.',
      });
    } finally {
      await loader.close();
      dataset.close();
    }
  });

  it('refuses augmentation of samples that are no images before training', async () => {
    const numbers = Float32Array.from({ length: 40 }, (_, i) => i / 40);
    const table = writeDatasetFolder(
      { descr: '<f4', shape: [10, 4], numbers, scale: 1 },
      { classes: [], numbers: Float32Array.from({ length: 10 }, (_, i) => i) },
    );
    folders.push(table.dir);
    const run = runInProcess({
      device,
      dataset: table,
      config: { augmentation: { horizontalFlip: 0.5 }, batchSize: 4 },
    });
    await expect(run).rejects.toMatchObject({
      code: 'shapeMismatch',
      message: expect.stringMatching(/Augmentation needs images .* shape 4: turn it off/),
    });
  });
});
