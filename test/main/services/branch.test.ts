import { rmSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeEach, expect, it } from 'vitest';
import type { Run } from '../../../src/core/contract/runs.ts';
import {
  checkpointNames,
  openTestApp,
  refusal,
  seriesOf,
  smallRun,
  stepsUpTo,
  temporaryFolders,
  type TestApp,
} from './testApp.ts';

const folders = temporaryFolders();
const config = smallRun({ epochs: 3, checkpoint: { keepLast: 3, keepBest: false } });
let test: TestApp;
let parent: Run;
beforeEach(async () => {
  test = openTestApp(folders.create());
  parent = await test.untilStatus(await test.train(config, 'parent'), 'completed');
});
afterEach(() => test.app.close());
afterAll(folders.remove);

it('continues from a checkpoint of another run with other settings, and leaves that run as it was', async () => {
  const { runs, untilStatus, dataDir } = test;
  const branch = await runs.branch({
    runId: parent.id,
    step: 24,
    config: { ...config, learningRate: { base: 0.01, kind: 'constant', warmup: { length: 0, unit: 'steps' } } },
    name: 'faster',
  });
  expect(branch).toMatchObject({ name: 'faster', parent: { runId: parent.id, step: 24 }, step: 24 });
  const done = await untilStatus(branch, 'completed', 'failed');
  expect(done).toMatchObject({ status: 'completed', step: 36 });
  expect((await seriesOf(runs, branch.id, 'learningRate')).values).toEqual(Array(12).fill(0.01));
  expect((await seriesOf(runs, branch.id, 'loss')).steps).toEqual(stepsUpTo(36, 25));
  // the first step of a branch is taken from the parent's weights, before any other setting can matter
  const first = (await seriesOf(runs, branch.id, 'loss')).values[0];
  expect(first).toBe((await seriesOf(runs, parent.id, 'loss')).values[24]);
  expect(await runs.get({ runId: parent.id })).toEqual(parent);
  expect(checkpointNames(dataDir, parent.id)).toHaveLength(3);

  await runs.delete({ runId: parent.id });
  await runs.purge({ runId: parent.id });
  await runs.resume({ runId: branch.id, epochs: 4, extend: 'keepHorizon' });
  expect(await untilStatus(branch, 'completed', 'failed')).toMatchObject({ status: 'completed', step: 48 });
});

it('refuses a step without a checkpoint, and settings that are not valid, and makes no run then', async () => {
  const { runs, dataDir } = test;
  expect(await refusal(runs.branch({ runId: parent.id, step: 5, config }))).toEqual({
    code: 'checkpointMissing',
    message: `Run ${parent.id} has no checkpoint at step 5; it has them at 36, 24, 12.`,
  });
  expect(await refusal(runs.branch({ runId: parent.id, step: 24, config: { batchSize: 0 } }))).toMatchObject({
    code: 'badConfig',
  });
  rmSync(path.join(dataDir, 'runs', parent.id, 'checkpoints', 'step-000000024'), { recursive: true });
  expect(await refusal(runs.branch({ runId: parent.id, step: 24, config }))).toMatchObject({
    code: 'checkpointMissing',
  });
  expect(await runs.list({})).toHaveLength(1);
});

it('a branch with another model fails with a sentence and keeps the checkpoint it began from', async () => {
  const { runs, untilStatus, dataDir } = test;
  const branch = await runs.branch({
    runId: parent.id,
    step: 24,
    config: { ...config, model: { preset: 'mlp', options: { hidden: [9] } } },
  });
  const failed = await untilStatus(branch, 'completed', 'failed');
  expect(failed).toMatchObject({ status: 'failed', failure: { code: 'checkpointCorrupt' } });
  expect(failed.failure?.message).toContain('made by another model');
  expect(checkpointNames(dataDir, branch.id)).toEqual(['step-000000024']);
});

it('a run moved to the trash comes back whole, or goes for good with its files and metrics', async () => {
  const { runs, app, dataDir } = test;
  const removed: string[] = [];
  app.subscribe('runRemoved', ({ runId }) => removed.push(runId));
  expect(await refusal(runs.purge({ runId: parent.id }))).toMatchObject({ code: 'wrongState' });
  expect(await refusal(runs.restore({ runId: parent.id }))).toMatchObject({ code: 'wrongState' });
  const deleted = await runs.delete({ runId: parent.id });
  expect(deleted.deletedAtMs).toBeGreaterThanOrEqual(parent.createdAtMs);
  expect(await runs.list({})).toEqual([]);
  expect(await runs.list({ includeDeleted: true })).toEqual([deleted]);
  expect(await refusal(runs.resume({ runId: parent.id, epochs: 4, extend: 'keepHorizon' }))).toMatchObject({
    code: 'wrongState',
    message: expect.stringContaining('in the trash; restore it first'),
  });
  expect(await runs.restore({ runId: parent.id })).toEqual(parent);

  await runs.delete({ runId: parent.id });
  const purging = runs.purge({ runId: parent.id });
  expect(await refusal(runs.restore({ runId: parent.id }))).toMatchObject({ code: 'wrongState' });
  await purging;
  expect(removed).toEqual([parent.id]);
  expect(await refusal(runs.get({ runId: parent.id }))).toMatchObject({ code: 'unknownRun' });
  expect(() => checkpointNames(dataDir, parent.id)).toThrow('ENOENT');
  expect(await runs.list({ includeDeleted: true })).toEqual([]);
});
