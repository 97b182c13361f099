import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { DeviceInfo } from '../../../src/core/contract/devices.ts';
import { parseRunConfig } from '../../../src/core/contract/runConfig.ts';
import { createDeviceCache } from '../../../src/main/devices/deviceCache.ts';
import { examineDevices } from '../../../src/main/devices/examineDevices.ts';
import { displayDrivers } from '../../../src/main/devices/machineKey.ts';
import { answersIn } from '../../../src/main/devices/runProbe.ts';
import { createNodeProbe } from '../../../src/main/devices/runProbeInNode.ts';
import { createDevicesService, type DevicesServiceOptions } from '../../../src/main/services/devicesService.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'lp-devices-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const device = (id: string, changes: Partial<DeviceInfo> = {}): DeviceInfo => ({
  id,
  available: true,
  description: id,
  hardware: null,
  isSoftware: false,
  stepsPerSecond: 1,
  isAuto: false,
  threads: 1,
  ...changes,
});

/** A probe program whose devices behave as told, run as real processes. */
function examineMade(adapters: { name: string; isSoftware: boolean }[]): Promise<DeviceInfo[]> {
  const program = path.join(folder, 'probe.mjs');
  const ids = ['slow', 'fast', 'dies', 'hangs', 'clings', 'diesMeasured', 'onnx-webgpu'];
  writeFileSync(
    program,
    `import { spawn } from 'node:child_process';
    const [task, , id] = process.argv.slice(2);
    const say = (value) => console.log(JSON.stringify(value));
    const works = { id, available: true, description: id, threads: 2 };
    console.log('a driver greets');
    if (task === 'list') {
      const absent = { id: 'absent', available: false, description: 'Absent', threads: 1, reason: 'It was never installed.' };
      const named = ${JSON.stringify(ids)}.map((id) => ({ id, title: 'Title of ' + id }));
      say({ devices: [{ id: 'absent', title: 'Absent', absent }, ...named] });
      say({ adapters: ${JSON.stringify(adapters)} });
    } else if (id === 'dies') process.kill(process.pid, 'SIGSEGV');
    else if (id === 'hangs') setInterval(() => {}, 1000);
    else if (id === 'clings') {
      // what it started keeps its output open beyond its own end
      spawn(process.execPath, ['-e', 'setTimeout(() => {}, 10_000)'], { stdio: ['ignore', 'inherit', 'ignore'] });
      setInterval(() => {}, 1000);
    }
    else if (id === 'diesMeasured') { say({ ...works, stepsPerSecond: null }); process.exitCode = 7; }
    else say({ ...works, stepsPerSecond: { fast: 50, slow: 5, 'onnx-webgpu': 90 }[id] ?? 70, isSoftware: id.includes('llvm') });`,
  );
  const probe = createNodeProbe({ program, wasmDir: folder, execPath: process.execPath });
  return examineDevices({
    probeFor: () => (args, limit) => probe(args, ['hangs', 'clings'].includes(args[1]!) ? 1_500 : limit),
  });
}

describe('examining devices', () => {
  it('picks the fastest; one that crashes or hangs costs itself only', async () => {
    const found = await examineMade([{ name: 'llvmpipe', isSoftware: true }]);
    expect(found.map(({ id }) => id)).toEqual([
      'fast',
      'onnx-webgpu',
      'slow',
      'diesMeasured',
      'absent',
      'dies',
      'hangs',
      'clings',
    ]);
    expect(found.filter(({ isAuto }) => isAuto).map(({ id }) => id)).toEqual(['fast']);
    // it is the fastest by number, but what it computes on is a program
    expect(found[1]).toMatchObject({ isSoftware: true, stepsPerSecond: 90 });
    expect(found[3]).toMatchObject({ available: true, stepsPerSecond: null });
    // its process would have said that it works
    expect(found[4]).toMatchObject({ available: false, reason: 'It was never installed.' });
    expect(found[5]).toMatchObject({ available: false, reason: expect.stringContaining('SIGSEGV') as string });
    expect(found[6]).toMatchObject({ available: false, description: 'Title of hangs' });
    expect(found[6]!.reason).toContain('did not answer within');
    expect(found[7]!.reason).toContain('did not answer within');
  });

  it('offers each of several adapters by name', async () => {
    const found = await examineMade([
      { name: 'Arc A770', isSoftware: false },
      { name: 'llvmpipe', isSoftware: true },
    ]);
    expect(found.find(({ id }) => id === 'webgpu:llvmpipe')).toMatchObject({ isSoftware: true });
    expect(found.find(({ id }) => id === 'webgpu:Arc A770')).toMatchObject({ available: true });
    expect(found[0]).toMatchObject({ id: 'onnx-webgpu', isAuto: true });
  });

  it('is told of absence with the words that opening the device would say', { timeout: 60_000 }, async () => {
    const root = path.resolve(import.meta.dirname, '../../..');
    const program = path.join(root, 'src/worker/host/probe.ts');
    const probe = createNodeProbe({ program, wasmDir: path.join(root, 'resources/wasm'), execPath: process.execPath });
    const elsewhere = process.platform === 'win32' ? 'onnx-coreml' : 'onnx-dml';
    const [listed] = answersIn((await probe(['list'], 60_000)).stdout) as [
      { devices: { id: string; absent: object }[] },
    ];
    const opened = answersIn((await probe(['measure', elsewhere], 60_000)).stdout).at(-1);
    expect(listed.devices.find(({ id }) => id === elsewhere)!.absent).toEqual(opened);
    expect(listed.devices.find(({ id }) => id === 'wasm')).not.toHaveProperty('absent');
  });

  it('says so when there is not even a list', async () => {
    const probeFor = () => async () => ({ stdout: '', failure: 'was ended by SIGBUS' });
    await expect(examineDevices({ probeFor })).rejects.toMatchObject({
      code: 'workerStartFailed',
      message: expect.stringContaining('was ended by SIGBUS') as string,
    });
  });
});

