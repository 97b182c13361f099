import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DatasetRef } from '../../../src/core/contract/datasets.ts';
import type { RunConfigInput } from '../../../src/core/contract/runConfig.ts';
import type { Device } from '../../../src/worker/backends/device.ts';
import { openDevice } from '../../../src/worker/backends/openDevice.ts';
import { writeDigitsFolder } from './digitsFolder.ts';
import { lastWeights, runInProcess, wasmDir, type InProcessOptions } from './runInProcess.ts';

const folders: string[] = [];
let digits: DatasetRef;
let device: Device;
beforeAll(async () => {
  digits = writeDigitsFolder();
  folders.push(digits.dir);
  device = await openDevice('onnx-cpu', { threads: 2, wasmDir });
});
afterAll(() => {
  device.close();
  for (const folder of folders) fs.rmSync(folder, { recursive: true, force: true });
});

const config: RunConfigInput = {
  model: { preset: 'cnn' },
  optimizer: { id: 'lpsgdm' },
  learningRate: { base: 0.01 },
  batchSize: 200,
  epochs: 1,
};

async function run(used: Device, options: Partial<InProcessOptions> = {}) {
  const result = await runInProcess({ device: used, dataset: digits, config, ...options });
  folders.push(result.checkpointDir);
  const logs = result.messages.flatMap((message) => (message.type === 'log' ? [message.message] : []));
  return { ...result, logs };
}

/** The device as it would be had it no lowering of one operation that every step uses. */
const withoutCumsum = (): Device => ({
  ...device,
  compile: (compute) =>
    device.compile!((tf, inputs) => {
      tf.cumsum(inputs['targets']!).dispose();
      return compute(tf, inputs);
    }),
});

test('a step that cannot be compiled is named in the log once, and trains on WebAssembly to the same weights', async () => {
  const { numTensors } = device.tf.memory();
  const eager = await run({ ...device, compile: undefined });
  const fallen = await run(withoutCumsum());
  expect(eager.logs).toEqual([]);
  expect(fallen.logs).toEqual([expect.stringMatching(/Cumsum.*without compiled steps/)]);
  expect(fallen.end).toMatchObject({ reason: 'completed', step: eager.end.step });
  expect(lastWeights(fallen.checkpointDir).equals(lastWeights(eager.checkpointDir))).toBe(true);
  expect(device.tf.memory().numTensors).toBe(numTensors);
});

test('compiled steps record the same metrics as eager ones', async () => {
  const eager = await run({ ...device, compile: undefined });
  const compiled = await run(device);
  expect(compiled.logs).toEqual([]);
  expect(Object.keys(compiled.metrics)).toEqual(Object.keys(eager.metrics));
  for (const key of ['loss', 'gradientNorm', 'updateRatio', 'trainLoss', 'trainAccuracy', 'testLoss', 'testAccuracy']) {
    for (const [step, value] of eager.metrics[key]!) {
      const difference = Math.abs(compiled.metrics[key]!.get(step)! / value - 1);
      expect([key, step, difference < 1e-3]).toEqual([key, step, true]);
    }
  }
});

test('compiled steps on two threads give the same bits again, and a resumed run ends in the same', async () => {
  const layers = [
    { type: 'conv2d', filters: 8, kernelSize: 3, useBias: false },
    { type: 'batchNorm' },
    { type: 'activation', activation: 'relu' },
    { type: 'maxPool2d', poolSize: 2 },
    { type: 'flatten' },
    { type: 'dropout', rate: 0.2 },
    { type: 'dense', units: 32, activation: 'relu' },
  ] as const;
  const normed: RunConfigInput = { ...config, model: { layers: [...layers] }, epochs: 2 };
  const whole = await run(device, { config: normed });
  const again = await run(device, { config: normed });
  expect(lastWeights(again.checkpointDir).equals(lastWeights(whole.checkpointDir))).toBe(true);
  const { checkpointDir } = await run(device, { config: normed, request: { atStep: 5, what: 'stop' } });
  const resumeFrom = path.join(checkpointDir, 'step-000000005');
  const rest = await run(device, { config: normed, checkpointDir, resumeFrom });
  expect(lastWeights(rest.checkpointDir).equals(lastWeights(whole.checkpointDir))).toBe(true);
  expect(rest.logs).toEqual([]);
});

/** The device with a made clock on which every compiled step takes `stepMs`. */
function clocked(stepMs: number): { used: Device; nowMs: () => number } {
  let clock = 0;
  const compile: Device['compile'] = (compute, options) => {
    const compiled = device.compile!(compute, options);
    return {
      ...compiled,
      run(inputs) {
        clock += stepMs;
        return compiled.run(inputs);
      },
    };
  };
  return { used: { ...device, compile }, nowMs: () => clock };
}

test.each([10, 100, 400, 5_000])('with steps of %i ms metrics wait a quarter of a second at most', async (stepMs) => {
  const { used, nowMs } = clocked(stepMs);
  const { messages, end } = await run(used, { nowMs, config: { ...config, epochs: 4 } });
  const reached = messages.flatMap((message) => (message.type === 'metrics' ? [message.step] : []));
  const gaps = reached.map((step, i) => step - (reached[i - 1] ?? 0));
  expect(end.reason).toBe('completed');
  // a step that is longer than that is told of when it ends
  expect(Math.max(...gaps)).toBeLessThanOrEqual(Math.floor(250 / stepMs) + 1);
});

test.each([10, 5_000])('with steps of %i ms a wish to stop is heard before the next', async (stepMs) => {
  const { used, nowMs } = clocked(stepMs);
  const { end } = await run(used, { nowMs, request: { atStep: 3, what: 'stop' } });
  expect(end).toMatchObject({ reason: 'stopped', step: 3 });
});

test('a loss that stops being finite ends a compiled run at that very step', async () => {
  const { used, nowMs } = clocked(5_000);
  const learningRate = { base: 1e30, warmup: { length: 0 } };
  const failing = run(used, { nowMs, config: { ...config, optimizer: { id: 'sgd' }, learningRate } });
  await expect(failing).rejects.toMatchObject({
    code: 'nonFiniteLoss',
    details: { step: expect.any(Number) as number },
  });
  // the step that broke it and the one that shows it
  expect(nowMs() / 5_000).toBeLessThanOrEqual(4);
});
