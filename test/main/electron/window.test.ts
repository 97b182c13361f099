import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Run } from '../../../src/core/contract/runs.ts';
import { createClient, type RemoteWorkbench } from '../../../src/core/rpc/createClient.ts';
import { appFolder } from '../../ensureBuilt.ts';
import { runCommand } from '../cli/runCommand.ts';
import { openTestApp } from '../services/testApp.ts';
import { announceMissing, findRuntime } from './findRuntime.ts';
import { openWindow, type OpenedWindow } from './openWindow.ts';
import { openPagePort } from './pagePort.ts';

const runtime = findRuntime();
announceMissing('the Electron window', runtime);

const longRun = { epochs: 4_000, batchSize: 32, model: { preset: 'mlp' } };

describe.runIf(runtime.program !== null)('the window', () => {
  let dataDir: string;
  const opened: OpenedWindow[] = [];
  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'lp-workbench-window-'));
  });
  afterEach(async () => {
    for (const window of opened.splice(0)) await window.end();
  });
  afterAll(() => rm(dataDir, { recursive: true, force: true }));

  const open = async (): Promise<OpenedWindow> => {
    const window = await openWindow(runtime.program!, dataDir);
    opened.push(window);
    return window;
  };
  const connect = async ({ page }: OpenedWindow): Promise<RemoteWorkbench> =>
    createClient(await openPagePort(page), { onError: () => {} });
  const reaches = (client: RemoteWorkbench, runId: string, wanted: (run: Run) => boolean): Promise<Run> =>
    new Promise((resolve) => {
      const look = (run: Run): void => {
        if (run.id === runId && wanted(run)) resolve(run);
      };
      client.on('runChanged', look);
      void client.runs.get({ runId }).then(look);
    });
  const listed = async (): Promise<Run[]> => {
    const { stdout } = await runCommand(['runs', 'list', '--json', '--data-dir', dataDir]);
    return JSON.parse(stdout) as Run[];
  };

  it('remembers size, place and theme, and has the theme before its page is there', async () => {
    const first = await open();
    const client = await connect(first);
    await client.settings.change({ theme: 'dark' });
    await first.application.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows()[0]!.setBounds({ x: 40, y: 30, width: 900, height: 600 }),
    );
    expect(await first.end()).toBe(0);
    opened.length = 0;
    expect(JSON.parse(await readFile(join(dataDir, 'window.json'), 'utf8'))).toMatchObject({
      theme: 'dark',
      width: 900,
    });

    const second = await open();
    const shown = await second.application.evaluate(({ BrowserWindow, nativeTheme }) => {
      const [window] = BrowserWindow.getAllWindows();
      return { ...window!.getBounds(), background: window!.getBackgroundColor(), theme: nativeTheme.themeSource };
    });
    expect(shown).toMatchObject({ x: 40, y: 30, width: 900, height: 600, theme: 'dark', background: '#16181D' });
    expect(await second.page.evaluate(() => matchMedia('(prefers-color-scheme: dark)').matches)).toBe(true);
    await (await connect(second)).settings.change({ theme: 'system' });
  });

  it('its menu goes to a view without loading the page anew', async () => {
    const { application, page } = await open();
    await page.evaluate(() => Object.assign(window, { mark: 1 }));
    await application.evaluate(({ Menu }) => {
      const go = Menu.getApplicationMenu()!.items.find(({ label }) => label === '&Go')!;
      go.submenu!.items.find(({ label }) => label === 'Queue')!.click();
    });
    await page.waitForURL('app://workbench/index.html#/queue');
    expect(await page.evaluate(() => 'mark' in window)).toBe(true);
  });

  it('compiled steps train inside it, with the losses of plain Node', async () => {
    const config = { device: 'onnx-cpu', threads: 2, model: { preset: 'cnn' }, epochs: 2 };
    const client = await connect(await open());
    const run = await client.runs.create({ config });
    const ended = await reaches(client, run.id, ({ status }) =>
      ['completed', 'failed', 'interrupted'].includes(status),
    );
    expect(ended).toMatchObject({
      failure: null,
      status: 'completed',
      device: { id: 'onnx-cpu', description: expect.stringContaining('compiled steps') as string },
    });
    // a fall back to eager steps would be a warning
    const said = await client.runs.logs({ runId: run.id });
    expect(said.filter(({ level }) => level !== 'info')).toEqual([]);
    const [inside] = await client.runs.metrics({ runId: run.id, keys: ['loss'], maxPoints: 0 });

    const plain = openTestApp(await mkdtemp(join(dataDir, 'plain-')));
    try {
      const same = await plain.untilStatus(await plain.train(config), 'completed', 'failed', 'interrupted');
      const [outside] = await plain.runs.metrics({ runId: same.id, keys: ['loss'], maxPoints: 0 });
      expect(inside!.steps).toEqual(outside!.steps);
      const off = outside!.values.map((loss, i) => Math.abs(inside!.values[i]! / loss! - 1));
      expect(Math.max(...off)).toBeLessThan(1e-4);
    } finally {
      await plain.app.close();
    }
  });

  it('a page that crashes comes back and sees the run train on', async () => {
    const { application, page } = await open();
    const client = createClient(await openPagePort(page), { onError: () => {} });
    const run = await client.runs.create({ config: longRun });
    await reaches(client, run.id, ({ status }) => status === 'running');
    const reloaded = application.evaluate(
      ({ BrowserWindow }) =>
        new Promise<string>((resolve) => {
          const { webContents } = BrowserWindow.getAllWindows()[0]!;
          webContents.once('did-finish-load', () => resolve(webContents.getURL()));
          webContents.forcefullyCrashRenderer();
        }),
    );
    expect(await reloaded).toContain('app://workbench/index.html');
    const [stored] = await listed();
    expect(stored).toMatchObject({ id: run.id, status: 'running' });
  });

  it('a run is paused at a checkpoint when the program is asked to end, and goes on the next time', async () => {
    const first = await open();
    const client = await connect(first);
    const before = await client.runs.list({ statuses: ['paused', 'interrupted', 'running'] });
    const run = before[0] ?? (await client.runs.create({ config: longRun }));
    if (run.status !== 'running') await client.runs.resume({ runId: run.id });
    await reaches(client, run.id, ({ status, step }) => status === 'running' && step > 0);
    expect(await first.end()).toBe(0);
    opened.length = 0;
    const paused = (await listed()).find(({ id }) => id === run.id)!;
    expect(paused.status).toBe('paused');

    const again = await connect(await open());
    await again.runs.resume({ runId: run.id });
    const running = await reaches(again, run.id, ({ status }) => status === 'running');
    expect(running.step).toBeGreaterThanOrEqual(paused.step);
    await again.runs.stop({ runId: run.id });
    await reaches(again, run.id, ({ status }) => status === 'stopped');
  });

  it('a second start on the same data folder gives way to the window that is open', async () => {
    const { application } = await open();
    const display = await application.evaluate(() => process.env['DISPLAY']);
    const second = spawn(
      runtime.program!,
      [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), appFolder, '--data-dir', dataDir],
      { env: { ...process.env, ...(display ? { DISPLAY: display } : {}) } },
    );
    let said = '';
    second.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    expect(await new Promise((resolve) => void second.once('exit', resolve))).toBe(0);
    expect(said).toContain(`open on ${dataDir} already`);
    const serving = await runCommand(['train', '--epochs', '1', '--data-dir', dataDir]);
    expect(serving.stderr).toContain('in use by the lp-workbench window');
    expect(serving.code).toBe(1);
  });
});
