import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { Run } from '../../../src/core/contract/runs.ts';
import {
  checkpointNames,
  endlessRun,
  openTestApp,
  refusal,
  seriesOf,
  smallRun,
  stepsUpTo,
  temporaryFolders,
  type TestApp,
} from './testApp.ts';

const folders = temporaryFolders();
const opened: TestApp[] = [];
afterEach(async () => {
  for (const { app } of opened.splice(0)) await app.close();
});
afterAll(folders.remove);

function open(dataDir = folders.create()): TestApp {
  const app = openTestApp(dataDir);
  opened.push(app);
  return app;
}

describe('pause, resume and stop', () => {
  it('pauses between two steps, stands still, goes on, and stops with a checkpoint of the last step', async () => {
    const { train, until, untilStatus, runs, dataDir } = open();
    const run = await train(endlessRun());
    await until(run, ({ step }) => step > 0);
    await runs.pause({ runId: run.id });
    const paused = await untilStatus(run, 'paused');
    expect(checkpointNames(dataDir, run.id)).toEqual([`step-${String(paused.step).padStart(9, '0')}`]);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const still = await runs.get({ runId: run.id });
    expect(still).toMatchObject({ step: paused.step, trainSeconds: paused.trainSeconds });

    await runs.resume({ runId: run.id });
    await until(run, ({ step }) => step > paused.step);
    await runs.stop({ runId: run.id });
    const stopped = await untilStatus(run, 'stopped');
    expect(stopped).toMatchObject({ endReason: 'stopped', failure: null });
    const [newest] = await runs.checkpoints({ runId: run.id });
    expect(newest).toMatchObject({ step: stopped.step, path: expect.stringContaining(run.id) });
    expect((await seriesOf(runs, run.id, 'loss')).steps).toEqual(stepsUpTo(stopped.step));
  });

  it('pauses and stops a run whose worker is not there yet', async () => {
    const { train, until, untilStatus, runs } = open();
    const run = await train(endlessRun());
    await untilStatus(run, 'starting');
    await runs.pause({ runId: run.id });
    const paused = await untilStatus(run, 'paused');
    expect(paused.step).toBe(0);
    await runs.resume({ runId: run.id });
    await until(run, ({ step }) => step > 0);
    await runs.stop({ runId: run.id });
    await untilStatus(run, 'stopped');

    const other = await train(endlessRun());
    await untilStatus(other, 'starting');
    await runs.stop({ runId: other.id });
    expect(await untilStatus(other, 'stopped')).toMatchObject({ endReason: 'stopped' });
  });

  it('a stopped run goes on where it stopped, and ends in what an uninterrupted one ends in', async () => {
    const { train, until, untilStatus, runs, dataDir } = open();
    const config = smallRun({ epochs: 60, checkpoint: { everyEpochs: 60, keepBest: false } });
    const whole = await train(config, 'whole');
    const stopped = await train(config, 'stopped');
    await until(stopped, ({ step }) => step > 0);
    await runs.stop({ runId: stopped.id });
    expect((await untilStatus(stopped, 'stopped', 'completed')).status).toBe('stopped');
    await runs.resume({ runId: stopped.id });
    await untilStatus(stopped, 'completed');
    expect((await seriesOf(runs, stopped.id, 'loss')).values).toEqual((await seriesOf(runs, whole.id, 'loss')).values);
    const weights = (run: Run): Buffer =>
      readFileSync(
        path.join(
          dataDir,
          'runs',
          run.id,
          'checkpoints',
          checkpointNames(dataDir, run.id).at(-1)!,
          'weights.safetensors',
        ),
      );
    expect(weights(stopped).equals(weights(whole))).toBe(true);
  });

  it('says in a sentence why a run cannot do what is asked', async () => {
    const { train, until, untilStatus, runs } = open();
    const done = await train(smallRun({ epochs: 1 }), 'done');
    await untilStatus(done, 'completed');
    const running = await train(endlessRun(), 'running');
    const queued = await train(smallRun(), 'queued');
    await until(running, ({ step }) => step > 0);
    const refusals = [
      await refusal(runs.pause({ runId: done.id })),
      await refusal(runs.stop({ runId: done.id })),
      await refusal(runs.resume({ runId: done.id })),
      await refusal(runs.resume({ runId: running.id })),
      await refusal(runs.delete({ runId: running.id })),
      await refusal(runs.pause({ runId: queued.id })),
      await refusal(runs.stop({ runId: queued.id })),
    ];
    expect(refusals.map(({ code }) => code)).toEqual(refusals.map(() => 'wrongState'));
    expect(refusals[2]!.message).toBe(
      `Run ${done.id} (done) is completed: all 1 epochs are done. Ask for more epochs to continue it.`,
    );
    expect(await refusal(runs.get({ runId: 'nobody' }))).toMatchObject({ code: 'unknownRun' });
  });
});

