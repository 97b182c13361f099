import { fork, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { parseRunConfig, type RunConfigInput } from '../../../src/core/contract/runConfig.ts';
import type { DatasetRef } from '../../../src/core/contract/datasets.ts';
import {
  workerMessageSchema,
  type HostMessage,
  type WorkerMessage,
} from '../../../src/core/contract/workerMessages.ts';
import { workerNodeFlags } from '../../../src/main/process/workerFlags.ts';
import { wasmDir } from '../engine/runInProcess.ts';

export interface ForkedWorker {
  child: ChildProcess;
  messages: WorkerMessage[];
  send(message: HostMessage): void;
  /** the next message of this type, also one that has already come */
  next<T extends WorkerMessage['type']>(type: T): Promise<Extract<WorkerMessage, { type: T }>>;
  /** exit code, null after a signal */
  exited: Promise<number | null>;
}

const program = path.resolve(import.meta.dirname, '../../../src/worker/host/main.ts');

/** The real worker program in a process of its own; every message is checked, metrics are acknowledged unless told not to. */
export function forkWorker({ acknowledge = true } = {}): ForkedWorker {
  const child = fork(program, {
    serialization: 'advanced',
    execArgv: [...workerNodeFlags],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const messages: WorkerMessage[] = [];
  const waiting = new Set<() => void>();
  child.on('message', (raw) => {
    const message = workerMessageSchema.parse(raw);
    messages.push(message);
    if (message.type === 'metrics' && acknowledge) child.send({ type: 'ack', seq: message.seq });
    for (const wake of waiting) wake();
  });
  const exited = new Promise<number | null>((resolve) => {
    child.on('exit', (code) => {
      resolve(code);
      for (const wake of waiting) wake();
    });
  });
  return {
    child,
    messages,
    exited,
    send: (message) => void child.send(message),
    next: (type) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = messages.find((message) => message.type === type);
          if (!found && child.exitCode === null && child.signalCode === null) return;
          waiting.delete(look);
          if (found) resolve(found as never);
          else
            reject(
              new Error(`the worker left without saying ${type}; it said ${messages.map((m) => m.type).join(' ')}`),
            );
        };
        waiting.add(look);
        look();
      }),
  };
}

export function startMessage(
  config: RunConfigInput,
  dataset: DatasetRef,
  checkpointDir: string,
  checkpointPath?: string,
): HostMessage {
  return {
    type: 'start',
    runId: 'test',
    config: parseRunConfig(config),
    dataset,
    paths: { checkpointDir, wasmDir },
    resume: checkpointPath === undefined ? null : { checkpointPath },
  };
}
