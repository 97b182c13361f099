import { execFile, fork } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Tensor4D } from '@tensorflow/tfjs';
import { afterEach, describe, expect, test } from 'vitest';
import type { Device } from '../../../src/worker/backends/device.ts';
import { openDevice, type DeviceId } from '../../../src/worker/backends/openDevice.ts';
import { wasmDir } from './comparison.ts';
import { trainingSteps } from './trainingSteps.ts';

let device: Device | undefined;
afterEach(() => {
  device?.close();
  device = undefined;
});

const script = path.join(import.meta.dirname, 'trainingProcess.ts');

describe('opening a device', () => {
  test.each([
    ['wasm', /^WebAssembly, SIMD, 2 threads$/, 2],
    ['cpu', /^JavaScript, 1 thread$/, 1],
    ['onnx-cpu', /^ONNX Runtime 1\.\d+\.\d+, compiled steps, 2 threads$/, 2],
  ] satisfies [DeviceId, RegExp, number][])('%s says in a line what it is', async (id, description, threads) => {
    device = await openDevice(id, { wasmDir, threads: 2 });
    expect(device).toMatchObject({ description: expect.stringMatching(description) as string, threads });
  });

  const systems = { 'onnx-dml': ['win32', 'Windows'], 'onnx-coreml': ['darwin', 'macOS'] } as const;
  const elsewhere = Object.entries(systems).filter(([, [platform]]) => platform !== process.platform);
  test.each(elsewhere)('%s, which is not of this machine, says so', async (id, [, system]) => {
    const reason = expect.stringMatching(new RegExp(`ONNX Runtime on ${system} only\\.$`)) as string;
    const expected = { code: 'deviceUnavailable', message: reason };
    await expect(openDevice(id, { wasmDir })).rejects.toMatchObject(expected);
  });

  test('an unknown device is refused by name', async () => {
    await expect(openDevice('gpu' as 'cpu', { wasmDir })).rejects.toMatchObject({
      code: 'unknownDevice',
      message: expect.stringContaining('wasm, cpu') as string,
    });
  });

  test('a missing wasm file is a reason, not a crash, and leaves the process able to open another', async () => {
    await expect(openDevice('wasm', { wasmDir: path.join(wasmDir, 'missing') })).rejects.toMatchObject({
      code: 'deviceUnavailable',
      message: expect.stringContaining('kernels.wasm') as string,
    });
    device = await openDevice('wasm', { wasmDir, threads: 2 });
    expect(trainingSteps(device, 1).every(Number.isFinite)).toBe(true);
  });

  test('threads default to the machine and are at least one', async () => {
    device = await openDevice('wasm', { wasmDir });
    expect(device.threads).toBeGreaterThanOrEqual(1);
    device.close();
    device = await openDevice('wasm', { wasmDir, threads: 0 });
    expect(device.threads).toBe(1);
  });

  test('nothing global changes', async () => {
    const events = ['uncaughtException', 'unhandledRejection', 'exit'];
    const listener = (): void => {};
    process.on('uncaughtException', listener);
    const look = (): unknown => ({
      globals: Object.getOwnPropertyNames(globalThis).toSorted(),
      worker: globalThis.Worker,
      listeners: events.map((event) => process.listeners(event as 'exit')),
    });
    const before = look();
    device = await openDevice('wasm', { wasmDir, threads: 3 });
    expect(look()).toEqual(before);
    device.close();
    expect(look()).toEqual(before);
    process.off('uncaughtException', listener);
  });
});

describe('results', () => {
  test('are the same bits in every run and with any number of threads', async () => {
    const results: number[][] = [];
    for (const threads of [1, 1, 2, 5]) {
      device = await openDevice('wasm', { wasmDir, threads });
      results.push(trainingSteps(device));
      device.close();
    }
    expect(results[0]!.every(Number.isFinite)).toBe(true);
    for (const other of results.slice(1)) expect(other).toEqual(results[0]);
  });

  test('stay right when the heap grows', async () => {
    device = await openDevice('wasm', { wasmDir, threads: 2 });
    const { tf } = device;
    const first = trainingSteps(device);
    const large = tf.ones([64, 1024, 1024]);
    expect(trainingSteps(device)).toEqual(first);
    expect(tf.tidy(() => tf.sum(large).dataSync()[0])).toBe(64 * 1024 * 1024);
    large.dispose();
  });

  test('that memory has no room for are refused, and nothing else is overwritten', async () => {
    device = await openDevice('wasm', { wasmDir, threads: 2 });
    const { tf } = device;
    const first = trainingSteps(device);
    const { numTensors } = tf.memory();
    const tooMuch = (): unknown =>
      tf.tidy(() => tf.conv2d(tf.ones([600, 8, 8, 1]) as Tensor4D, tf.ones([3, 3, 1, 30_000]) as Tensor4D, 1, 'same'));
    expect(tooMuch).toThrow(/no room for 4395 MB/);
    expect(tf.memory().numTensors).toBe(numTensors);
    expect(trainingSteps(device)).toEqual(first);
  });

  test('are the same in a plain Node process and in a forked one, and both end by themselves', async () => {
    device = await openDevice('wasm', { wasmDir, threads: 2 });
    const here = trainingSteps(device);
    const { stdout } = await promisify(execFile)(process.execPath, [script, wasmDir, 'close']);
    expect(JSON.parse(stdout)).toEqual(here);
    const child = fork(script, [wasmDir, 'close'], { execArgv: [], serialization: 'advanced', stdio: 'ignore' });
    const ended = new Promise((resolve) => child.once('close', resolve));
    expect(await new Promise((resolve) => child.once('message', resolve))).toEqual(here);
    expect(await ended).toBe(0);
  });

  test('a device nobody closed does not keep its process alive', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [script, wasmDir, 'forget'], { timeout: 30_000 });
    expect((JSON.parse(stdout) as number[]).every(Number.isFinite)).toBe(true);
  });
});
