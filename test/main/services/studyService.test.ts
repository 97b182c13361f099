import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { RunConfigInput } from '../../../src/core/contract/runConfig.ts';
import type { Study } from '../../../src/core/contract/studies.ts';
import { planStudy } from '../../../src/core/studies/planStudy.ts';
import type { StudySpecInput } from '../../../src/core/studies/studySpec.ts';
import { studyTable } from '../../../src/core/studies/studyTable.ts';
import type { AppOptions } from '../../../src/main/app.ts';
import { endlessRun, openTestApp, refusal, seriesOf, smallRun, temporaryFolders, type TestApp } from './testApp.ts';

const folders = temporaryFolders();
const opened: TestApp[] = [];
afterEach(async () => {
  for (const { app } of opened.splice(0)) await app.close();
});
afterAll(folders.remove);

function open(options: Partial<AppOptions> = {}, dataDir = folders.create()) {
  const test = openTestApp(dataDir, options);
  opened.push(test);
  const { app } = test;
  const begin = async (spec: StudySpecInput, name = 'a study'): Promise<Study> =>
    app.studies.start({ studyId: (await app.studies.create({ name, spec })).id });
  const tableOf = async (study: Study) => {
    const runs = new Map((await app.runs.list({ includeDeleted: true })).map((run) => [run.id, run]));
    return studyTable(study, planStudy(study.spec), runs);
  };
  return { ...test, begin, tableOf };
}

const isOver = ({ status }: Study): boolean => status === 'completed' || status === 'stopped';
const base = (changes: RunConfigInput = {}): Record<string, unknown> => ({ ...smallRun(changes) });
const two = (rate: number): StudySpecInput['optimizers'] => [
  { id: 'sgd', settings: { 'learningRate.base': rate } },
  { id: 'adam', settings: { 'learningRate.base': rate } },
];

describe('a study', () => {
  it('trains every optimizer of one seed from the same weights on the same batches', async () => {
    const { begin, untilStudy, runs } = open();
    // a rate that moves nothing: the losses then tell of weights, batches and dropout alone
    const still = {
      ...base({ model: { preset: 'mlp', options: { hidden: [8], dropout: 0.5 } }, epochs: 2 }),
      learningRate: { kind: 'constant', warmup: { length: 0 } },
    };
    const study = await untilStudy(await begin({ base: still, optimizers: two(1e-30), seeds: [0, 1] }), isOver);
    const losses = [];
    for (const { runId } of study.runs) losses.push((await seriesOf(runs, runId!, 'loss')).values);
    const [sgd0, adam0, sgd1, adam1] = losses;
    expect(new Set(sgd0).size).toBeGreaterThan(20);
    expect(adam0).toEqual(sgd0);
    expect(adam1).toEqual(sgd1);
    expect(sgd1).not.toEqual(sgd0);
  });

  it('comes to a table whose every number is that of a run', async () => {
    const { begin, untilStudy, tableOf, runs } = open();
    const study = await untilStudy(await begin({ base: base(), optimizers: two(0.01), seeds: [0, 1] }), isOver);
    expect(study).toMatchObject({ status: 'completed' });
    const { rows, verdict, counts } = await tableOf(study);
    expect(counts).toEqual({ waiting: 0, active: 0, done: 4, pruned: 0, failed: 0, open: 0 });
    for (const { cells } of rows) {
      for (const { runId, value } of cells) {
        const series = await seriesOf(runs, runId!, 'testAccuracy');
        expect(value).toBe(series.values.at(-1));
      }
    }
    expect(rows.map(({ summary }) => summary!.count)).toEqual([2, 2]);
    expect(verdict.bestId).toBe('1.0');
    const [first] = await runs.list({});
    expect(first).toMatchObject({ tags: ['a study'], name: expect.stringContaining('seed 1') });
  });

  it('keeps a run that diverged as a result, and ends all the same', async () => {
    const { begin, untilStudy, tableOf } = open();
    const optimizers: StudySpecInput['optimizers'] = [
      { id: 'sgd', settings: { 'learningRate.base': 1e30 } },
      { id: 'adam', settings: { 'learningRate.base': 0.01 } },
    ];
    const steep = { ...base({ dataset: { id: 'quadratic-noise' } }), learningRate: { warmup: { length: 0 } } };
    const spec = {
      base: steep,
      optimizers,
      seeds: [0],
      objective: { metric: 'testLoss', direction: 'minimize' as const },
    };
    const study = await untilStudy(await begin(spec), isOver);
    expect(study.status).toBe('completed');
    const { rows, counts } = await tableOf(study);
    expect(counts).toMatchObject({ done: 1, failed: 1 });
    expect(rows[0]).toMatchObject({ summary: null, cells: [{ state: 'failed', value: null }] });
  });

  it('feeds the queue a few runs at a time', async () => {
    const { begin, runs, app } = open();
    const seeds = Array.from({ length: 40 }, (_, i) => i);
    const study = await begin({ base: { ...endlessRun() }, optimizers: two(0.01), seeds });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await runs.list({})).toHaveLength(16);
    await app.studies.stop({ studyId: study.id });
  });

  it('prunes hopeless runs by the median of those before, never the good ones, and shows them as such', async () => {
    const { begin, untilStudy, tableOf } = open();
    const rates = [0.03, 0.02, 1e-7, 0.025];
    const spec: StudySpecInput = {
      base: base({ epochs: 8 }),
      optimizers: [{ id: 'adam' }],
      seeds: [0],
      search: { kind: 'grid', axes: [{ path: 'learningRate.base', values: rates }] },
      stopping: { kind: 'median', minEpochs: 2, minRuns: 2 },
    };
    const study = await untilStudy(await begin(spec), isOver);
    expect(study.status).toBe('completed');
    const { rows, counts } = await tableOf(study);
    expect(rows.map(({ cells }) => cells[0]!.state)).toEqual(['done', 'done', 'pruned', 'done']);
    expect(rows.map(({ cells }) => cells[0]!.prunedEpoch)).toEqual([null, null, 2, null]);
    expect(rows[2]).toMatchObject({ summary: null, cells: [{ value: expect.any(Number) }] });
    expect(counts.pruned).toBe(1);
  });
});