describe('more epochs', () => {
  const twoEpochs = smallRun({ epochs: 2, pSchedule: { pMax: 6, pEnd: 2 } });
  const pOfEpochs = async ({ runs }: TestApp, run: Run): Promise<(number | null)[]> => {
    const { values } = await seriesOf(runs, run.id, 'p');
    const stepsPerEpoch = run.stepsPerEpoch ?? 0;
    return values.filter((_, i) => i % stepsPerEpoch === 0);
  };

  it('keepHorizon leaves p at its end over the added epochs', async () => {
    const test = open();
    const run = await test.train(twoEpochs);
    await test.untilStatus(run, 'completed');
    await test.runs.resume({ runId: run.id, epochs: 4, extend: 'keepHorizon' });
    const longer = await test.untilStatus(run, 'completed');
    expect(longer).toMatchObject({ step: 48, totalSteps: 48, config: { epochs: 4 } });
    expect(await pOfEpochs(test, longer)).toEqual([6, 2, 2, 2]);
  });

  it('annealAgain anneals p over the whole longer run', async () => {
    const test = open();
    const run = await test.train(twoEpochs);
    await test.untilStatus(run, 'completed');
    await test.runs.resume({ runId: run.id, epochs: 4, extend: 'annealAgain' });
    const longer = await test.untilStatus(run, 'completed');
    // p = 2 + 4 (1 + cos(pi e / 3)) / 2 for e = 2, 3
    expect((await pOfEpochs(test, longer)).map((p) => p!.toFixed(9))).toEqual(
      ['6', '2', '3', '2'].map((p) => Number(p).toFixed(9)),
    );
  });

  it('asks when it is not said how p goes on, and changes nothing then', async () => {
    const { train, untilStatus, runs } = open();
    const run = await train(twoEpochs);
    const completed = await untilStatus(run, 'completed');
    expect(await refusal(runs.resume({ runId: run.id, epochs: 4 }))).toMatchObject({
      code: 'badUsage',
      message: expect.stringMatching(/keepHorizon .* annealAgain/),
    });
    expect(await refusal(runs.resume({ runId: run.id, epochs: 1, extend: 'keepHorizon' }))).toMatchObject({
      code: 'badUsage',
    });
    expect(await runs.get({ runId: run.id })).toEqual(completed);
  });

  it('a paused run that is made longer while its worker waits goes through the queue and on', async () => {
    const { train, until, untilStatus, runs } = open();
    const run = await train(smallRun({ epochs: 300, checkpoint: { everyEpochs: 300, keepBest: false } }));
    await until(run, ({ step }) => step > 0);
    await runs.pause({ runId: run.id });
    const paused = await untilStatus(run, 'paused');
    await runs.resume({ runId: run.id, epochs: 301, extend: 'keepHorizon' });
    await untilStatus(run, 'running');
    await until(run, ({ step }) => step > paused.step);
    expect(await runs.get({ runId: run.id })).toMatchObject({ totalSteps: 301 * 12, config: { epochs: 301 } });
  });

  it('a longer run that is cancelled again keeps its checkpoint and can go on', async () => {
    const { train, untilStatus, until, runs } = open();
    const run = await train(twoEpochs, 'short');
    await untilStatus(run, 'completed');
    const other = await train(endlessRun(), 'other');
    await until(other, ({ step }) => step > 0);
    await runs.resume({ runId: run.id, epochs: 3, extend: 'keepHorizon' });
    expect(await runs.cancel({ runId: run.id })).toMatchObject({ status: 'paused', step: 24 });
    await runs.stop({ runId: other.id });
    await runs.resume({ runId: run.id });
    expect(await untilStatus(run, 'completed')).toMatchObject({ step: 36 });
  });
});