describe('what an examination found', () => {
  it('is out of date on Windows when a display driver is another, whatever other drivers come and go', () => {
    const before = ['nv_dispi.inf_amd64_2a3c', 'u0389031.inf_amd64_77', 'iigd_dch.inf_amd64_9b', 'printer.inf_amd64_1'];
    const updated = ['nv_dispi.inf_amd64_ff01', ...before.slice(1)];
    expect(displayDrivers(before)).toHaveLength(3);
    expect(displayDrivers(updated)).not.toEqual(displayDrivers(before));
    expect(displayDrivers([...before, 'usbaudio2.inf_amd64_5'].toReversed())).toEqual(displayDrivers(before));
  });

  it('is remembered until the machine changes; a damaged file is as good as none', () => {
    const file = path.join(folder, 'sub', 'devices.json');
    const cache = createDeviceCache(file, () => 'this machine');
    expect(cache.read()).toBeUndefined();
    cache.write([device('wasm')]);
    expect(cache.read()).toEqual([device('wasm')]);
    expect(createDeviceCache(file, () => 'another driver').read()).toBeUndefined();
    writeFileSync(file, '{"machine": "this mach');
    expect(cache.read()).toBeUndefined();
  });
});

describe('the device of a run', () => {
  const config = (id: string) => parseRunConfig({ device: id });
  const fresh = (id = 'auto') => ({ config: config(id), device: null, step: 0 });
  const service = (options: Partial<DevicesServiceOptions> = {}) =>
    createDevicesService({
      probeDevices: async () => [
        device('onnx-cpu', { stepsPerSecond: 120.4, isAuto: true }),
        device('wasm', { stepsPerSecond: 80 }),
        device('cuda', { available: false, stepsPerSecond: null }),
      ],
      preferred: () => 'auto',
      ...options,
    });

  it('is what its configuration names', async () => {
    expect(await service().choose(fresh('cpu'))).toEqual({ id: 'cpu' });
  });

  it('is the fastest that works where it says auto, and the run learns why', async () => {
    expect(await service().choose(fresh())).toEqual({
      id: 'onnx-cpu',
      choice: 'the fastest that works here (steps per second: onnx-cpu 120, wasm 80)',
    });
  });

  it('is the default of the settings, or what the environment names, without an examination', async () => {
    const probeDevices = async (): Promise<DeviceInfo[]> => {
      throw new Error('nobody asked for one');
    };
    const preferred = () => 'webgpu';
    expect(await service({ probeDevices, preferred }).choose(fresh())).toMatchObject({ id: 'webgpu' });
    expect(await service({ probeDevices, preferred, autoDevice: 'cpu' }).choose(fresh())).toMatchObject({ id: 'cpu' });
  });

  it('stays what it was when the run goes on', async () => {
    const before = { id: 'wasm', description: 'WebAssembly', threads: 2, choice: 'the fastest then' };
    const run = { config: config('auto'), device: before, step: 7 };
    expect(await service().choose(run)).toEqual({ id: 'wasm', choice: 'the fastest then' });
  });

  it('is wasm where nothing could be found out', async () => {
    const none = service({ probeDevices: async () => Promise.reject(new Error('no process')) });
    expect(await none.choose(fresh())).toMatchObject({ id: 'wasm', choice: expect.stringContaining('no process') });
    expect(await service({ probeDevices: async () => [] }).choose(fresh())).toMatchObject({ id: 'wasm' });
  });
});
