import path from 'node:path';
import { expect, it } from 'vitest';
import { parseRunConfig } from '../../../src/core/contract/runConfig.ts';
import type { WorkerMessage } from '../../../src/core/contract/workerMessages.ts';
import { AppError } from '../../../src/core/errors.ts';
import { createNodeLauncher } from '../../../src/main/process/launchNodeWorker.ts';
import { createStartWorker, type WorkerHandle, type WorkerTimeouts } from '../../../src/main/process/workerHandle.ts';

const timeouts: WorkerTimeouts = { helloMs: 10_000, silenceMs: 10_000, graceMs: 10_000 };

interface Ended {
  handle: WorkerHandle;
  pid: number | undefined;
  messages: WorkerMessage[];
  /** of the process; undefined when it ended as agreed */
  error: Promise<AppError | null>;
  /** resolves at the first message of this type */
  said(type: WorkerMessage['type']): Promise<void>;
}

function start(behaviour: string, changes: Partial<WorkerTimeouts> = {}, execPath = process.execPath): Ended {
  const launch = createNodeLauncher({
    program: path.join(import.meta.dirname, 'fakeWorker.ts'),
    execPath,
    execArgv: [],
    env: { ...process.env, BEHAVIOUR: behaviour },
  });
  let pid: number | undefined;
  const startWorker = createStartWorker(
    () => {
      const worker = launch();
      pid = worker.pid;
      return worker;
    },
    { ...timeouts, ...changes },
  );
  const messages: WorkerMessage[] = [];
  const waiting: { type: string; resolve: () => void }[] = [];
  const ended = Promise.withResolvers<AppError | null>();
  const handle = startWorker(
    {
      type: 'start',
      runId: 'run',
      config: parseRunConfig({}),
      dataset: { id: 'digits', dir: '', hash: '' },
      paths: { checkpointDir: '', wasmDir: '' },
      resume: null,
    },
    {
      onMessage(message) {
        messages.push(message);
        for (const { type, resolve } of waiting) if (type === message.type) resolve();
      },
      onEnd: ({ error }) => ended.resolve(error),
    },
  );
  return {
    handle,
    pid,
    messages,
    error: ended.promise,
    said: (type) => new Promise((resolve) => waiting.push({ type, resolve })),
  };
}

const isAlive = (pid: number | undefined): boolean => {
  try {
    return pid !== undefined && process.kill(pid, 0);
  } catch {
    return false;
  }
};

it.each([
  {
    behaviour: 'neverHello',
    changes: { helloMs: 300 },
    code: 'workerStartFailed',
    says: 'did not answer within 0.3 s',
  },
  { behaviour: 'exitsAtOnce', changes: {}, code: 'workerStartFailed', says: '(exit code 7). It last said: a library' },
  { behaviour: 'otherVersion', changes: {}, code: 'protocolMismatch', says: 'install lp-workbench again' },
  { behaviour: 'garbageFirst', changes: {}, code: 'malformedMessage', says: 'cannot be understood' },
  { behaviour: 'garbageLater', changes: {}, code: 'malformedMessage', says: 'seq' },
  { behaviour: 'hangs', changes: { silenceMs: 400 }, code: 'workerUnresponsive', says: 'said nothing for 0.4 seconds' },
  { behaviour: 'hangsUp', changes: { silenceMs: 400 }, code: 'workerUnresponsive', says: 'said nothing' },
  { behaviour: 'crashes', changes: {}, code: 'workerCrashed', says: '(exit code 134). It last said: Fatal error' },
])('ends a worker that $behaviour and says why', async ({ behaviour, changes, code, says }) => {
  const worker = start(behaviour, changes);
  const error = await worker.error;
  expect(error).toBeInstanceOf(AppError);
  expect(error?.code).toBe(code);
  expect(error?.message).toContain(says);
  expect(isAlive(worker.pid)).toBe(false);
});

it('delivers what a crashing worker said before its end', async () => {
  const worker = start('crashes');
  await worker.error;
  expect(worker.messages.map(({ type }) => type)).toEqual(['ready', 'metrics']);
  expect(worker.messages[1]).toMatchObject({ series: { loss: { values: [0.5, Number.NaN] } } });
});

it('leaves a worker alone that is silent but for its heartbeat', async () => {
  const worker = start('quietThenDone', { silenceMs: 500 });
  expect(await worker.error).toBeNull();
  expect(worker.messages.map(({ type }) => type)).toEqual(['ready', 'done']);
});

it('waits as long as a worker announced that a step may take', async () => {
  const worker = start('longStep', { silenceMs: 200 });
  expect(await worker.error).toBeNull();
  expect(worker.messages.map(({ type }) => type)).toEqual(['ready', 'done']);
});

it('ends a worker that does not leave when asked, after the time of grace', async () => {
  const worker = start('ignoresShutdown', { graceMs: 200 });
  await worker.said('ready');
  worker.handle.shutdown();
  expect(await worker.error).toMatchObject({ code: 'workerUnresponsive' });
  expect(isAlive(worker.pid)).toBe(false);
});

it('ends a worker that stays after its last word, and does not count that as a failure', async () => {
  const worker = start('staysAfterBye', { graceMs: 200 });
  expect(await worker.error).toBeNull();
  expect(isAlive(worker.pid)).toBe(false);
});

it('reports a program that cannot be started at all', async () => {
  const worker = start('', {}, '/nowhere/node');
  expect(await worker.error).toMatchObject({
    code: 'workerStartFailed',
    message: expect.stringContaining('ENOENT'),
  });
});

it('does nothing more once the worker is gone', async () => {
  const worker = start('exitsAtOnce');
  await worker.error;
  const timersBefore = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  worker.handle.shutdown();
  worker.handle.pause();
  worker.handle.acknowledge(1);
  const timersAfter = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  expect(timersAfter).toBe(timersBefore);
});
