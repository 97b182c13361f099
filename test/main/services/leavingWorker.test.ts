import path from 'node:path';
import { afterAll, afterEach, expect, it } from 'vitest';
import type { Run } from '../../../src/core/contract/runs.ts';
import { createNodeLauncher } from '../../../src/main/process/launchNodeWorker.ts';
import type { LaunchWorker } from '../../../src/main/process/workerProcess.ts';
import { endlessRun, openTestApp, realWorker, smallRun, temporaryFolders, type TestApp } from './testApp.ts';

const folders = temporaryFolders();
let test: TestApp;
afterEach(() => test.app.close());
afterAll(folders.remove);

const fakeWorker = (behaviour: string): LaunchWorker =>
  createNodeLauncher({
    program: path.join(import.meta.dirname, '../process/fakeWorker.ts'),
    execPath: process.execPath,
    execArgv: [],
    env: { ...process.env, BEHAVIOUR: behaviour },
  });
const workerTimeouts = { helloMs: 10_000, silenceMs: 10_000, graceMs: 300 };

/** The real worker, but for the first ones, which behave as named. */
function open(behaviours: string[], timeouts: Partial<typeof workerTimeouts> = {}): TestApp {
  const fakes = behaviours.map(fakeWorker);
  return openTestApp(folders.create(), {
    launchWorker: () => (fakes.shift() ?? realWorker)(),
    workerTimeouts: { ...workerTimeouts, ...timeouts },
  });
}

it('a worker that hangs is ended, its run can go on, and the queue does', async () => {
  test = open(['hangs'], { silenceMs: 1_500 });
  const hanging = await test.train(smallRun(), 'hanging');
  const next = await test.train(smallRun(), 'next');
  expect(await test.untilStatus(hanging, 'interrupted', 'failed')).toMatchObject({
    status: 'interrupted',
    failure: { code: 'workerUnresponsive' },
  });
  await test.untilStatus(next, 'completed');
  await test.runs.resume({ runId: hanging.id });
  expect(await test.untilStatus(hanging, 'completed')).toMatchObject({ step: 36, failure: null });
});

it('keeps what a crashing worker had sent, and its last words', async () => {
  test = open(['crashes']);
  const run = await test.train(smallRun(), 'crashing');
  const crashed = await test.untilStatus(run, 'interrupted', 'failed');
  expect(crashed).toMatchObject({ status: 'interrupted', step: 2, latest: { loss: null } });
  expect(crashed.failure?.message).toContain('Fatal error: out of something');
  const [loss] = await test.runs.metrics({ runId: run.id, keys: ['loss'], maxPoints: 0 });
  expect(loss).toMatchObject({ steps: [1, 2], values: [0.5, null] });
});

it('a worker that cannot start, or speaks nonsense, fails its run and not the next one', async () => {
  test = open(['exitsAtOnce', 'garbageLater']);
  const broken = await test.train(smallRun(), 'broken');
  const mad = await test.train(smallRun(), 'mad');
  const sound = await test.train(smallRun(), 'sound');
  expect(await test.untilStatus(sound, 'completed')).toMatchObject({ failure: null });
  expect(await test.runs.get({ runId: broken.id })).toMatchObject({
    status: 'failed',
    failure: { code: 'workerStartFailed' },
  });
  expect(await test.runs.get({ runId: mad.id })).toMatchObject({
    status: 'failed',
    failure: { code: 'malformedMessage' },
  });
});

it('closing does not wait longer than the time of grace', async () => {
  test = open(['ignoresShutdown']);
  const run = await test.train(smallRun());
  await test.untilStatus(run, 'running');
  await test.app.close();
  expect(test.history.at(-1)).toMatch(/:interrupted$/);
});

it('what is decided of a run while its worker leaves holds', async () => {
  test = open([]);
  const { runs } = test;
  const run = await test.train(endlessRun(), 'run');
  await test.untilStatus(run, 'running');
  /** a paused run leaves when another one waits for its place */
  const leave = async (): Promise<Run> => {
    await runs.pause({ runId: run.id });
    await test.untilStatus(run, 'paused');
    const other = await test.train(smallRun({ epochs: 1 }), 'other');
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    return other;
  };
  const first = await leave();
  await runs.resume({ runId: run.id });
  await test.untilStatus(run, 'running');
  expect(await runs.get({ runId: first.id })).toMatchObject({ status: 'queued' });
  await runs.cancel({ runId: first.id });

  const second = await leave();
  await runs.stop({ runId: run.id });
  await test.untilStatus(second, 'completed');
  expect(await runs.get({ runId: run.id })).toMatchObject({ status: 'stopped', endReason: 'stopped' });
});

it('a run that is done can go to the trash although its worker is still leaving', async () => {
  test = open(['staysAfterBye']);
  const run = await test.train(smallRun());
  await test.untilStatus(run, 'completed');
  await test.runs.delete({ runId: run.id });
  await test.runs.purge({ runId: run.id });
  expect(await test.runs.list({ includeDeleted: true })).toEqual([]);
});

it('a full disk holds the queue until somebody asks for more', async () => {
  test = open(['diskFull']);
  const failing = await test.train(smallRun(), 'failing');
  const waiting = await test.train(smallRun(), 'waiting');
  expect(await test.untilStatus(failing, 'failed')).toMatchObject({ failure: { code: 'diskFull' } });
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(await test.runs.get({ runId: waiting.id })).toMatchObject({ status: 'queued' });
  await test.runs.resume({ runId: failing.id });
  await test.untilStatus(waiting, 'completed');
  expect(await test.runs.get({ runId: failing.id })).toMatchObject({ status: 'completed', failure: null });
});
