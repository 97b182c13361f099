import type { Checkpoint, LogLine, Run, RunsEvents } from '../../core/contract/runs.ts';
import type { WorkerMessage } from '../../core/contract/workerMessages.ts';
import { AppError, asAppError, fromWire, toWire } from '../../core/errors.ts';
import type { WorkerEnd, WorkerHandle } from '../process/workerHandle.ts';
import type { RunChanges } from '../storage/runStore.ts';
import type { DeviceChoice } from './devicesService.ts';
import type { Events } from './events.ts';
import { checkpointToResume, type RunCheckpoints } from './runCheckpoints.ts';
import type { RunRecords } from './runRecords.ts';
import type { RunServiceOptions } from './runServiceOptions.ts';
import { createStopwatch } from './stopwatch.ts';

/** A run while it has, or is about to have, a worker. */
export interface RunSession {
  readonly runId: string;
  /** it takes no steps, and nobody asked it to go on */
  readonly isPaused: boolean;
  /** it was asked to leave, or has nothing left to do but to leave */
  readonly isLeaving: boolean;
  pause(): void;
  resume(): void;
  stop(): void;
  /** Writes a checkpoint if the run goes on, then ends the worker; the run is paused. */
  leave(): void;
  /** resolves when the worker is gone and the run has its new status */
  readonly ended: Promise<SessionEnd>;
}

export interface SessionEnd {
  /** what went wrong, if something did */
  error: AppError | null;
}

type Message<Type extends WorkerMessage['type']> = Extract<WorkerMessage, { type: Type }>;

export interface SessionParts extends Pick<
  RunServiceOptions,
  | 'storage'
  | 'datasets'
  | 'files'
  | 'startWorker'
  | 'chooseDevice'
  | 'onDeviceGone'
  | 'wasmDir'
  | 'initialWeightsDir'
  | 'nowMs'
> {
  records: RunRecords;
  checkpoints: RunCheckpoints;
  events: Events<RunsEvents>;
}

const finiteOrNull = (value: number): number | null => (Number.isFinite(value) ? value : null);
const isInterruption = (error: AppError): boolean =>
  error.code === 'workerCrashed' || error.code === 'workerUnresponsive';
const endWords = ({ status, endReason }: RunChanges): string => {
  if (endReason === 'earlyStopped') return 'Ended by early stopping';
  return status === 'completed' ? 'Completed' : status === 'stopped' ? 'Stopped' : 'Paused';
};
const isLost = (error: AppError): boolean => error.code === 'checkpointCorrupt' || error.code === 'checkpointMissing';

