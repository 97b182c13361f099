import {
  hostMessageSchema,
  heartbeatIntervalMs,
  workerProtocolVersion,
  type StartMessage,
} from '../../core/contract/workerMessages.ts';
import { toWire, type AppError } from '../../core/errors.ts';
import type { Device } from '../backends/device.ts';
import { openDataset } from '../data/openDataset.ts';
import { createCheckpointKeeper } from '../engine/checkpointKeeper.ts';
import { createMetricsSink, type MetricsSink } from '../engine/metricsSink.ts';
import { train, type Control } from '../engine/train.ts';
import { openRunDevice } from './openRunDevice.ts';
import { createSystemSampler } from './systemSampler.ts';
import type { WorkerPort } from './port.ts';

const breatheEveryMs = 20;
/** A first step may take this long: nobody knows yet how long one takes, and it is compiled first. */
const firstStepMs = 15 * 60_000;
/** Later ones so many times as long as the longest time without a turn so far. */
const longerSteps = 10;
/** A computation that waits for a lost device mostly fails by itself, and then nothing of the run's metrics is missing. */
const lossGraceMs = 3_000;

export interface ServeOptions {
  /** a clock that never goes back */
  nowMs: () => number;
  exit: (code: number) => void;
  /** the program of threads that make batches */
  loaderProgram: URL;
}

const onProcessor = ['cpu', 'wasm', 'onnx-cpu', 'native'];
const usesCard = ({ id, isSoftware }: Device): boolean => !isSoftware && !onProcessor.includes(id);

async function rejectAfterGrace(lost: Promise<AppError>): Promise<never> {
  const error = await lost;
  await new Promise((resolve) => setTimeout(resolve, lossGraceMs));
  throw error;
}

/** Speaks the worker protocol over a port: one `start`, one run, then `bye`. */
export function serve(port: WorkerPort, { nowMs, exit, loaderProgram }: ServeOptions): void {
  let step = 0;
  let sink: MetricsSink | undefined;
  let isStarted = false;
  const waiting = new Set<() => void>();
  const control: Control = { request: 'none', changed: () => new Promise((resolve) => waiting.add(resolve)) };
  const ask = (request: Control['request']): void => {
    // leaving outranks whatever was asked before it
    if (control.request === 'shutdown') return;
    control.request = request;
    const resolvers = [...waiting];
    waiting.clear();
    for (const resolve of resolvers) resolve();
  };
  let firstStep: 'ahead' | 'underWay' | 'taken' = 'ahead';
  let lastBeatMs = nowMs();
  let longestGapMs = 0;
  const beat = (): void => {
    const now = nowMs();
    longestGapMs = Math.max(longestGapMs, now - lastBeatMs);
    lastBeatMs = now;
    const quietMs = firstStep === 'underWay' ? firstStepMs : longerSteps * longestGapMs;
    port.send({ type: 'heartbeat', step, quietMs: Math.round(quietMs) });
  };
  const heartbeat = setInterval(beat, heartbeatIntervalMs);
  const leave = (): void => {
    clearInterval(heartbeat);
    port.send({ type: 'bye' });
    // the channel empties before it closes
    setTimeout(() => {
      port.close();
      exit(0);
    }, 50);
  };

  async function run(message: StartMessage): Promise<void> {
    const warn = (text: string): void => port.send({ type: 'log', level: 'warn', message: text });
    const device = await openRunDevice(message, warn);
    const system = createSystemSampler({ nowMs, usesCard: usesCard(device) });
    try {
      const dataset = openDataset(message.dataset);
      try {
        const send: WorkerPort['send'] = (said) => {
          port.send(said);
          if (said.type !== 'ready') return;
          firstStep = 'underWay';
          beat();
        };
        sink = createMetricsSink((metrics) => {
          if (metrics.type === 'metrics') step = metrics.step;
          firstStep = 'taken';
          send(metrics);
        }, nowMs);
        let lastBreathMs = nowMs();
        const training = train({
          config: message.config,
          device,
          dataset,
          sink,
          control,
          nowMs,
          send,
          loaderProgram,
          takeSystemSample: system.take,
          resumeFrom: message.resume?.checkpointPath ?? null,
          initialWeightsDir: message.paths.initialWeightsDir ?? null,
          keeper: createCheckpointKeeper(message.paths.checkpointDir, message.config, send, nowMs),
          breathe: async () => {
            if (nowMs() - lastBreathMs < breatheEveryMs) return;
            await new Promise((resolve) => setImmediate(resolve));
            lastBreathMs = nowMs();
          },
        });
        const end = await (device.lost ? Promise.race([training, rejectAfterGrace(device.lost)]) : training);
        step = end.step;
        if (end.reason !== 'shutdown')
          send({ type: 'done', reason: end.reason, step: end.step, epoch: end.epoch, trainSeconds: end.trainSeconds });
      } finally {
        dataset.close();
      }
    } finally {
      system.close();
      device.close();
    }
  }

  port.onClose(() => exit(0));
  port.onMessage((raw) => {
    const parsed = hostMessageSchema.safeParse(raw);
    if (!parsed.success) {
      port.send({
        type: 'log',
        level: 'error',
        message: `A message of the host was not understood and ignored: ${parsed.error.issues[0]?.message ?? ''}`,
      });
      return;
    }
    const message = parsed.data;
    switch (message.type) {
      case 'ack':
        return sink?.acknowledge(message.seq);
      case 'pause':
      case 'stop':
        return ask(message.type);
      case 'resume':
        return ask('none');
      case 'shutdown':
        ask('shutdown');
        return isStarted ? undefined : leave();
      case 'start': {
        if (isStarted) return;
        isStarted = true;
        void run(message)
          .catch((error: unknown) => port.send({ type: 'failed', error: toWire(error), step }))
          .then(leave);
      }
    }
  });
  port.send({ type: 'hello', protocolVersion: workerProtocolVersion, pid: process.pid });
}
