import { fork, type ChildProcess } from 'node:child_process';
import type { Unsubscribe } from '../../core/contract/service.ts';
import { createLastLines } from './lastLines.ts';
import { workerNodeFlags } from './workerFlags.ts';
import type { LaunchWorker, ProcessExit, WorkerProcess } from './workerProcess.ts';

export interface NodeWorkerOptions {
  /** absolute path of the worker program */
  program: string;
  /** the Node that runs it */
  execPath: string;
  /** flags of that Node */
  execArgv?: readonly string[];
  env?: NodeJS.ProcessEnv;
}

function listeners<Value>(): { add(listener: (value: Value) => void): Unsubscribe; call(value: Value): void } {
  const all = new Set<(value: Value) => void>();
  return {
    add(listener) {
      all.add(listener);
      return () => void all.delete(listener);
    },
    call(value) {
      for (const listener of all) listener(value);
    },
  };
}

function adopt(child: ChildProcess): WorkerProcess {
  const messages = listeners<unknown>();
  const closes = listeners<void>();
  const exits = listeners<ProcessExit>();
  const output = createLastLines();
  let startError: Error | null = null;
  let exit: ProcessExit | undefined;

  let closedWith: { code: number | null; signal: string | null } | undefined;
  let isDisconnected = false;

  // a process can be gone before its last messages and its last words on stderr have been read
  const finishWhenRead = (): void => {
    if (exit || !closedWith || !isDisconnected) return;
    exit = { ...closedWith, startError, lastLines: output.lines() };
    exits.call(exit);
  };
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => output.add(chunk));
  child.on('message', (message) => messages.call(message));
  child.on('disconnect', () => {
    isDisconnected = true;
    closes.call();
    finishWhenRead();
  });
  child.on('close', (code, signal) => {
    closedWith = { code, signal };
    finishWhenRead();
  });
  child.on('error', (error) => {
    if (child.pid !== undefined) return;
    startError = error;
    closedWith = { code: null, signal: null };
    isDisconnected = true;
    finishWhenRead();
  });

  return {
    pid: child.pid,
    send(message) {
      if (child.connected) child.send(message as object, () => undefined);
    },
    onMessage: messages.add,
    onClose: closes.add,
    onExit(listener) {
      if (!exit) return exits.add(listener);
      let isWanted = true;
      const known = exit;
      queueMicrotask(() => isWanted && listener(known));
      return () => {
        isWanted = false;
      };
    },
    kill: () => void child.kill('SIGKILL'),
  };
}

/**
 * Runs the worker program in a plain Node process. It is a process group of its own, so that Ctrl-C reaches it only as
 * a request of its host; when the host dies, however it dies, the closing channel ends it.
 */
export function createNodeLauncher({
  program,
  execPath,
  execArgv = workerNodeFlags,
  env,
}: NodeWorkerOptions): LaunchWorker {
  return () =>
    adopt(
      fork(program, [], {
        execPath,
        execArgv: [...execArgv],
        env,
        serialization: 'advanced',
        detached: process.platform !== 'win32',
        // stdout may be the result of the program that launches, so what a library prints goes nowhere
        stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      }),
    );
}
