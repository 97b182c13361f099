import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import type { Device } from '../../../src/worker/backends/device.ts';
import { openDevice } from '../../../src/worker/backends/openDevice.ts';
import { checkDevice, isCorrect } from '../../../src/worker/probe/checkStep.ts';
import { wasmDir } from '../backends/comparison.ts';
import { devicesUnderTest } from '../backends/devicesUnderTest.ts';

let device: Device;
afterEach(() => device.close());

describe('the examination of a device', () => {
  it.each(devicesUnderTest(['cpu', 'wasm', 'onnx-cpu']))(
    'finds the losses of %s equal to those of PyTorch in float64',
    async (id) => {
      device = await openDevice(id, { wasmDir, threads: 1 });
      const before = device.tf.memory().numTensors;
      expect(await checkDevice(device)).toBeLessThan(1e-5);
      expect(device.tf.memory().numTensors).toBe(before);
    },
  );

  it('finds a device out whose updates are a little wrong, and one that computes no numbers', async () => {
    device = await openDevice('wasm', { wasmDir, threads: 1 });
    const { fusedUpdate } = device;
    const wrong: Device = {
      ...device,
      fusedUpdate: (id, weight, gradient, slots, hyper) =>
        fusedUpdate(id, weight, gradient, slots, { ...hyper, learningRate: hyper['learningRate']! * 1.05 }),
    };
    expect(isCorrect(await checkDevice(wrong))).toBe(false);
    expect(isCorrect(Number.NaN)).toBe(false);
  });

  it('uses the numbers that the script computed', () => {
    device = { close() {} } as Device;
    const losses = readFileSync(new URL('../../golden/devices/losses.json', import.meta.url), 'utf8');
    const source = readFileSync(new URL('../../../src/worker/probe/checkStep.ts', import.meta.url), 'utf8');
    expect(source).toContain(losses.trim());
  });
});
