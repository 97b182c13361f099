import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Run, RunsEvents } from '../../src/core/contract/runs.ts';
import { workbenchContract, workbenchEvents, type WorkbenchServices } from '../../src/core/contract/workbench.ts';
import { AppError } from '../../src/core/errors.ts';
import { createClient, type RemoteWorkbench } from '../../src/core/rpc/createClient.ts';
import { announceMissing, findRuntime } from '../main/electron/findRuntime.ts';
import { overElectron, overFork, overMemory, overWebSocket, type Opened, type OpenTransport } from './transports.ts';

// A software graphics processor takes up to a minute to examine, for each transport anew; test/main/devices looks at that.
process.env['VK_DRIVER_FILES'] = process.env['VK_ICD_FILENAMES'] = 'none';

const runtime = findRuntime();
announceMissing('the contract over the channel of the Electron window', runtime);

const transports: { name: string; open: OpenTransport }[] = [
  { name: 'memory', open: overMemory },
  { name: 'a forked process', open: overFork },
  { name: 'a WebSocket', open: overWebSocket },
  ...(runtime.program === null ? [] : [{ name: 'the Electron window', open: overElectron(runtime.program) }]),
];

/** Whatever the host says must be what the contract promises. */
function promised<Service extends keyof WorkbenchServices>(service: Service, method: string, value: unknown): unknown {
  const contract: Record<string, { result: { parse(value: unknown): unknown } }> = workbenchContract[service];
  return contract[method]!.result.parse(value);
}

