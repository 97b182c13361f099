import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Run } from '../../../src/core/contract/runs.ts';
import { ensureBuilt } from '../../ensureBuilt.ts';
import { isSiteBuilt } from '../../../src/main/site/siteFile.ts';
import { runCommand, startCommand, type CommandResult, type RunningCommand } from '../cli/runCommand.ts';

const projectDir = fileURLToPath(new URL('../../../', import.meta.url));

beforeAll(ensureBuilt);

describe('lp-workbench serve', () => {
  let dataDir: string;
  const running: RunningCommand[] = [];
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'lp-workbench-serve-'));
  });
  afterEach(async () => {
    for (const command of running.splice(0)) {
      command.process.kill('SIGKILL');
      await command.result;
    }
    await rm(dataDir, { recursive: true, force: true });
  });

  const call = (...args: string[]): Promise<CommandResult> => runCommand([...args, '--data-dir', dataDir]);
  const start = async (...args: string[]): Promise<{ command: RunningCommand; url: URL; token: string }> => {
    const command = startCommand(['serve', '--json', '--data-dir', dataDir, ...args]);
    running.push(command);
    const [line] = (await once(command.process.stdout!, 'data')) as [string];
    const { url, token } = JSON.parse(line.split('\n')[0]!) as { url: string; token: string };
    return { command, url: new URL(url), token };
  };

  it('says on its first line where it listens, and serves the built page to who has the link', async () => {
    const { url } = await start();
    const admitted = await fetch(url, { redirect: 'manual' });
    expect(admitted.status).toBe(303);
    const cookie = admitted.headers.get('set-cookie')!.split(';')[0]!;
    const page = await fetch(new URL('/', url), { headers: { cookie } });
    expect(await page.text()).toContain('<div id="app"></div>');
  });

  it('keeps what lets programs in readable by this user alone, and only while it lives', async () => {
    const { command, token, url } = await start();
    const file = join(dataDir, 'host.json');
    expect((await stat(file)).mode & 0o777).toBe(process.platform === 'win32' ? 0o666 : 0o600);
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ token, url: `${url.origin}/` });
    command.process.kill('SIGINT');
    expect((await command.result).code).toBe(0);
    await expect(stat(file)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('prints another link on request, which lets another browser in', async () => {
    const { url } = await start();
    const { stdout } = await call('serve', '--link', '--json');
    const link = new URL((JSON.parse(stdout) as { url: string }).url);
    expect(link.origin).toBe(url.origin);
    expect(link.search).not.toBe(url.search);
    expect((await fetch(link, { redirect: 'manual' })).status).toBe(303);
  });

  it('a second server on the data folder says who has it', async () => {
    const { command } = await start();
    const { code, stderr } = await call('serve');
    expect(code).toBe(1);
    expect(stderr).toContain(`in use by lp-workbench serve (process ${command.process.pid}`);
  });

  it('says that a port is taken, and leaves the data folder free', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => void other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const { code, stderr } = await call('serve', '--port', String(port));
    other.close();
    expect(code).toBe(1);
    expect(stderr).toContain(`Port ${port} is taken`);
    await start();
  });

  it('Ctrl-C pauses what trains; the command line worked through it until then', async () => {
    const { command } = await start();
    const words = 'train --connect --epochs 4000 --batch-size 32 --name long --data-dir'.split(' ');
    const train = startCommand([...words, dataDir]);
    running.push(train);
    await train.says('epoch ');
    const [listed] = JSON.parse((await call('runs', 'list', '--connect', '--json')).stdout) as Run[];
    expect(listed).toMatchObject({ name: 'long', status: 'running' });
    await call('runs', 'rename', '--connect', 'long', 'renamed');
    command.process.kill('SIGINT');
    expect((await command.result).code).toBe(0);
    expect((await train.result).stderr).toContain('went away');
    const [stored] = JSON.parse((await call('runs', 'list', '--json')).stdout) as Run[];
    expect(stored).toMatchObject({ name: 'renamed', status: 'paused' });
  });

  it('a run trained through the server prints the same points as the database has', async () => {
    await start();
    const trained = await call('train', '--connect', '--epochs', '3', '--json');
    const run = JSON.parse(trained.stdout) as Run;
    expect(run.status).toBe('completed');
    const through = await call('metrics', '--connect', run.id, '--key', 'loss');
    const direct = await call('metrics', run.id, '--key', 'loss');
    expect(through.stdout).toBe(direct.stdout);
    expect(through.stdout.trim().split('\n')).toHaveLength(1 + run.step);
  });

  it('--connect says when there is no server, and when it does not take the token', async () => {
    const none = await call('runs', 'list', '--connect');
    expect(none.stderr).toContain('No server has the data folder');
    const { url } = await start();
    const wrong = await runCommand(['runs', 'list', `--connect=${url.origin}`], { LP_WORKBENCH_TOKEN: 'wrong' });
    expect(wrong.stderr).toContain('does not take the token');
    const missing = await runCommand(['runs', 'list', `--connect=${url.origin}`], { LP_WORKBENCH_TOKEN: '' });
    expect(missing.stderr).toContain('needs the server');
    expect([none.code, wrong.code, missing.code]).toEqual([1, 1, 2]);
  });
});

it('pages that are not built are not mistaken for built', async () => {
  expect(await isSiteBuilt(join(projectDir, 'src'))).toBe(false);
  expect(await isSiteBuilt(join(projectDir, 'out', 'renderer'))).toBe(true);
});
