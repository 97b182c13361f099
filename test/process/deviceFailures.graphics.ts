import { readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { RunConfigInput } from '../../src/core/contract/runConfig.ts';
import type { DatasetRef } from '../../src/core/contract/datasets.ts';
import { createNodeProbe } from '../../src/main/devices/runProbeInNode.ts';
import { openDevice } from '../../src/worker/backends/openDevice.ts';
import { openTestApp, temporaryFolders } from '../main/services/testApp.ts';
import { writeDigitsFolder } from '../worker/engine/digitsFolder.ts';
import { runInProcess, wasmDir } from '../worker/engine/runInProcess.ts';

const folders = temporaryFolders();
let digits: DatasetRef;
beforeAll(() => {
  digits = writeDigitsFolder();
});
afterAll(() => {
  folders.remove();
  rmSync(digits.dir, { recursive: true, force: true });
});

const small: RunConfigInput = {
  device: 'webgpu',
  model: { preset: 'mlp', options: { hidden: [16] } },
  batchSize: 256,
  epochs: 400,
  checkpoint: { everySeconds: 0, keepBest: false },
};

describe('a graphics processor that fails, on webgpu', () => {
  it('lost in the middle of a run: a sentence, all metrics so far, and a checkpoint to go on from', async () => {
    const checkpointDir = folders.create();
    const device = await openDevice('webgpu', { wasmDir });
    const lost = setInterval(() => {
      if (readdirSync(checkpointDir).every((name) => !name.startsWith('step-'))) return;
      (device.tf.backend() as unknown as { device: GPUDevice }).device.destroy();
      clearInterval(lost);
    }, 20);
    onTestFinished(() => clearInterval(lost));
    const run = runInProcess({ device, dataset: digits, config: small, checkpointDir });
    await expect(run).rejects.toMatchObject({
      code: 'deviceLost',
      message: expect.stringMatching(/stopped working.*Resume the run/) as string,
    });
    device.close();
    const [checkpoint] = readdirSync(checkpointDir).filter((name) => name.startsWith('step-'));
    const again = await openDevice('webgpu', { wasmDir });
    onTestFinished(() => again.close());
    const resumeFrom = path.join(checkpointDir, checkpoint!);
    const request = { atStep: Number(checkpoint!.slice(5)) + 3, what: 'stop' } as const;
    const rest = await runInProcess({
      device: again,
      dataset: digits,
      config: small,
      checkpointDir,
      resumeFrom,
      request,
    });
    expect(rest.end.reason).toBe('stopped');
  });

  it('asked for more memory than it has: a sentence with the size, and the next run trains', async () => {
    const { app, train, untilStatus } = openTestApp(folders.create());
    onTestFinished(() => app.close());
    const ended = async (config: RunConfigInput) =>
      untilStatus(await train(config), 'completed', 'failed', 'interrupted');
    const huge = await ended({ ...small, model: { preset: 'mlp', options: { hidden: [40_000] } }, batchSize: 1_400 });
    expect(huge).toMatchObject({ status: 'failed', failure: { code: 'outOfMemory' } });
    expect(huge.failure!.message).toMatch(/\d+ MB.*smaller batch/);
    expect((await ended({ ...small, epochs: 2 })).status).toBe('completed');
  });

  it('its process killed: the run is interrupted and goes on from its checkpoint', { timeout: 180_000 }, async () => {
    const { app, runs, workers, untilStatus } = openTestApp(folders.create());
    onTestFinished(() => app.close());
    const run = await runs.create({ config: { ...small, epochs: 30 } });
    while ((await runs.checkpoints({ runId: run.id })).length === 0) await new Promise((go) => setTimeout(go, 50));
    process.kill(workers[0]!, 'SIGKILL');
    const killed = await untilStatus(run, 'interrupted', 'failed', 'completed');
    expect(killed).toMatchObject({ status: 'interrupted', failure: { code: 'workerCrashed' } });
    expect(killed.device).toMatchObject({ id: 'webgpu', description: expect.stringContaining('WebGPU') as string });
    await runs.resume({ runId: run.id });
    expect((await untilStatus(run, 'completed', 'failed', 'interrupted')).status).toBe('completed');
  });

  it('not there at all: the examination says what to install', async () => {
    const probe = createNodeProbe({
      program: path.resolve(import.meta.dirname, '../../src/worker/host/probe.ts'),
      wasmDir,
      execPath: process.execPath,
      env: { ...process.env, VK_DRIVER_FILES: '/nowhere.json', VK_ICD_FILENAMES: '/nowhere.json' },
    });
    const { stdout } = await probe(['measure', 'webgpu'], 30_000);
    expect(stdout).toContain('"available":false');
    expect(stdout).toMatch(/No graphics adapter was found.*vulkaninfo/);
  });
});