describe('leaving', () => {
  it('closing the application pauses what trains, and a later one goes on from there', async () => {
    const first = open();
    const run = await first.train(endlessRun());
    await first.until(run, ({ step }) => step > 0);
    await first.app.close();
    expect(first.workers.filter((pid) => isAlive(pid))).toEqual([]);

    const second = open(first.dataDir);
    const paused = await second.runs.get({ runId: run.id });
    expect(paused).toMatchObject({ status: 'paused', failure: null });
    expect(checkpointNames(first.dataDir, run.id)).toContain(`step-${String(paused.step).padStart(9, '0')}`);
    await second.runs.resume({ runId: run.id });
    await second.until(run, ({ step }) => step > paused.step);
    await second.runs.stop({ runId: run.id });
    const stopped = await second.untilStatus(run, 'stopped');
    expect((await seriesOf(second.runs, run.id, 'loss')).steps).toEqual(stepsUpTo(stopped.step));
  });

  it('closing while a worker starts does not wait for the run', async () => {
    const test = open();
    const run = await test.train(endlessRun());
    await test.untilStatus(run, 'starting');
    await test.app.close();
    const again = open(test.dataDir);
    expect(await again.runs.get({ runId: run.id })).toMatchObject({ status: 'paused', step: 0 });
  });
});

describe('a damaged checkpoint', () => {
  const damage = (dataDir: string, runId: string, name: string): void => {
    const file = path.join(dataDir, 'runs', runId, 'checkpoints', name, 'weights.safetensors');
    const bytes = readFileSync(file);
    bytes[bytes.length - 1]! ^= 1;
    writeFileSync(file, bytes);
  };

  it('gives way to the one before it, and the steps between are taken again', async () => {
    const { train, untilStatus, runs, dataDir, said } = open();
    const run = await train(smallRun({ epochs: 5, checkpoint: { keepLast: 3, keepBest: false } }));
    await untilStatus(run, 'completed');
    expect(checkpointNames(dataDir, run.id)).toEqual(['step-000000036', 'step-000000048', 'step-000000060']);
    damage(dataDir, run.id, 'step-000000060');
    await runs.resume({ runId: run.id, epochs: 6, extend: 'keepHorizon' });
    expect(await untilStatus(run, 'completed', 'failed')).toMatchObject({ status: 'completed', step: 72 });
    const { steps } = await seriesOf(runs, run.id, 'loss');
    expect(steps).toEqual(stepsUpTo(72));
    const lines = (await runs.logs({ runId: run.id })).map(({ message }) => message);
    expect(lines.filter((line) => line.includes('continues from the one before it, step 48'))).toHaveLength(1);
    expect(checkpointNames(dataDir, run.id)).toEqual(['step-000000048', 'step-000000060', 'step-000000072']);
    expect(said).toEqual([]);
  });

  it('the last of its kind ends the run with a sentence and stays on disk', async () => {
    const { train, untilStatus, runs, dataDir } = open();
    const run = await train(smallRun({ epochs: 2, checkpoint: { keepLast: 1, keepBest: false } }));
    await untilStatus(run, 'completed');
    damage(dataDir, run.id, 'step-000000024');
    await runs.resume({ runId: run.id, epochs: 3, extend: 'keepHorizon' });
    const failed = await untilStatus(run, 'completed', 'failed');
    expect(failed).toMatchObject({ status: 'failed', step: 24, failure: { code: 'checkpointCorrupt' } });
    expect(failed.failure?.message).toContain('checksum');
    expect(checkpointNames(dataDir, run.id)).toEqual(['step-000000024']);
  });

  it('does not make the application wait for the run when it is closed meanwhile', async () => {
    const test = open();
    const run = await test.train(endlessRun({ checkpoint: { everyEpochs: 2, keepLast: 3, keepBest: false } }));
    await test.until(run, ({ step }) => step > 100);
    await test.runs.stop({ runId: run.id });
    await test.untilStatus(run, 'stopped');
    const names = checkpointNames(test.dataDir, run.id);
    damage(test.dataDir, run.id, names.at(-1)!);
    await test.runs.resume({ runId: run.id });
    await test.untilStatus(run, 'starting');
    await new Promise((resolve) => setTimeout(resolve, 50));
    await test.app.close();
    const again = open(test.dataDir);
    expect(await again.runs.get({ runId: run.id })).toMatchObject({ status: 'paused' });
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