describe.each(transports)('over $name', ({ open }) => {
  let dataDir: string;
  let opened: Opened;
  let client: RemoteWorkbench;
  const failures: AppError[] = [];

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'lp-workbench-contract-'));
    opened = await open(dataDir);
    client = createClient(opened.port, { onError: (error) => failures.push(error) });
  });
  afterAll(async () => {
    client.close();
    await opened.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  it('answers what the contract promises', async () => {
    const { application, datasets, devices, presets, runs, settings, studies } = client;
    promised('application', 'info', await application.info({}));
    promised('application', 'diskUse', await application.diskUse({}));
    promised('datasets', 'list', await datasets.list({}));
    promised('datasets', 'describe', await datasets.describe({ id: 'digits' }));
    promised('settings', 'get', await settings.get({}));
    promised('presets', 'list', await presets.list({}));
    promised('runs', 'list', await runs.list({}));
    promised('studies', 'list', await studies.list({}));
    promised('runs', 'queue', await runs.queue({}));
    promised('devices', 'list', await devices.list({}));
    expect((await application.info({})).dataDir).toBe(dataDir);
    expect((await devices.list({})).some(({ available }) => available)).toBe(true);
  });

  it('previews samples spread over a dataset, with the rows of each class', async () => {
    const preview = await client.datasets.preview({ id: 'digits', count: 7 });
    promised('datasets', 'preview', preview);
    expect(preview.classCounts.reduce((sum, count) => sum + count, 0)).toBe(preview.meta.rows);
    expect(preview.samples.map(({ row }) => row)).toEqual([0, 256, 513, 770, 1026, 1283, 1540]);
    for (const { target, values } of preview.samples) {
      expect(values).toHaveLength(64);
      expect(Math.max(...values)).toBeLessThanOrEqual(1);
      expect(preview.meta.classes[target]).toBeDefined();
    }
  });

  it('brings a failure across whole: code, sentence and details', async () => {
    const error = await client.datasets.describe({ id: 'digit' }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(AppError);
    expect(error).toMatchObject({ code: 'unknownDataset', details: { nearest: 'digits' } });
    expect((error as AppError).message).toContain('did you mean "digits"?');
  });

  it('refuses parameters the contract does not accept, naming each problem', async () => {
    const call = client.runs.metrics({ runId: 'x', maxPoints: -1, keys: [1] as unknown as string[] });
    const error = (await call.catch((reason: unknown) => reason)) as AppError;
    expect(error.code).toBe('badUsage');
    expect(error.details?.['problems']).toHaveLength(2);
  });

  it('keeps changed settings and presets, and tells of the settings', async () => {
    const told = new Promise((resolve) => {
      client.on('settingsChanged', resolve);
    });
    await client.settings.change({ views: { runs: { columns: ['name'] }, gone: 1 } });
    const changed = await client.settings.change({ keepCheckpoints: 5, views: { gone: null } });
    expect(workbenchEvents.settingsChanged.parse(await told)).toMatchObject({ theme: 'system' });
    expect(changed).toMatchObject({ keepCheckpoints: 5, views: { runs: { columns: ['name'] } } });
    expect(await client.settings.get({})).toEqual(changed);

    await client.presets.save({ name: 'mine', config: { epochs: 3 } });
    await client.presets.save({ name: 'mine', config: { epochs: 4 } });
    expect(await client.presets.list({})).toMatchObject([{ name: 'mine', config: { epochs: 4 } }]);
    await client.presets.remove({ name: 'mine' });
    await expect(client.presets.remove({ name: 'mine' })).rejects.toMatchObject({ code: 'notFound' });
  });

  it('answers hundreds of calls made at once', async () => {
    const answers = await Promise.all(Array.from({ length: 300 }, () => client.settings.get({})));
    expect(new Set(answers.map(({ keepCheckpoints }) => keepCheckpoints))).toEqual(new Set([5]));
  });

  it('tells of a run from the queue to its end, and of every point the database has', async () => {
    const statuses: Run['status'][] = [];
    const batches: RunsEvents['metricsCommitted'][] = [];
    const ended = Promise.withResolvers<Run>();
    const undo = [
      client.on('metricsCommitted', (batch) => {
        batches.push(workbenchEvents.metricsCommitted.parse(batch));
      }),
      client.on('runChanged', (run) => {
        statuses.push(workbenchEvents.runChanged.parse(run).status);
        if (run.status === 'completed') ended.resolve(run);
      }),
    ];
    const created = await client.runs.create({ config: { epochs: 20, batchSize: 32, model: { preset: 'softmax' } } });
    const run = await ended.promise;
    for (const stop of undo) stop();

    expect(run.id).toBe(created.id);
    expect([...new Set(statuses)]).toEqual(['queued', 'starting', 'running', 'completed']);
    expect(batches.map(({ firstSeq }) => firstSeq)).toEqual([0, ...batches.slice(0, -1).map(({ seq }) => seq + 1)]);
    const [stored] = await client.runs.metrics({ runId: run.id, keys: ['loss'], maxPoints: 0 });
    expect(batches.flatMap(({ series }) => series['loss']?.values ?? [])).toEqual(stored!.values);
    expect(stored!.steps).toHaveLength(run.step);
    promised('runs', 'checkpoints', await client.runs.checkpoints({ runId: run.id }));
    promised('runs', 'metricKeys', await client.runs.metricKeys({ runId: run.id }));
    promised('runs', 'logs', await client.runs.logs({ runId: run.id }));
  });

  it('a listener that throws harms neither the others nor the connection', async () => {
    const before = failures.length;
    const undo = client.on('settingsChanged', () => {
      throw new Error('broken view');
    });
    const told = new Promise((resolve) => {
      client.on('settingsChanged', resolve);
    });
    await client.settings.change({ notifications: false });
    await told;
    undo();
    expect(failures.slice(before).map(({ message }) => message)).toEqual(['broken view']);
    expect((await client.settings.get({})).notifications).toBe(false);
  });

  it('rejects what is under way when the channel closes', async () => {
    const calls = Array.from({ length: 100 }, () => client.runs.list({}).catch((error: AppError) => error.code));
    opened.port.close();
    expect(new Set(await Promise.all(calls))).toEqual(new Set(['disconnected']));
    await expect(client.runs.list({})).rejects.toMatchObject({ code: 'disconnected' });
  });
});
