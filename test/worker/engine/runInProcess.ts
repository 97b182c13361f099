import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { DatasetRef } from '../../../src/core/contract/datasets.ts';
import { parseRunConfig, type RunConfigInput } from '../../../src/core/contract/runConfig.ts';
import type { WorkerMessage } from '../../../src/core/contract/workerMessages.ts';
import type { Device } from '../../../src/worker/backends/device.ts';
import { openDataset } from '../../../src/worker/data/openDataset.ts';
import { createCheckpointKeeper } from '../../../src/worker/engine/checkpointKeeper.ts';
import { createMetricsSink } from '../../../src/worker/engine/metricsSink.ts';
import { train, type Control, type TrainEnd } from '../../../src/worker/engine/train.ts';

export const wasmDir = path.resolve(import.meta.dirname, '../../../resources/wasm');

export interface InProcessRun {
  end: TrainEnd;
  messages: WorkerMessage[];
  /** every point by key, then step */
  metrics: Record<string, Map<number, number>>;
  checkpointDir: string;
}

export interface InProcessOptions {
  device: Device;
  dataset: DatasetRef;
  config: RunConfigInput;
  resumeFrom?: string;
  checkpointDir?: string;
  /** asks for something once this step's metrics are recorded */
  request?: { atStep: number; what: 'stop' | 'shutdown' };
  /** a made clock */
  nowMs?: () => number;
  /** threads that make batches */
  loaderThreads?: number;
}

export const loaderProgram = new URL('../../../src/worker/data/loaderThread.ts', import.meta.url);

/** The real engine in this process, its messages collected and acknowledged at once. */
export async function runInProcess(options: InProcessOptions): Promise<InProcessRun> {
  const config = parseRunConfig(options.config);
  const checkpointDir = options.checkpointDir ?? fs.mkdtempSync(path.join(os.tmpdir(), 'lp-checkpoints-'));
  const messages: WorkerMessage[] = [];
  const metrics: InProcessRun['metrics'] = {};
  const control: Control = { request: 'none', changed: () => new Promise(() => {}) };
  const send = (message: WorkerMessage): void => {
    messages.push(message);
    if (message.type !== 'metrics') return;
    for (const [key, { steps, values }] of Object.entries(message.series)) {
      const series = (metrics[key] ??= new Map());
      steps.forEach((step, i) => series.set(step, values[i]!));
    }
    queueMicrotask(() => sink.acknowledge(message.seq));
  };
  const nowMs = options.nowMs ?? ((): number => performance.now());
  const sink = createMetricsSink(send, nowMs);
  const watched = {
    ...sink,
    add(step: number, values: Readonly<Record<string, number>>) {
      sink.add(step, values);
      if (options.request?.atStep === step) control.request = options.request.what;
    },
  };
  const dataset = openDataset(options.dataset);
  try {
    const keeper = createCheckpointKeeper(checkpointDir, config, send, nowMs);
    const end = await train({
      config,
      device: options.device,
      dataset,
      sink: watched,
      keeper,
      control,
      send,
      nowMs,
      loaderProgram,
      loaderThreads: options.loaderThreads,
      resumeFrom: options.resumeFrom ?? null,
      initialWeightsDir: null,
      breathe: async () => {},
    });
    return { end, messages, metrics, checkpointDir };
  } finally {
    dataset.close();
  }
}

/** Folders of a finished run, oldest first, and the bytes of the last one's weights. */
export function lastWeights(checkpointDir: string): Buffer {
  const last = fs
    .readdirSync(checkpointDir)
    .filter((name) => name.startsWith('step-'))
    .toSorted()
    .at(-1)!;
  return fs.readFileSync(path.join(checkpointDir, last, 'weights.safetensors'));
}
