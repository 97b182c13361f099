import fs from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DatasetRef } from '../../../src/core/contract/datasets.ts';
import type { RunConfigInput } from '../../../src/core/contract/runConfig.ts';
import type { Device } from '../../../src/worker/backends/device.ts';
import { openDevice } from '../../../src/worker/backends/openDevice.ts';
import { writeDigitsFolder } from './digitsFolder.ts';
import { lastWeights, runInProcess, wasmDir } from './runInProcess.ts';

const folders: string[] = [];
let digits: DatasetRef;
let device: Device;
beforeAll(async () => {
  digits = writeDigitsFolder();
  folders.push(digits.dir);
  device = await openDevice('onnx-cpu', { threads: 1, wasmDir });
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

async function run(used: Device) {
  const result = await runInProcess({ device: used, dataset: digits, config });
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
