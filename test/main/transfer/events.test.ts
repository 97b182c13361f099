import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Run } from '../../../src/core/contract/runs.ts';
import { crc32c } from '../../../src/main/transfer/tensorboard/crc32c.ts';
import { openTestApp, refusal, seriesOf, smallRun, temporaryFolders, type TestApp } from '../services/testApp.ts';
import { readTfevents, type PlainEvent } from './readTfevents.ts';

const folders = temporaryFolders();
const golden = path.resolve('test/golden/tensorboard/events.out.tfevents.1700000000.golden');
let test: TestApp;
let run: Run;
let out: string;

beforeAll(async () => {
  test = openTestApp(folders.create());
  out = folders.create();
  run = await test.train(smallRun(), '../<b>evil</b> name: ünïcode');
  run = await test.untilStatus(run, 'completed', 'failed');
}, 60_000);

afterAll(async () => {
  await test.app.close();
  folders.remove();
});

const writeOut = async (name: string): Promise<{ dir: string; events: PlainEvent[] }> => {
  const dir = path.join(out, name);
  const { files } = await test.app.transfers.exportEvents({ runIds: [run.id], path: dir });
  expect(files).toHaveLength(1);
  return { dir, events: readTfevents(readFileSync(path.join(dir, files[0]!))) };
};

it('computes the check value of CRC-32C', () => {
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
});

