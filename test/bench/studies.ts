import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { activeStatuses } from '../../src/core/contract/runs.ts';
import { mostRuns, planStudy } from '../../src/core/studies/planStudy.ts';
import { parseStudySpec, type StudySpecInput } from '../../src/core/studies/studySpec.ts';
import { processHost } from '../../src/main/cli/cliHost.ts';
import { openApp } from '../../src/main/cli/openWorkbench.ts';
import { openStorage } from '../../src/main/storage/openStorage.ts';
import { storedRun } from '../main/storage/storageFixtures.ts';
import { formatTable } from './statistics.ts';

const seeds = [0, 1, 2, 3];
const epochs = 200;
const spec: StudySpecInput = {
  base: { model: { preset: 'mlp', options: { hidden: [8] } }, epochs, device: 'wasm', checkpoint: { everySeconds: 0 } },
  optimizers: [{ id: 'lpsgdm' }],
  search: {
    kind: 'random',
    trials: mostRuns / seeds.length,
    axes: [
      { path: 'learningRate.base', min: 0.0001, max: 0.1, scale: 'log' },
      { path: 'pSchedule.pMax', min: 2, max: 10 },
    ],
  },
  seeds,
  stopping: { kind: 'median', minEpochs: 5, minRuns: 4 },
};
const stepsPerEpoch = 12;

/** Ends all runs of a study but the last ones as a program that trained them would have left them. */
async function endMost(dataDir: string, studyId: string, left: number): Promise<void> {
  const storage = openStorage({ dataDir, readOnly: false });
  const { runs } = planStudy(parseStudySpec(spec));
  const steps = Array.from({ length: epochs }, (_, i) => (i + 1) * stepsPerEpoch);
  storage.runs.atomically(() => {
    for (const { position, config, name } of runs.slice(0, runs.length - left)) {
      const id = `run-${position}`;
      const facts = { name, config, status: 'completed', totalSteps: epochs * stepsPerEpoch, stepsPerEpoch } as const;
      storage.runs.insert(storedRun(id, facts));
      const values = steps.map((step) => 0.9 * (1 - Math.exp(-step / 400)) + (position % 50) / 1_000);
      const series = { testAccuracy: { steps, values } };
      storage.metrics.commit({ runId: id, step: steps.at(-1)!, trainSeconds: 9, series });
      storage.studies.link(studyId, position, id);
    }
  });
  await storage.close();
}

/** How long the main process is held up by a study of as many runs as there may be. */
export async function benchStudies(): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'lp-workbench-bench-'));
  const open = () => openApp({ ...processHost(), err: () => {} }, dataDir, { who: 'a benchmark' });
  const rows: string[][] = [];
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const measured = async <Result>(what: string, work: () => Promise<Result>): Promise<Result> => {
    await new Promise((resolve) => setTimeout(resolve, 100));
    delay.enable();
    delay.reset();
    const began = performance.now();
    const result = await work();
    const seconds = (performance.now() - began) / 1_000;
    await new Promise((resolve) => setTimeout(resolve, 20));
    delay.disable();
    rows.push([what, (delay.max / 1e6).toFixed(1), seconds.toFixed(2)]);
    return result;
  };
  try {
    let app = open();
    const study = await measured('create', () => app.studies.create({ name: 'large', spec }));
    await app.close();
    await endMost(dataDir, study.id, 20);
    app = open();
    await measured('list', () => app.studies.list({}));
    const ended = (count: number): Promise<void> =>
      new Promise((resolve) => {
        const seen = new Set<string>();
        app.subscribe('runChanged', ({ id, status }) => {
          if (status === 'completed' || status === 'stopped') seen.add(id);
          if (seen.size >= count) resolve();
        });
      });
    await measured('start, until the first of the last 20 runs has ended', async () => {
      const first = ended(1);
      await app.studies.start({ studyId: study.id });
      await first;
    });
    await measured('train, until three more have ended', () => ended(4));
    await measured('stop', () => app.studies.stop({ studyId: study.id }));
    while ((await app.runs.list({ statuses: [...activeStatuses] })).length > 0) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await measured('delete, its runs with it', () => app.studies.delete({ studyId: study.id, withRuns: true }));
    await app.close();
    console.log(`A study of ${mostRuns.toLocaleString('en')} runs, ${epochs} epochs each, with median stopping:`);
    console.log(formatTable(['what', 'longest hold-up, ms', 'seconds'], rows));
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}