/** Trains one run in one worker, or in several when its newest checkpoint turns out to be damaged. */
export function startRunSession(run: Run, parts: SessionParts): RunSession {
  const { storage, records, checkpoints, events, nowMs } = parts;
  const runId = run.id;
  const stopwatch = createStopwatch(nowMs, run.trainSeconds);
  const ended = Promise.withResolvers<SessionEnd>();
  let worker: WorkerHandle | undefined;
  let isPaused = false;
  /** the last wish; a worker that takes over from another is told it again */
  let wish: 'train' | 'pause' | 'stop' | 'leave' = 'train';
  /** the worker has said all it had to say of the run */
  let isOver = false;
  let isReady = false;
  let device: DeviceChoice | undefined;
  /** what it began from; null is the beginning of the run */
  let origin: Checkpoint | null = null;
  let removeOutdated = async (): Promise<void> => {};
  /** the status the run has from now on, whatever happens to the process */
  let verdict: RunChanges | null = null;
  let failure: AppError | null = null;
  /** the checkpoint it began from cannot be used */
  let lost: AppError | null = null;

  const note = (level: LogLine['level'], message: string): void =>
    records.note({ runId, atMs: nowMs(), level, message });
  const stepNow = (): string => {
    try {
      return (storage.runs.get(runId)?.step ?? 0).toLocaleString('en');
    } catch {
      // a database that cannot be read must not keep a run from ending
      return 'unknown';
    }
  };

  const isDecidedOtherwise = (): boolean => {
    try {
      const status = storage.runs.get(runId)?.status;
      return status === 'queued' || status === 'stopped';
    } catch {
      // a database that cannot be read must not keep a run from ending
      return false;
    }
  };
  const decide = (changes: RunChanges, error: AppError | null = null): void => {
    if (verdict) return;
    stopwatch.stop();
    failure = error;
    verdict = {
      ...changes,
      failure: error ? toWire(error) : null,
      endedAtMs: changes.status === 'paused' ? null : nowMs(),
      trainSeconds: stopwatch.seconds(),
    };
    if (error) note('error', error.message);
    else if (!isPaused) note('info', `${endWords(changes)} at step ${stepNow()}.`);
    // somebody stopped it or put it into the queue again while it was leaving, and so it stays
    records.settle(runId, isDecidedOtherwise() ? { trainSeconds: verdict.trainSeconds } : verdict);
  };
  const end = (): void => ended.resolve({ error: failure });
  const giveUp = (error: unknown): void => {
    decide({ status: 'failed' }, asAppError(error));
    end();
  };

  /** Why the run has this device; the one that was chosen for it may have been gone. */
  const choiceOf = (id: string): { choice?: string } => {
    if (device?.choice === undefined) return {};
    if (device.id.split(':')[0] === id) return { choice: device.choice };
    parts.onDeviceGone();
    return { choice: `because ${device.id} could not be opened` };
  };

  const onReady = (message: Message<'ready'>, datasetHash: string): void => {
    isReady = true;
    storage.metrics.truncateAfter(runId, origin === null ? -1 : message.step);
    removeOutdated().catch((error: unknown) => {
      note('warn', `Checkpoints that no longer belong to the run could not be removed: ${(error as Error).message}`);
    });
    stopwatch.start();
    records.change(runId, {
      status: 'running',
      device: { ...message.device, ...choiceOf(message.device.id) },
      parameterCount: message.parameterCount,
      totalSteps: message.totalSteps,
      stepsPerEpoch: message.stepsPerEpoch,
      datasetHash,
      extend: null,
    });
    const { id, description } = message.device;
    const where = message.step > 0 ? `from the checkpoint of step ${message.step.toLocaleString('en')} ` : '';
    note('info', `Trains ${where}on ${id} (${description}).`);
  };

  const onMetrics = ({ seq, step, series }: Message<'metrics'>): void => {
    storage.metrics.commit({ runId, step, series, trainSeconds: stopwatch.seconds() });
    worker?.acknowledge(seq);
    const shown = Object.entries(series).map(
      ([key, { steps, values }]) => [key, { steps, values: values.map(finiteOrNull) }] as const,
    );
    events.emit('metricsCommitted', { runId, firstSeq: seq, seq, step, series: Object.fromEntries(shown) });
  };

  const onMessage = (message: WorkerMessage, datasetHash: string): void => {
    switch (message.type) {
      case 'ready':
        return onReady(message, datasetHash);
      case 'metrics':
        return onMetrics(message);
      case 'checkpoint':
        return checkpoints.record(runId, message, message.removed);
      case 'log':
        return records.note({ runId, atMs: nowMs(), level: message.level, message: message.message });
      case 'paused':
        isPaused = true;
        stopwatch.stop();
        records.change(runId, { status: 'paused', trainSeconds: stopwatch.seconds() });
        note('info', `Paused at step ${stepNow()}.`);
        return;
      case 'resumed':
        isPaused = false;
        stopwatch.start();
        records.change(runId, { status: 'running' });
        note('info', 'Goes on.');
        return;
      case 'done':
        isOver = true;
        return decide({ status: message.reason === 'stopped' ? 'stopped' : 'completed', endReason: message.reason });
      case 'failed': {
        isOver = true;
        const error = fromWire(message.error);
        if (!isReady && origin !== null && isLost(error)) lost = error;
        else decide({ status: 'failed' }, error);
      }
    }
  };

  /** A message that cannot be stored ends the worker: its last checkpoint is on disk, and nothing is dropped silently. */
  const guarded = (message: WorkerMessage, datasetHash: string): void => {
    if (verdict && message.type !== 'log' && message.type !== 'checkpoint') return;
    try {
      onMessage(message, datasetHash);
    } catch (error) {
      const reason = asAppError(error);
      decide({ status: 'failed' }, reason);
      worker?.kill(reason);
    }
  };

  const onEnd = ({ error }: WorkerEnd): void => {
    if (lost && !verdict) return tryOlderCheckpoint(lost);
    if (error === null || isPaused) {
      if (error) note('warn', error.message);
      // a paused run lost nothing with its worker
      decide({ status: 'paused' });
    } else {
      decide({ status: isInterruption(error) ? 'interrupted' : 'failed' }, error);
    }
    end();
  };

  const tryOlderCheckpoint = (reason: AppError): void => {
    lost = null;
    isOver = false;
    worker = undefined;
    if (origin) checkpoints.forget(runId, origin.path);
    const older = checkpointToResume(checkpoints.list(runId), run.step);
    if (!older) {
      decide({ status: 'failed' }, reason);
      return end();
    }
    note('warn', `${reason.message} The run continues from the one before it, step ${older.step}.`);
    launch(older).catch(giveUp);
  };

  async function launch(from: Checkpoint | null): Promise<void> {
    origin = from;
    const dataset = await parts.datasets.ensure(run.config.dataset.id);
    removeOutdated = await checkpoints.outdatedAfter(runId, from?.step ?? -1);
    device ??= await parts.chooseDevice(run);
    if (wish === 'stop' || wish === 'leave') {
      decide(wish === 'stop' ? { status: 'stopped', endReason: 'stopped' } : { status: 'paused' });
      return end();
    }
    worker = parts.startWorker(
      {
        type: 'start',
        runId,
        config: run.config,
        device: device.id,
        dataset,
        paths: {
          checkpointDir: parts.files.checkpointDir(runId),
          wasmDir: parts.wasmDir,
          ...(run.config.initialWeights
            ? { initialWeightsDir: parts.initialWeightsDir(run.config.initialWeights.hash) }
            : {}),
        },
        resume: resumeOf(from),
      },
      { onMessage: (message) => guarded(message, dataset.hash), onEnd },
    );
    if (wish === 'pause') worker.pause();
  }

  const resumeOf = (from: Checkpoint | null) => {
    if (from === null) return null;
    const { extend } = storage.runs.queueNotes(runId);
    return { checkpointPath: from.path, ...(extend ? { extend } : {}) };
  };

  const begin = async (): Promise<void> => {
    const from = checkpointToResume(await checkpoints.reconcile(runId, run.stepsPerEpoch), run.step);
    if (!from && run.parent) {
      throw new AppError(
        'checkpointMissing',
        `The checkpoint this run branched from (step ${run.parent.step} of ${run.parent.runId}) is no longer on disk. Branch again.`,
      );
    }
    if (from && from.step > run.step) {
      note('warn', `The metrics between step ${run.step} and the checkpoint of step ${from.step} were lost.`);
    }
    await launch(from ?? null);
  };
  begin().catch(giveUp);

  return {
    runId,
    get isPaused() {
      return isPaused && wish === 'pause';
    },
    get isLeaving() {
      return isOver || verdict !== null || wish === 'leave';
    },
    pause() {
      wish = 'pause';
      worker?.pause();
    },
    resume() {
      wish = 'train';
      worker?.resume();
    },
    stop() {
      wish = 'stop';
      worker?.stop();
    },
    leave() {
      if (wish === 'leave') return;
      wish = 'leave';
      worker?.shutdown();
    },
    ended: ended.promise,
  };
}
