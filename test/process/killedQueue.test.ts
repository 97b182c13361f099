import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { openTestApp, seriesOf, stepsUpTo, temporaryFolders } from '../main/services/testApp.ts';
import { childrenOf, isAlive, observe, sleep } from './trainingProgram.ts';

const folders = temporaryFolders();
afterAll(folders.remove);

it('a program killed with a queue: its run is interrupted, the queue goes on, and so does the run when asked', async () => {
  const dataDir = folders.create();
  const program = spawn(process.execPath, [path.join(import.meta.dirname, 'queueProgram.ts'), dataDir], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const isTraining = (): boolean => {
    const observer = observe(dataDir);
    const runs = observer?.all() ?? [];
    observer?.close();
    return runs.length === 3 && runs.some(({ step }) => step > 0);
  };
  while (!isTraining()) await sleep(20);
  const [worker] = childrenOf(program.pid!);
  program.kill('SIGKILL');
  await once(program, 'exit');
  while (isAlive(worker!)) await sleep(10);

  const { app, runs, untilStatus, history, said } = openTestApp(dataDir, { startStoredQueue: true });
  const interrupted = await runs.find({ text: 'running' });
  expect(interrupted).toMatchObject({ status: 'interrupted', failure: { code: 'workerCrashed' } });
  expect(interrupted.failure?.message).toContain(`its last stored step is ${interrupted.step}`);
  expect(said).toEqual(['1 run was interrupted; see runs list.']);
  await untilStatus(await runs.find({ text: 'after' }), 'completed');
  expect(history.filter((entry) => !entry.endsWith('queued'))).toEqual(
    ['next', 'after'].flatMap((name) => ['starting', 'running', 'completed'].map((status) => `${name}:${status}`)),
  );
  await runs.resume({ runId: interrupted.id });
  await untilStatus(interrupted, 'running');
  await runs.stop({ runId: interrupted.id });
  const stopped = await untilStatus(interrupted, 'stopped');
  expect((await seriesOf(runs, interrupted.id, 'loss')).steps).toEqual(stepsUpTo(stopped.step));
  await app.close();
});
