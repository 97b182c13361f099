import {
  workerMessageSchema,
  workerProtocolVersion,
  type HostMessage,
  type StartMessage,
  type WorkerMessage,
} from '../../core/contract/workerMessages.ts';
import { AppError } from '../../core/errors.ts';
import type { LaunchWorker, ProcessExit } from './workerProcess.ts';

export interface WorkerTimeouts {
  /** from launch to hello */
  helloMs: number;
  /** without any message; the worker says that it lives every second, or for how long it may not */
  silenceMs: number;
  /** from `shutdown` to the end of the process */
  graceMs: number;
}

export const defaultWorkerTimeouts: WorkerTimeouts = { helloMs: 30_000, silenceMs: 60_000, graceMs: 30_000 };

/** How the process of a run ended: as agreed, or with the reason why not. */
export type WorkerEnd = { error: null } | { error: AppError };

export interface WorkerHandlers {
  /** every message but hello, heartbeat and bye, in order */
  onMessage(message: WorkerMessage): void;
  /** once, after the last message */
  onEnd(end: WorkerEnd): void;
}

/** One worker process and one run in it. */
export interface WorkerHandle {
  pause(): void;
  resume(): void;
  stop(): void;
  /** Says that a batch of metrics is stored; the worker waits when too many are not. */
  acknowledge(seq: number): void;
  /** Asks it to write a checkpoint and leave; ends it after the grace time. */
  shutdown(): void;
  /** Ends it at once. The reason is what `onEnd` tells. */
  kill(reason: AppError): void;
}

export type StartWorker = (message: StartMessage, handlers: WorkerHandlers) => WorkerHandle;

const ticksPerSilence = 20;

function crash(exit: ProcessExit, isStarted: boolean): AppError {
  const how = exit.signal === null ? `exit code ${exit.code ?? 'unknown'}` : `signal ${exit.signal}`;
  const said = exit.lastLines.length > 0 ? ` It last said: ${exit.lastLines.slice(-5).join(' | ')}` : '';
  const details = { exitCode: exit.code, signal: exit.signal, lastLines: exit.lastLines };
  if (exit.startError || !isStarted) {
    const why = exit.startError ? exit.startError.message : how;
    return new AppError('workerStartFailed', `The training process could not be started (${why}).${said}`, {
      details,
      cause: exit.startError ?? undefined,
    });
  }
  const hint = exit.signal === 'SIGKILL' ? ' Something killed it; often the system was out of memory.' : '';
  return new AppError('workerCrashed', `The training process ended unexpectedly (${how}).${hint}${said}`, { details });
}

/**
 * Launches a worker, greets it, sends the run and watches over it until its process is gone. Every way it can end
 * reaches `onEnd` exactly once; an end without `bye` is a crash.
 */
export function createStartWorker(launch: LaunchWorker, timeouts: WorkerTimeouts = defaultWorkerTimeouts): StartWorker {
  return (start, handlers) => {
    const worker = launch(start.device ?? start.config.device);
    const send = (message: HostMessage): void => worker.send(message);
    const waiting: HostMessage[] = [];
    let isGreeted = false;
    let saidBye = false;
    let hasEnded = false;
    let verdict: AppError | undefined;
    let quietTicks = 0;
    let announcedQuietMs = 0;

    const sendWhenGreeted = (message: HostMessage): void => {
      if (isGreeted) send(message);
      else waiting.push(message);
    };
    const kill = (reason: AppError): void => {
      verdict ??= reason;
      worker.kill();
    };

    const helloTimer = setTimeout(() => {
      const seconds = timeouts.helloMs / 1000;
      kill(
        new AppError(
          'workerStartFailed',
          `The training process did not answer within ${seconds} seconds and was ended.`,
        ),
      );
    }, timeouts.helloMs);
    // counts turns of its own, not the clock, so that a computer that slept does not look like a worker that hangs
    const watchdog = setInterval(() => {
      quietTicks++;
      const limitMs = Math.max(timeouts.silenceMs, announcedQuietMs);
      if (!isGreeted || quietTicks <= (ticksPerSilence * limitMs) / timeouts.silenceMs) return;
      const seconds = limitMs / 1000;
      kill(
        new AppError(
          'workerUnresponsive',
          `The training process said nothing for ${seconds} seconds and was ended. Resume the run to continue from its last checkpoint.`,
        ),
      );
    }, timeouts.silenceMs / ticksPerSilence);
    let graceTimer: NodeJS.Timeout | undefined;

    const greet = (protocolVersion: number): void => {
      if (isGreeted) return;
      clearTimeout(helloTimer);
      if (protocolVersion !== workerProtocolVersion) {
        kill(
          new AppError(
            'protocolMismatch',
            `The training process speaks version ${protocolVersion} of its protocol, this program version ${workerProtocolVersion}: install lp-workbench again.`,
          ),
        );
        return;
      }
      isGreeted = true;
      send(start);
      for (const message of waiting.splice(0)) send(message);
    };

    worker.onMessage((raw) => {
      quietTicks = 0;
      if (verdict || saidBye) return;
      const parsed = workerMessageSchema.safeParse(raw);
      if (!parsed.success) {
        const issue = parsed.error.issues[0];
        const where = issue ? `${issue.path.join('.')}: ${issue.message}` : '';
        kill(
          new AppError(
            'malformedMessage',
            `The training process sent a message that cannot be understood (${where}) and was ended.`,
          ),
        );
        return;
      }
      const message = parsed.data;
      switch (message.type) {
        case 'hello':
          return greet(message.protocolVersion);
        case 'heartbeat':
          announcedQuietMs = message.quietMs ?? 0;
          return;
        case 'bye':
          saidBye = true;
          graceTimer ??= setTimeout(() => worker.kill(), timeouts.graceMs);
          return;
        default:
          return handlers.onMessage(message);
      }
    });
    worker.onExit((exit) => {
      hasEnded = true;
      clearTimeout(helloTimer);
      clearTimeout(graceTimer);
      clearInterval(watchdog);
      const error = verdict ?? (saidBye ? null : crash(exit, isGreeted));
      handlers.onEnd(error ? { error } : { error: null });
    });

    return {
      pause: () => sendWhenGreeted({ type: 'pause' }),
      resume: () => sendWhenGreeted({ type: 'resume' }),
      stop: () => sendWhenGreeted({ type: 'stop' }),
      acknowledge: (seq) => send({ type: 'ack', seq }),
      shutdown() {
        if (hasEnded) return;
        sendWhenGreeted({ type: 'shutdown' });
        graceTimer ??= setTimeout(() => {
          const seconds = timeouts.graceMs / 1000;
          kill(
            new AppError(
              'workerUnresponsive',
              `The training process did not leave within ${seconds} seconds of being asked and was ended.`,
            ),
          );
        }, timeouts.graceMs);
      },
      kill,
    };
  };
}
