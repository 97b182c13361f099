import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { appFolder, ensureAppBuilt } from '../../ensureBuilt.ts';
import { announceMissing, findRuntime, openScreen } from '../electron/findRuntime.ts';
import { runCommand, startCommand } from './runCommand.ts';

const runtime = findRuntime();
announceMissing('lp-workbench start with an Electron program', runtime);

describe('lp-workbench start', () => {
  let dataDir: string;
  beforeAll(ensureAppBuilt, 120_000);
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'lp-workbench-start-'));
  });
  afterEach(() => rm(dataDir, { recursive: true, force: true }));

  it.runIf(runtime.program !== null)('opens the window on the data folder, and Ctrl-C ends it in order', async () => {
    const screen = await openScreen();
    const bin = join(appFolder, 'src/main/cli/bin.mjs');
    const command = spawn(process.execPath, [bin, 'start', '--data-dir', dataDir], {
      env: { ...process.env, ...(screen.display ? { DISPLAY: screen.display } : {}) },
      stdio: 'ignore',
    });
    const exited = once(command, 'exit');
    try {
      await expect.poll(() => existsSync(join(dataDir, 'lp-workbench.db')), { timeout: 40_000 }).toBe(true);
      const { stderr } = await runCommand(['train', '--epochs', '1', '--data-dir', dataDir]);
      expect(stderr).toContain('in use by the lp-workbench window');
    } finally {
      command.kill('SIGINT');
      const [code] = (await exited) as [number | null];
      screen.close();
      expect(code).toBe(0);
    }
  });

  const without: { what: string; env: Record<string, string>; says: string; isHere: boolean }[] = [
    {
      what: 'without an Electron program',
      env: { ELECTRON_OVERRIDE_DIST_PATH: '/nowhere', DISPLAY: ':0' },
      says: 'ELECTRON_OVERRIDE_DIST_PATH names /nowhere',
      isHere: true,
    },
    {
      what: 'without a screen',
      env: { DISPLAY: '', WAYLAND_DISPLAY: '' },
      says: 'there is no screen here (DISPLAY is not set)',
      isHere: process.platform === 'linux',
    },
  ];
  it.each(without.filter(({ isHere }) => isHere))(
    '$what it says why and serves the workbench to the browser',
    async ({ env, says }) => {
      // an empty PATH holds no program that would open a browser on the screen of whoever runs this
      const command = startCommand(['start', '--json', '--data-dir', dataDir], { ...env, PATH: '' });
      const [line] = (await once(command.process.stdout!, 'data')) as [string];
      const { url } = JSON.parse(line.split('\n')[0]!) as { url: string };
      const admitted = await fetch(url, { redirect: 'manual' });
      command.process.kill('SIGINT');
      const { code, stderr } = await command.result;
      expect(admitted.status).toBe(303);
      expect(stderr).toContain(`The workbench runs in the browser, because ${says}`);
      expect(code).toBe(0);
    },
  );
});