describe('writing event files', () => {
  it('every point is there as a 32-bit float, in step order, for a reader of the specification', async () => {
    const { events } = await writeOut('scalars');
    expect(events[0]).toMatchObject({ fileVersion: 'brain.Event:2', step: 0 });
    for (const { key, points } of await test.runs.metricKeys({ runId: run.id })) {
      const written = events.filter(({ scalars }) => key in scalars);
      const { steps, values } = await seriesOf(test.runs, run.id, key);
      expect(written.map(({ step }) => step)).toStrictEqual(steps);
      expect(written.map(({ scalars }) => scalars[key])).toStrictEqual(values.map((value) => Math.fround(value!)));
      expect(written).toHaveLength(points);
    }
    const times = events.filter(({ scalars }) => 'loss' in scalars).map(({ wallSeconds }) => wallSeconds);
    expect(times).toStrictEqual(times.toSorted((a, b) => a - b));
    expect(times[0]! * 1_000).toBeGreaterThanOrEqual(run.startedAtMs!);
  });

  it('the weights of every kept checkpoint are there as histograms that count every number', async () => {
    const { events } = await writeOut('histograms');
    const written = events.filter(({ histograms }) => Object.keys(histograms).length > 0);
    expect(written.length).toBeGreaterThan(0);
    const perStep = new Map<number, number>();
    for (const { step, histograms } of written) {
      for (const [tag, { minimum, maximum, count, counts, limits }] of Object.entries(histograms)) {
        expect(tag).toMatch(/^weights\//);
        expect(counts.reduce((a, b) => a + b)).toBe(count);
        expect(limits.at(-1)).toBe(maximum);
        expect(minimum).toBeLessThanOrEqual(maximum);
        perStep.set(step, (perStep.get(step) ?? 0) + count);
      }
    }
    for (const total of perStep.values()) expect(total).toBe(run.parameterCount);
    expect(perStep.has(run.step)).toBe(true);
  });

  it('settings are there for the HParams page', async () => {
    const { events } = await writeOut('hparams');
    const plugins = events.flatMap((event) => Object.entries(event.plugins));
    const tags = plugins.filter(([, { plugin }]) => plugin === 'hparams').map(([tag]) => tag);
    expect(tags).toStrictEqual(['_hparams_/experiment', '_hparams_/session_start_info', '_hparams_/session_end_info']);
    const start = Buffer.from(plugins.find(([tag]) => tag.endsWith('start_info'))![1].content).toString('latin1');
    for (const name of ['optimizer', 'learningRate', 'batchSize', 'beta']) expect(start).toContain(name);
  });

  it('a name cannot lead out of the folder', async () => {
    const { dir } = await writeOut('names');
    expect(readdirSync(dir)).toStrictEqual([`bevilb-name-unicode-${run.id}`]);
  });

  it('never into a folder that holds something', async () => {
    const dir = path.join(out, 'full');
    mkdirSync(dir);
    writeFileSync(path.join(dir, 'mine'), '');
    const call = test.app.transfers.exportEvents({ runIds: [run.id], path: dir });
    expect(await refusal(call)).toMatchObject({ code: 'conflict', message: expect.stringContaining(dir) });
    expect(readdirSync(dir)).toStrictEqual(['mine']);
  });
});

describe('reading event files', () => {
  it('a run that left comes back with its settings and its points, to 32 bits', async () => {
    const { dir } = await writeOut('again');
    const [back] = await test.app.transfers.importEvents({ path: dir });
    expect(back).toMatchObject({
      name: run.name,
      config: run.config,
      status: 'completed',
      step: run.step,
    });
    expect(back!.id).not.toBe(run.id);
    for (const { key } of await test.runs.metricKeys({ runId: run.id })) {
      const before = await seriesOf(test.runs, run.id, key);
      const after = await seriesOf(test.runs, back!.id, key);
      expect(after.steps).toStrictEqual(before.steps);
      expect(after.values).toStrictEqual(before.values.map((value) => Math.fround(value!)));
    }
  });

  it('a file of another program becomes a run with its curves and hyperparameters, and says what was left out', async () => {
    const dir = path.join(out, 'foreign', 'experiment', 'trial 1');
    mkdirSync(dir, { recursive: true });
    copyFileSync(golden, path.join(dir, path.basename(golden)));
    const [found] = await test.app.transfers.importEvents({ path: path.join(out, 'foreign') });
    expect(found).toMatchObject({
      name: 'experiment/trial 1',
      status: 'completed',
      origin: { kind: 'tensorBoard', source: dir, hyperparameters: { lr: 0.01, optimizer: 'sgd', nesterov: true } },
      startedAtMs: 1_700_000_000_000,
    });
    const loss = await seriesOf(test.runs, found!.id, 'loss/train');
    expect(loss.steps).toStrictEqual([0, 1, 2, 3, 4]);
    expect(loss.values).toStrictEqual([1, 0.5, 0.125, 0.25, Math.fround(0.2)]);
    expect((await seriesOf(test.runs, found!.id, 'tf2/float')).values).toStrictEqual([0.25]);
    expect((await seriesOf(test.runs, found!.id, 'tf2/double')).values).toStrictEqual([0.1]);
    expect((await seriesOf(test.runs, found!.id, 'tf2/int64')).values).toStrictEqual([-7]);
    expect((await seriesOf(test.runs, found!.id, 'not finite')).values).toStrictEqual([null]);
    const log = await test.runs.logs({ runId: found!.id });
    expect(log.map(({ message }) => message).join()).toContain('2 pictures, histograms');
    expect(await refusal(test.runs.resume({ runId: found!.id, epochs: 100 }))).toMatchObject({ code: 'wrongState' });
  });

  it('is over: its last step is all it had to do', async () => {
    const dir = path.join(out, 'over');
    mkdirSync(dir);
    copyFileSync(golden, path.join(dir, path.basename(golden)));
    const [found] = await test.app.transfers.importEvents({ path: dir });
    expect(found).toMatchObject({ step: 6, totalSteps: 6, stepsPerEpoch: null });
    const { html } = await test.app.reports.preview({ subject: { runIds: [found!.id] } });
    expect(html).not.toMatch(/epochs|split seed/);
  });

  it('what was only brought to a place for a moment is called as its user calls it', async () => {
    const moment = path.join(out, 'moment-1234');
    for (const name of ['a', path.join('b', 'c')]) {
      mkdirSync(path.join(moment, 'logs', name), { recursive: true });
      copyFileSync(golden, path.join(moment, 'logs', name, path.basename(golden)));
    }
    const taken = await test.app.transfers.importEvents({ path: path.join(moment, 'logs'), source: 'logs' });
    expect(taken.map(({ name, origin }) => [name, origin?.source])).toStrictEqual([
      ['a', 'logs/a'],
      ['b/c', 'logs/b/c'],
    ]);
    const file = path.join(moment, 'logs', 'a', path.basename(golden));
    const [single] = await test.app.transfers.importEvents({ path: file, source: path.basename(golden) });
    expect(single).toMatchObject({ name: path.basename(golden), origin: { source: path.basename(golden) } });
  });

  it('a file that is cut off gives what is whole and says so', async () => {
    const dir = path.join(out, 'cut');
    mkdirSync(dir);
    writeFileSync(path.join(dir, 'events.out.tfevents.1.cut'), readFileSync(golden).subarray(0, 400));
    const [found] = await test.app.transfers.importEvents({ path: dir });
    expect((await seriesOf(test.runs, found!.id, 'loss/train')).values).toHaveLength(3);
    const log = await test.runs.logs({ runId: found!.id });
    expect(log.map(({ message }) => message).join()).toContain('cut off');
  });

  it('a damaged file is refused with its place, and no run of the folder is kept', async () => {
    const dir = path.join(out, 'damaged');
    for (const name of ['a', 'b']) mkdirSync(path.join(dir, name), { recursive: true });
    copyFileSync(golden, path.join(dir, 'a', 'events.out.tfevents.1.good'));
    const bytes = readFileSync(golden);
    bytes[300]! ^= 0x40;
    writeFileSync(path.join(dir, 'b', 'events.out.tfevents.1.bad'), bytes);
    const before = await test.runs.list({ includeDeleted: true });
    const { code, message } = await refusal(test.app.transfers.importEvents({ path: dir }));
    expect(code).toBe('fileUnreadable');
    expect(message).toMatch(/tfevents\.1\.bad is damaged at byte \d+/);
    expect(await test.runs.list({ includeDeleted: true })).toStrictEqual(before);
  });

  it('a folder without event files says so', async () => {
    const dir = path.join(out, 'nothing');
    mkdirSync(dir);
    expect(await refusal(test.app.transfers.importEvents({ path: dir }))).toMatchObject({ code: 'notFound' });
    expect(await refusal(test.app.transfers.importEvents({ path: path.join(dir, 'gone') }))).toMatchObject({
      code: 'fileUnreadable',
    });
  });
});
