import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Page } from 'playwright-core';
import { parseRunConfig, type RunConfigInput } from '../../../src/core/contract/runConfig.ts';
import type { Run } from '../../../src/core/contract/runs.ts';
import { createStartWorker } from '../../../src/main/process/workerHandle.ts';
import { realWorker } from '../../main/services/testApp.ts';
import type { BenchHost } from './benchHost.ts';

const shared = {
  dataset: { id: 'digits' },
  device: 'wasm',
  threads: 1,
  checkpoint: { everyEpochs: 1_000, everySeconds: 0, keepBest: false },
} as const;

/** What is trained: steps so short that what is done for each weighs as much as it ever will, and steps of some milliseconds. */
export const trainings = {
  mlp: { title: 'digits MLP, batch 32', config: { ...shared, model: { preset: 'mlp' }, batchSize: 32, epochs: 60 } },
  cnn: { title: 'digits CNN, batch 128', config: { ...shared, model: { preset: 'cnn' }, batchSize: 128, epochs: 40 } },
} as const satisfies Record<string, { title: string; config: RunConfigInput }>;
const resolutionMs = 2;

/** Seconds of training of a worker whose metrics are acknowledged at once and go nowhere. */
export async function trainBare({ app }: BenchHost, config: RunConfigInput): Promise<number> {
  const meta = await app.datasets.describe({ id: 'digits' });
  const { dataDir } = await app.application.info({});
  const folder = await mkdtemp(join(tmpdir(), 'lp-workbench-bench-'));
  try {
    return await new Promise<number>((resolve, reject) => {
      let seconds = 0;
      const worker = createStartWorker(realWorker)(
        {
          type: 'start',
          runId: 'bare',
          config: parseRunConfig(config),
          dataset: { id: meta.id, hash: meta.hash, dir: join(dataDir, 'datasets', meta.hash) },
          paths: { checkpointDir: folder, wasmDir: join(import.meta.dirname, '../../../resources/wasm') },
          resume: null,
        },
        {
          onMessage(message) {
            if (message.type !== 'metrics') return;
            seconds = message.series['elapsedSeconds']?.values.at(-1) ?? seconds;
            worker.acknowledge(message.seq);
          },
          onEnd: ({ error }) => (error ? reject(error) : resolve(seconds)),
        },
      );
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export interface WatchedTraining {
  seconds: number;
  /** processor time of the host, in seconds */
  hostSeconds: number;
  /** how late the event loop of the host came to its turns, in milliseconds */
  blockedMs: { p50: number; p99: number; most: number };
}

/** Trains the same in the workbench, with the page on the charts of the run if there is one. */
export async function trainInWorkbench(
  { app }: BenchHost,
  config: RunConfigInput,
  page: Page | null,
): Promise<WatchedTraining> {
  const delay = monitorEventLoopDelay({ resolution: resolutionMs });
  const ended = Promise.withResolvers<Run>();
  const undo = app.subscribe('runChanged', (run) => run.endedAtMs !== null && ended.resolve(run));
  const cpuBefore = process.cpuUsage();
  delay.enable();
  const { id } = await app.runs.create({ config });
  if (page) {
    await page.evaluate((runId) => {
      window.location.hash = `#/runs/${runId}`;
    }, id);
  }
  const run = await ended.promise;
  delay.disable();
  const cpu = process.cpuUsage(cpuBefore);
  undo();
  if (run.status !== 'completed') throw new Error(`the run ended as ${run.status}: ${run.failure?.message}`);
  const late = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - resolutionMs);
  return {
    seconds: run.latest['elapsedSeconds'] ?? Number.NaN,
    hostSeconds: (cpu.user + cpu.system) / 1e6,
    blockedMs: { p50: late(delay.percentile(50)), p99: late(delay.percentile(99)), most: late(delay.max) },
  };
}
