import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeEach, expect, it } from 'vitest';
import { acquireDataDir, isDataDirInUse } from '../../../src/main/storage/ownerLock.ts';
import { dataDirLayout } from '../../../src/main/storage/dataDirLayout.ts';
import { runCommand } from '../cli/runCommand.ts';
import { temporaryFolders } from '../services/testApp.ts';
import { thrownBy } from './storageFixtures.ts';

const folders = temporaryFolders();
const children: ChildProcess[] = [];
let dataDir: string;
beforeEach(() => {
  dataDir = folders.create();
});
afterEach(async () => {
  for (const child of children.splice(0)) await end(child);
});
afterAll(folders.remove);

/** Another process at its task, once it is at it. */
async function startOther(task: 'own' | 'look'): Promise<ChildProcess> {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'ownDataDir.ts'), dataDir, task], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  await once(child.stdout, 'data');
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

it('the second process is told who has the folder, and how to go on', async () => {
  const owner = await startOther('own');
  expect(isDataDirInUse(dataDir)).toBe(true);
  const { code, stdout, stderr } = await runCommand(['train', '--epochs', '1', '--data-dir', dataDir]);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toBe(
    `Error: The data folder ${dataDir} is in use by the other program (process ${owner.pid}, since 1970-01-01T00:00:00.000Z): ` +
      'end it, or choose another folder with --data-dir. Reading commands work beside it.\n',
  );
  const list = await runCommand(['runs', 'list', '--json', '--data-dir', dataDir]);
  expect(list).toMatchObject({ code: 0, stdout: '[]\n' });
});

it('an owner that was killed leaves the folder free', async () => {
  const owner = await startOther('own');
  await end(owner);
  expect(isDataDirInUse(dataDir)).toBe(false);
  const lock = acquireDataDir(dataDir, 'me', 0);
  expect(isDataDirInUse(dataDir)).toBe(true);
  lock.release();
  lock.release();
  expect(isDataDirInUse(dataDir)).toBe(false);
});

it('does not need to know the owner to respect it', async () => {
  await startOther('own');
  writeFileSync(dataDirLayout(dataDir).ownerInfo, '{"who":');
  expect(thrownBy(() => acquireDataDir(dataDir, 'me', 0))).toMatchObject({
    code: 'dataDirInUse',
    message: expect.stringContaining('is in use by another process: end it'),
  });
});

it('somebody who only looks keeps nobody from owning the folder', async () => {
  acquireDataDir(dataDir, 'me', 0).release();
  await startOther('look');
  for (let i = 0; i < 200; i++) acquireDataDir(dataDir, 'me', 0).release();
  expect(isDataDirInUse(dataDir)).toBe(false);
});
