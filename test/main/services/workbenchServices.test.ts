import { readdirSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { DeviceInfo } from '../../../src/core/contract/devices.ts';
import type { RunConfigInput } from '../../../src/core/contract/runConfig.ts';
import type { AppOptions } from '../../../src/main/app.ts';
import { previewDataset } from '../../../src/main/datasets/datasetRows.ts';
import { dataDirLayout } from '../../../src/main/storage/dataDirLayout.ts';
import { openStorage } from '../../../src/main/storage/openStorage.ts';
import { endlessRun, openTestApp, refusal, temporaryFolders, type TestApp } from './testApp.ts';

const folders = temporaryFolders();
const opened: TestApp[] = [];
const open = (dataDir = folders.create(), options: Partial<AppOptions> = {}): TestApp => {
  const app = openTestApp(dataDir, { concurrency: undefined, ...options });
  opened.push(app);
  return app;
};
afterEach(async () => {
  for (const { app } of opened.splice(0)) await app.close();
});
afterAll(folders.remove);

describe('settings', () => {
  it('raising the number of runs at a time lets a waiting run start, lowering it ends none', async () => {
    const { app, train, untilStatus, runs } = open();
    const [first, second] = [await train(endlessRun(), 'first'), await train(endlessRun(), 'second')];
    await untilStatus(first, 'running');
    expect((await runs.get({ runId: second.id })).status).toBe('queued');
    await app.settings.change({ concurrency: 2 });
    await untilStatus(second, 'running');
    await app.settings.change({ concurrency: 1 });
    expect(await runs.list({ statuses: ['running'] })).toHaveLength(2);
  });

  it('outlive the program', async () => {
    const { app, dataDir } = open();
    await app.settings.change({ theme: 'dark', views: { charts: { logY: true } } });
    await app.close();
    expect(await open(dataDir).app.settings.get({})).toMatchObject({
      theme: 'dark',
      views: { charts: { logY: true } },
    });
  });

  it('one that another version wrote differently falls back alone', async () => {
    const dataDir = folders.create();
    const storage = openStorage({ dataDir, readOnly: false });
    storage.settings.set('settings', { theme: 'sepia', concurrency: 3, unknown: 1, views: 'none' });
    await storage.close();
    expect(await open(dataDir).app.settings.get({})).toEqual({
      theme: 'system',
      concurrency: 3,
      device: 'auto',
      keepCheckpoints: 2,
      quitWhileTraining: 'ask',
      notifications: true,
      views: {},
    });
  });

  it('what views remember has an end', async () => {
    const { app } = open();
    const long = await refusal(app.settings.change({ views: { runs: 'x'.repeat(100_001) } }));
    expect(long).toMatchObject({ code: 'badUsage' });
    const many = Object.fromEntries(Array.from({ length: 201 }, (_, i) => [`view ${i}`, i]));
    expect(await refusal(app.settings.change({ views: many }))).toMatchObject({ code: 'badUsage' });
    expect((await app.settings.get({})).views).toEqual({});
  });
});

describe('devices', () => {
  const device: DeviceInfo = {
    id: 'wasm',
    available: true,
    description: 'WebAssembly',
    hardware: null,
    isSoftware: false,
    stepsPerSecond: 300,
    isAuto: true,
    threads: 2,
  };

  it('are examined once, again on request, and again after a failure', async () => {
    let examinations = 0;
    const { app } = open(undefined, {
      probeDevices: async () => {
        if (++examinations === 1) throw new Error('the driver crashed');
        return [device];
      },
    });
    await expect(app.devices.list({})).rejects.toThrow('the driver crashed');
    const both = await Promise.all([app.devices.list({}), app.devices.list({ refresh: true })]);
    expect(both).toEqual([[device], [device]]);
    await app.devices.list({});
    expect(examinations).toBe(2);
    await app.devices.list({ refresh: true });
    expect(examinations).toBe(3);
  });

  it('one that is gone when a run begins is replaced, the run says why, and all are examined again', async () => {
    const gone = process.platform === 'darwin' ? 'onnx-dml' : 'onnx-coreml';
    let examinations = 0;
    const { app, train, untilStatus } = open(undefined, {
      probeDevices: async () => [{ ...device, id: ++examinations === 1 ? gone : 'wasm' }],
    });
    const config: RunConfigInput = { device: 'auto', model: { preset: 'softmax' }, epochs: 1 };
    const run = await untilStatus(await train(config), 'completed', 'failed');
    expect(run).toMatchObject({
      status: 'completed',
      device: { id: 'onnx-cpu', choice: `because ${gone} could not be opened` },
    });
    const { device: next } = await untilStatus(await train(config), 'completed', 'failed');
    expect(next).toMatchObject({ id: 'wasm', choice: expect.stringContaining('the fastest') as string });
    expect(examinations).toBe(2);
    await app.devices.list({});
    expect(examinations).toBe(2);
  });
});

describe('datasets', () => {
  const folderOf = (dataDir: string): string => {
    const { datasets } = dataDirLayout(dataDir);
    return path.join(datasets, readdirSync(datasets)[0]!);
  };

  it('a list knows the facts of those that are there', async () => {
    const { app } = open();
    expect((await app.datasets.list({})).map(({ meta }) => meta)).toEqual([null, null, null, null]);
    const described = await app.datasets.describe({ id: 'blobs' });
    expect((await app.datasets.list({})).find(({ id }) => id === 'blobs')!.meta).toEqual(described);
  });

  it('a preview of a regression shows its targets, and no more rows than there are', async () => {
    const { app } = open();
    const { meta, classCounts, samples } = await app.datasets.preview({ id: 'quadratic-noise', count: 500 });
    expect(meta.task).toBe('regression');
    expect(classCounts).toEqual([]);
    expect(samples).toHaveLength(500);
    expect(new Set(samples.map(({ target }) => target)).size).toBeGreaterThan(400);
  });

  /** Its numbers are replaced at the length they had, so that only reading finds out. */
  const damage = (folder: string, name: string): void => {
    const file = path.join(folder, name);
    const { size } = statSync(file);
    writeFileSync(file, 'not what NumPy writes');
    truncateSync(file, size);
  };

  it.each(['x.npy', 'y.npy'])(
    'a preview of a built-in dataset whose %s is damaged shows it made again',
    async (name) => {
      const { app, dataDir } = open();
      const whole = await app.datasets.preview({ id: 'spirals' });
      damage(folderOf(dataDir), name);
      expect(await app.datasets.preview({ id: 'spirals' })).toEqual(whole);
    },
  );

  // the files of a large dataset are not read before every use, so reading its rows finds the damage
  it.each(['x.npy', 'y.npy'])('reading rows of a folder whose %s is damaged says which file', async (name) => {
    const { app, dataDir } = open();
    const meta = await app.datasets.describe({ id: 'spirals' });
    const folder = folderOf(dataDir);
    damage(folder, name);
    const { code, message } = await refusal(previewDataset(folder, meta, 10));
    expect(code).toBe('datasetCorrupt');
    expect(message).toContain(name);
  });
});

it('disk use counts the database, the checkpoints and the datasets', async () => {
  const { app, train, untilStatus, runs } = open();
  const before = await app.application.diskUse({});
  expect(before).toMatchObject({ checkpointBytes: 0, datasetBytes: 0 });
  const run = await train(endlessRun());
  await untilStatus(run, 'running');
  await runs.pause({ runId: run.id });
  await untilStatus(run, 'paused');
  const after = await app.application.diskUse({});
  expect(after.checkpointBytes).toBeGreaterThan(1_000);
  expect(after.datasetBytes).toBeGreaterThan(100_000);
  expect(after.databaseBytes).toBeGreaterThan(0);
  expect(after.freeBytes).toBeGreaterThan(0);
});

describe('dialogs of the system', () => {
  it('answer what the user chose, and suggest a name that leads to no folder', async () => {
    const suggested: string[] = [];
    const { app } = open(undefined, {
      dialogs: {
        chooseFiles: async (kind) => (kind === 'folder' ? ['/data/pets'] : []),
        chooseSaveFile: async (name) => {
          suggested.push(name);
          return null;
        },
      },
    });
    expect(await app.application.chooseFiles({ kind: 'folder' })).toEqual({ paths: ['/data/pets'] });
    expect(await app.application.chooseFiles({ kind: 'files' })).toEqual({ paths: [] });
    expect(await app.application.chooseSaveFile({ suggestedName: '../../etc/cron.d\\x' })).toEqual({ path: null });
    expect(suggested).toEqual(['.._.._etc_cron.d_x']);
  });

  it('are refused in a sentence where there is no window', async () => {
    const { app } = open();
    expect(await refusal(app.application.chooseFiles({ kind: 'files' }))).toMatchObject({ code: 'notAllowed' });
  });
});
