import { afterAll, afterEach, expect, it } from 'vitest';
import type { AppOptions } from '../../../src/main/app.ts';
import {
  divergingRun,
  endlessRun,
  openTestApp,
  refusal,
  seriesOf,
  smallRun,
  temporaryFolders,
  type TestApp,
} from './testApp.ts';

const folders = temporaryFolders();
const opened: TestApp[] = [];
afterEach(async () => {
  for (const { app } of opened.splice(0)) await app.close();
});
afterAll(folders.remove);

function open(options: Partial<AppOptions> = {}, dataDir = folders.create()): TestApp {
  const app = openTestApp(dataDir, options);
  opened.push(app);
  return app;
}

it('trains one run at a time in the order of the queue, also after one that diverged', async () => {
  const { train, untilStatus, history, runs } = open();
  const diverging = await train(divergingRun(), 'diverging');
  const next = await train(smallRun(), 'next');
  expect(diverging).toMatchObject({ status: 'queued', queuePosition: 0 });
  expect(next).toMatchObject({ status: 'queued', queuePosition: 1 });
  const failed = await untilStatus(diverging, 'failed');
  expect(failed.failure).toMatchObject({
    code: 'nonFiniteLoss',
    message: expect.stringContaining('stopped being a finite number at step'),
  });
  expect(failed.endedAtMs).not.toBeNull();
  const completed = await untilStatus(next, 'completed');
  expect(completed).toMatchObject({ step: 36, totalSteps: 36, queuePosition: null, failure: null });
  expect(history.filter((entry) => !entry.endsWith('queued'))).toEqual([
    'diverging:starting',
    'diverging:running',
    'diverging:failed',
    'next:starting',
    'next:running',
    'next:completed',
  ]);
  const loss = await seriesOf(runs, diverging.id, 'loss');
  expect(loss.steps.at(-1)).toBe(failed.step);
  expect(loss.steps).toHaveLength(failed.step);
});

it('reorders and cancels what waits', async () => {
  const { train, untilStatus, runs, history } = open();
  const first = await train(endlessRun(), 'first');
  const [b, c, d] = [await train(smallRun(), 'b'), await train(smallRun(), 'c'), await train(smallRun(), 'd')];
  await untilStatus(first, 'running');
  const reordered = await runs.reorder({ runId: d.id, position: 0 });
  expect(reordered.map(({ name, queuePosition }) => [name, queuePosition])).toEqual([
    ['d', 0],
    ['b', 1],
    ['c', 2],
  ]);
  expect(await runs.cancel({ runId: b.id })).toMatchObject({ status: 'cancelled', queuePosition: null });
  expect((await runs.queue({})).map(({ name }) => name)).toEqual(['d', 'c']);
  expect(await refusal(runs.cancel({ runId: first.id }))).toMatchObject({ code: 'wrongState' });
  expect(await refusal(runs.reorder({ runId: b.id, position: 0 }))).toMatchObject({ code: 'wrongState' });
  await runs.stop({ runId: first.id });
  await untilStatus(c, 'completed');
  expect(history.filter((entry) => entry.endsWith('starting'))).toEqual(['first:starting', 'd:starting', 'c:starting']);
  expect(await runs.get({ runId: b.id })).toMatchObject({ status: 'cancelled', step: 0 });
  await runs.resume({ runId: b.id });
  await untilStatus(b, 'completed');
});

it('goes on with the next run after the worker of one was killed', async () => {
  const { train, untilStatus, until, workers, runs } = open();
  const victim = await train(endlessRun(), 'victim');
  const next = await train(smallRun(), 'next');
  await until(victim, ({ step }) => step > 0);
  process.kill(workers[0]!, 'SIGKILL');
  const interrupted = await untilStatus(victim, 'interrupted', 'failed');
  expect(interrupted).toMatchObject({ status: 'interrupted', failure: { code: 'workerCrashed' } });
  expect(interrupted.failure?.message).toContain('SIGKILL');
  await untilStatus(next, 'completed');
  expect((await seriesOf(runs, victim.id, 'loss')).steps).toHaveLength(interrupted.step);
});

it('trains as many runs at a time as asked', async () => {
  const { train, untilStatus, runs } = open({ concurrency: 2 });
  const [a, b, c] = [await train(endlessRun(), 'a'), await train(endlessRun(), 'b'), await train(endlessRun(), 'c')];
  await Promise.all([untilStatus(a, 'running'), untilStatus(b, 'running')]);
  expect((await runs.queue({})).map(({ id }) => id)).toEqual([c.id]);
  await runs.stop({ runId: a.id });
  await untilStatus(c, 'running');
  expect(await runs.list({ statuses: ['running'] })).toHaveLength(2);
});

it('a paused run gives way to a queued one and goes on exactly where it was', async () => {
  const { train, untilStatus, until, runs } = open();
  const paused = await train(smallRun({ epochs: 400, checkpoint: { everyEpochs: 400 } }), 'paused');
  await until(paused, ({ step }) => step > 0);
  await runs.pause({ runId: paused.id });
  const { step } = await untilStatus(paused, 'paused');
  const next = await train(smallRun(), 'next');
  await untilStatus(next, 'completed');
  expect(await runs.get({ runId: paused.id })).toMatchObject({ status: 'paused', step, endedAtMs: null });
  await runs.resume({ runId: paused.id });
  await untilStatus(paused, 'running');
  await runs.stop({ runId: paused.id });
  const stopped = await untilStatus(paused, 'stopped');
  expect((await seriesOf(runs, paused.id, 'loss')).steps).toHaveLength(stopped.step);
});

it('a run that was asked to go on does, also when another is queued at the same moment', async () => {
  const { train, untilStatus, until, runs, history } = open();
  const first = await train(endlessRun(), 'first');
  await until(first, ({ step }) => step > 0);
  await runs.pause({ runId: first.id });
  await untilStatus(first, 'paused');
  await runs.resume({ runId: first.id });
  const second = await train(smallRun(), 'second');
  await untilStatus(first, 'running');
  expect(await runs.get({ runId: second.id })).toMatchObject({ status: 'queued' });
  await runs.stop({ runId: first.id });
  await untilStatus(second, 'completed');
  expect(history).not.toContain('first:interrupted');
});

it('keeps the queue over a restart, untouched until somebody asks for it', async () => {
  const earlier = open();
  const running = await earlier.train(endlessRun(), 'running');
  const waiting = await earlier.train(smallRun(), 'waiting');
  await earlier.until(running, ({ step }) => step > 0);
  await earlier.app.close();

  const later = open({}, earlier.dataDir);
  const fresh = await later.train(smallRun(), 'fresh');
  await later.untilStatus(fresh, 'completed');
  expect(await later.runs.get({ runId: running.id })).toMatchObject({ status: 'paused' });
  expect(await later.runs.get({ runId: waiting.id })).toMatchObject({ status: 'queued', queuePosition: 0 });
  await later.app.close();

  const last = open({ startStoredQueue: true }, earlier.dataDir);
  await last.untilStatus(waiting, 'completed');
});
