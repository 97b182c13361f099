import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Run } from '../../../src/core/contract/runs.ts';
import { openTestApp, seriesOf, smallRun, temporaryFolders, type TestApp } from '../services/testApp.ts';

const script = path.resolve('test/golden/tensorboard/withTensorBoard.py');

/** A Python that has TensorBoard: the one named, or the usual ones. */
function findPython(): string | null {
  const candidates = [process.env['LP_WORKBENCH_TENSORBOARD_PYTHON'], 'python3', '/usr/bin/python3'];
  for (const python of candidates) {
    if (!python) continue;
    try {
      execFileSync(python, ['-c', 'import tensorboard.backend.event_processing'], { stdio: 'ignore', timeout: 60_000 });
      return python;
    } catch {
      // another one may have it
    }
  }
  return null;
}

const python = findPython();
if (python === null) {
  process.stderr.write(
    'Not checked: event files against TensorBoard itself (pip install tensorboard, or name a Python that has it in LP_WORKBENCH_TENSORBOARD_PYTHON).\n',
  );
}

const ask = <Answer>(...args: string[]): Answer =>
  JSON.parse(execFileSync(python!, [script, ...args], { encoding: 'utf8', maxBuffer: 2 ** 26 })) as Answer;

interface Found {
  scalars: Record<string, [number, number][]>;
  histograms: Record<string, [number, number, number, number][]>;
  plugins: Record<string, string>;
  hyperparameters: Record<string, string | number | boolean>;
}

describe.runIf(python !== null)('TensorBoard itself', () => {
  const folders = temporaryFolders();
  let test: TestApp;
  let run: Run;
  beforeAll(async () => {
    test = openTestApp(folders.create());
    run = await test.untilStatus(await test.train(smallRun(), '<b>seen</b> elsewhere'), 'completed', 'failed');
  }, 60_000);
  afterAll(async () => {
    await test.app.close();
    folders.remove();
  });

  it('finds every point, the histograms of the weights and the hyperparameters in what leaves', async () => {
    const dir = path.join(folders.create(), 'events');
    const { files } = await test.app.transfers.exportEvents({ runIds: [run.id], path: dir });
    const found = ask<Found>('read', path.join(dir, path.dirname(files[0]!)));
    const keys = await test.runs.metricKeys({ runId: run.id });
    expect(Object.keys(found.scalars).toSorted()).toStrictEqual(keys.map(({ key }) => key).toSorted());
    for (const { key } of keys) {
      const { steps, values } = await seriesOf(test.runs, run.id, key);
      expect(found.scalars[key]).toStrictEqual(steps.map((step, i) => [step, Math.fround(values[i]!)]));
    }
    const counted = Object.values(found.histograms).map((list) => list.find(([step]) => step === run.step)![3]);
    expect(counted.reduce((a, b) => a + b)).toBe(run.parameterCount);
    expect(Object.values(found.plugins).toSorted()).toStrictEqual([
      'experiment',
      'session_end_info',
      'session_start_info',
    ]);
    expect(found.hyperparameters).toMatchObject({ optimizer: 'lpsgdm', learningRate: 0.003, batchSize: 128 });
  });

  it('writes files that come in with the same points', async () => {
    const dir = path.join(folders.create(), 'elsewhere');
    mkdirSync(dir);
    const written = ask<Record<string, [number, number][]>>('write', path.join(dir, 'events.out.tfevents.1.tb'));
    const [found] = await test.app.transfers.importEvents({ path: dir });
    for (const [tag, points] of Object.entries(written)) {
      const { steps, values } = await seriesOf(test.runs, found!.id, tag);
      expect(steps.map((step, i) => [step, values[i]])).toStrictEqual(points);
    }
  });
});
