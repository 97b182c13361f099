import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { DatasetRef } from '../../../src/core/contract/datasets.ts';
import type { RunConfigInput } from '../../../src/core/contract/runConfig.ts';
import { metricsCredit, workerProtocolVersion } from '../../../src/core/contract/workerMessages.ts';
import { writeDigitsFolder } from '../engine/digitsFolder.ts';
import { forkWorker, startMessage } from './forkWorker.ts';

let digits: DatasetRef;
let checkpointDir: string;
const folders: string[] = [];
beforeAll(() => {
  digits = writeDigitsFolder();
  folders.push(digits.dir);
});
beforeEach(() => {
  checkpointDir = fs.mkdtempSync(path.join(os.tmpdir(), 'lp-worker-'));
  folders.push(checkpointDir);
});
afterAll(() => {
  for (const folder of folders) fs.rmSync(folder, { recursive: true, force: true });
});

const config = (changes: RunConfigInput = {}): RunConfigInput => ({
  device: 'wasm',
  threads: 1,
  model: { preset: 'mlp', options: { hidden: [16] } },
  learningRate: { base: 0.01 },
  epochs: 2,
  ...changes,
});

it('trains a run from start to bye', async () => {
  const worker = forkWorker();
  expect((await worker.next('hello')).protocolVersion).toBe(workerProtocolVersion);
  worker.send(startMessage(config(), digits, checkpointDir));
  const ready = await worker.next('ready');
  expect(ready).toMatchObject({
    trainSamples: 1438,
    testSamples: 359,
    stepsPerEpoch: 12,
    totalSteps: 24,
    parameterCount: 64 * 16 + 16 + 16 * 10 + 10,
  });
  expect(await worker.next('done')).toMatchObject({ reason: 'completed', step: 24, epoch: 2 });
  await worker.next('bye');
  expect(await worker.exited).toBe(0);
});

it('pauses with a checkpoint, takes no step while paused, and goes on', async () => {
  const worker = forkWorker();
  worker.send(startMessage(config({ epochs: 200 }), digits, checkpointDir));
  await worker.next('metrics');
  worker.send({ type: 'pause' });
  const { step } = await worker.next('paused');
  expect(fs.readdirSync(checkpointDir)).toContain(`step-${String(step).padStart(9, '0')}`);
  worker.send({ type: 'resume' });
  expect((await worker.next('resumed')).step).toBe(step);
  worker.send({ type: 'stop' });
  const done = await worker.next('done');
  expect(done.reason).toBe('stopped');
  expect(done.step).toBeGreaterThanOrEqual(step);
  expect(await worker.exited).toBe(0);
});

it('waits for acknowledgements and drops nothing', async () => {
  const worker = forkWorker({ acknowledge: false });
  worker.send(startMessage(config({ epochs: 5_000, checkpoint: { everyEpochs: 100_000 } }), digits, checkpointDir));
  const batches = () => worker.messages.filter((message) => message.type === 'metrics');
  while (batches().length < metricsCredit) await new Promise((resolve) => setTimeout(resolve, 20));
  const beats = worker.messages.filter((message) => message.type === 'heartbeat').length;
  while (worker.messages.filter((message) => message.type === 'heartbeat').length < beats + 2)
    await new Promise((resolve) => setTimeout(resolve, 50));
  expect(batches()).toHaveLength(metricsCredit);
  worker.child.on('message', (message: { type: string; seq: number }) => {
    if (message.type === 'metrics') worker.send({ type: 'ack', seq: message.seq });
  });
  for (const batch of batches()) worker.send({ type: 'ack', seq: (batch as { seq: number }).seq });
  worker.send({ type: 'stop' });
  const { step } = await worker.next('done');
  const steps = worker.messages.flatMap((message) =>
    message.type === 'metrics' ? (message.series['loss']?.steps ?? []) : [],
  );
  expect(steps).toEqual(Array.from({ length: step }, (_, i) => i + 1));
  await worker.exited;
});

it('leaves when its host is gone', async () => {
  const worker = forkWorker();
  worker.send(startMessage(config({ epochs: 100_000 }), digits, checkpointDir));
  await worker.next('metrics');
  worker.child.disconnect();
  expect(await worker.exited).toBe(0);
});

it('says in a sentence why a run cannot start', async () => {
  const worker = forkWorker();
  worker.send(startMessage(config({ device: 'wsam' }), digits, checkpointDir));
  const { error } = await worker.next('failed');
  expect(error).toMatchObject({ code: 'unknownDevice', message: expect.stringContaining('wsam') });
  expect(await worker.exited).toBe(0);
});

it('trains on another device where the one that auto stands for is gone, and says so', async () => {
  const gone = process.platform === 'darwin' ? 'onnx-dml' : 'onnx-coreml';
  const worker = forkWorker();
  const start = startMessage(config({ device: 'auto' }), digits, checkpointDir);
  worker.send({ ...start, device: gone } as typeof start);
  expect((await worker.next('ready')).device.id).toBe('onnx-cpu');
  const said = worker.messages.flatMap((message) => (message.type === 'log' ? [message.message] : []));
  expect(said).toEqual([expect.stringMatching(new RegExp(`${gone}.*ONNX Runtime on .* only.*trains on onnx-cpu`))]);
  expect(await worker.next('done')).toMatchObject({ reason: 'completed' });
  await worker.exited;
});

it('fails where the device that its configuration names is gone', async () => {
  const worker = forkWorker();
  const gone = process.platform === 'darwin' ? 'onnx-dml' : 'onnx-coreml';
  worker.send(startMessage(config({ device: gone }), digits, checkpointDir));
  expect((await worker.next('failed')).error.code).toBe('deviceUnavailable');
  await worker.exited;
});

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;

it.each(['wasm', 'onnx-cpu'])('5,000 steps do not grow it by a twentieth on %s', async (device) => {
  const worker = forkWorker();
  const long = config({
    device,
    model: { preset: 'cnn' },
    batchSize: 64,
    epochs: 310,
    evaluation: { everyEpochs: 10 },
    checkpoint: { everyEpochs: 10 },
  });
  worker.send(startMessage(long, digits, checkpointDir));
  expect((await worker.next('done')).step).toBeGreaterThan(7_000);
  const memory = worker.messages.flatMap((message) =>
    message.type === 'metrics' ? (message.series['workerMemoryBytes']?.values ?? []) : [],
  );
  expect(memory).toHaveLength(310);
  // the first 2,000 steps fill caches and let the heap find its size
  const settled = median(memory.slice(87, 109));
  expect(median(memory.slice(-22)) / settled).toBeLessThan(1.05);
  await worker.exited;
});
