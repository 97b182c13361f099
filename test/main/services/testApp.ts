import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { RunConfigInput } from '../../../src/core/contract/runConfig.ts';
import type { Run, RunsService, Series } from '../../../src/core/contract/runs.ts';
import type { Study } from '../../../src/core/contract/studies.ts';
import { AppError, type ErrorCode } from '../../../src/core/errors.ts';
import { createApp, type App, type AppOptions } from '../../../src/main/app.ts';
import { createNodeLauncher } from '../../../src/main/process/launchNodeWorker.ts';
import { printWithChromium } from '../../../src/main/reports/printWithChromium.ts';
import type { LaunchWorker } from '../../../src/main/process/workerProcess.ts';

const root = path.resolve(import.meta.dirname, '../../..');

/** Launches the real worker program. */
export const realWorker: LaunchWorker = createNodeLauncher({
  program: path.join(root, 'src/worker/host/main.ts'),
  execPath: process.execPath,
});

/** Launches the real program that reads files. */
export const realImport: LaunchWorker = createNodeLauncher({
  program: path.join(root, 'src/main/datasets/import/importProgram.ts'),
  execPath: process.execPath,
  execArgv: [],
});

const realModelTask: LaunchWorker = createNodeLauncher({
  program: path.join(root, 'src/worker/host/modelTask.ts'),
  execPath: process.execPath,
});

/** Data folders of a test file, all removed by `remove`. */
export function temporaryFolders(): { create(): string; remove(): void } {
  const folders: string[] = [];
  return {
    create() {
      const folder = mkdtempSync(path.join(tmpdir(), 'lp-workbench-test-'));
      folders.push(folder);
      return folder;
    },
    remove() {
      for (const folder of folders) rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The real application with real worker processes, and what a test wants to see of it. */
export interface TestApp {
  app: App;
  runs: RunsService;
  dataDir: string;
  /** process ids of the workers so far, in the order of their start */
  workers: number[];
  /** what the application told its log */
  said: string[];
  /** every change of a run so far, as `name:status` without repetitions */
  history: string[];
  /** resolves with the run as soon as it is as asked */
  until(run: Pick<Run, 'id'>, isAsAsked: (run: Run) => boolean): Promise<Run>;
  untilStatus(run: Pick<Run, 'id'>, ...statuses: Run['status'][]): Promise<Run>;
  /** the same for a study */
  untilStudy(study: Pick<Study, 'id'>, isAsAsked: (study: Study) => boolean): Promise<Study>;
  train(config: RunConfigInput, name?: string): Promise<Run>;
}

export function openTestApp(dataDir: string, options: Partial<AppOptions> = {}): TestApp {
  const workers: number[] = [];
  const said: string[] = [];
  const launch = options.launchWorker ?? realWorker;
  const say = (text: string): void => void said.push(text);
  const app = createApp({
    dataDir,
    resourcesDir: path.join(root, 'resources'),
    launchImport: realImport,
    launchModelTask: realModelTask,
    printPdf: (html, file) => printWithChromium(html, file, { env: process.env, platform: process.platform }),
    probeDevices: async () => [],
    nowMs: Date.now,
    randomFloat: Math.random,
    log: { info: say, warn: say, error: say },
    softwareVersion: '0.0.0-test',
    who: 'a test',
    concurrency: 1,
    ...options,
    launchWorker: () => {
      const worker = launch();
      if (worker.pid !== undefined) workers.push(worker.pid);
      return worker;
    },
  });
  const history: string[] = [];
  app.subscribe('runChanged', ({ name, status }) => {
    const entry = `${name}:${status}`;
    if (history.findLast((earlier) => earlier.startsWith(`${name}:`)) !== entry) history.push(entry);
  });
  const until: TestApp['until'] = async ({ id }, isAsAsked) => {
    const found = Promise.withResolvers<Run>();
    const look = (run: Run): void => {
      if (run.id === id && isAsAsked(run)) found.resolve(run);
    };
    const lookAgain = (): void => void app.runs.get({ runId: id }).then(look, found.reject);
    const undo = [
      app.subscribe('runChanged', look),
      app.subscribe('metricsCommitted', (event) => event.runId === id && lookAgain()),
    ];
    lookAgain();
    try {
      return await found.promise;
    } finally {
      for (const stop of undo) stop();
    }
  };
  return {
    app,
    runs: app.runs,
    dataDir,
    workers,
    said,
    history,
    until,
    async untilStudy({ id }, isAsAsked) {
      const found = Promise.withResolvers<Study>();
      const look = (study: Study): void => void (study.id === id && isAsAsked(study) && found.resolve(study));
      const undo = app.subscribe('studyChanged', look);
      look(await app.studies.get({ studyId: id }));
      return found.promise.finally(undo);
    },
    untilStatus: (run, ...statuses) => until(run, ({ status }) => statuses.includes(status)),
    train: (config, name) => app.runs.create({ config, ...(name === undefined ? {} : { name }) }),
  };
}

/** A run of a second or two at most: 12 steps per epoch, one thread. */
export const smallRun = (changes: RunConfigInput = {}): RunConfigInput => ({
  model: { preset: 'mlp', options: { hidden: [8] } },
  device: 'wasm',
  threads: 1,
  epochs: 3,
  learningRate: { base: 0.003 },
  ...changes,
});

/** A run that does not end by itself while a test lasts. */
export const endlessRun = (changes: RunConfigInput = {}): RunConfigInput =>
  smallRun({ epochs: 1_000_000, checkpoint: { everyEpochs: 1_000_000, keepBest: false }, ...changes });

/** A run whose loss is no number after a step or two. */
export const divergingRun = (): RunConfigInput =>
  smallRun({
    dataset: { id: 'quadratic-noise' },
    optimizer: { id: 'sgd' },
    learningRate: { base: 1e30, kind: 'constant', warmup: { length: 0, unit: 'steps' } },
  });

export async function seriesOf(runs: RunsService, runId: string, key: string): Promise<Series> {
  const [series] = await runs.metrics({ runId, keys: [key], maxPoints: 0 });
  return series!;
}

/** Names of the checkpoint folders of a run, oldest first. */
export function checkpointNames(dataDir: string, runId: string): string[] {
  return readdirSync(path.join(dataDir, 'runs', runId, 'checkpoints')).toSorted();
}

/** The code and sentence of a refusal; an answer counts as none. */
export async function refusal(call: Promise<unknown>): Promise<{ code: ErrorCode | 'none'; message: string }> {
  try {
    await call;
    return { code: 'none', message: '' };
  } catch (error) {
    if (error instanceof AppError) return { code: error.code, message: error.message };
    throw error;
  }
}

export const stepsUpTo = (last: number, first = 1): number[] =>
  Array.from({ length: last - first + 1 }, (_, i) => first + i);