describe('stopping and going on', () => {
  it('empties the queue, keeps a checkpoint, and goes on to the end when started again', async () => {
    const { begin, untilStudy, tableOf, until, runs, app } = open();
    const spec = { base: base({ epochs: 30 }), optimizers: two(0.01), seeds: [0] };
    const started = await begin(spec);
    const linked = await untilStudy(started, (study) => study.runs[0]!.runId !== null);
    await until({ id: linked.runs[0]!.runId! }, (run) => run.step > 24);
    const stopped = await app.studies.stop({ studyId: started.id });
    expect(stopped.status).toBe('stopped');
    expect(await runs.queue({})).toEqual([]);
    await until({ id: linked.runs[0]!.runId! }, ({ status }) => status === 'stopped');
    expect((await tableOf(stopped)).counts).toMatchObject({ open: 2 });
    await app.studies.start({ studyId: started.id });
    const study = await untilStudy(started, isOver);
    expect(study.status).toBe('completed');
    expect((await tableOf(study)).counts.done).toBe(2);
    expect(await runs.list({})).toHaveLength(2);
    expect(await refusal(app.studies.start({ studyId: started.id }))).toMatchObject({ code: 'wrongState' });
  });

  it('goes on by itself in a program that takes over the queue, and waits in one that does not', async () => {
    const dataDir = folders.create();
    const first = open({}, dataDir);
    const study = await first.begin({ base: base({ epochs: 30 }), optimizers: two(0.01), seeds: [0] });
    await first.untilStudy(study, ({ runs }) => runs[0]!.runId !== null);
    await opened.pop()!.app.close();
    const waiting = open({}, dataDir);
    expect(await waiting.app.studies.get({ studyId: study.id })).toMatchObject({ status: 'interrupted' });
    await waiting.app.studies.start({ studyId: study.id });
    await opened.pop()!.app.close();
    const taking = open({ startStoredQueue: true }, dataDir);
    expect((await taking.untilStudy(study, isOver)).status).toBe('completed');
  });

  it('leaves no run behind when it is deleted with its runs', async () => {
    const { begin, untilStudy, runs, app } = open();
    const study = await begin({ base: base({ epochs: 1 }), optimizers: two(0.01), seeds: [0] });
    const over = await untilStudy(study, isOver);
    expect(over.status).toBe('completed');
    expect(await refusal(app.studies.delete({ studyId: study.id, withRuns: true }))).toMatchObject({ code: 'none' });
    expect(await app.studies.list({})).toEqual([]);
    expect(await runs.list({})).toEqual([]);
    expect(await runs.list({ includeDeleted: true })).toHaveLength(2);
  });
});

it('a study is found by id, beginning of an id or name, and a running one is not deleted', async () => {
  const { begin, app } = open();
  const study = await begin({ base: { ...endlessRun() }, optimizers: two(0.01), seeds: [0] }, 'mine');
  for (const text of [study.id, study.id.slice(0, 6), 'mine']) {
    expect((await app.studies.find({ text })).id).toBe(study.id);
  }
  expect(await refusal(app.studies.find({ text: 'mnie' }))).toMatchObject({
    code: 'unknownStudy',
    message: expect.stringContaining('did you mean "mine"'),
  });
  expect(await refusal(app.studies.delete({ studyId: study.id }))).toMatchObject({ code: 'wrongState' });
  await app.studies.stop({ studyId: study.id });
});
