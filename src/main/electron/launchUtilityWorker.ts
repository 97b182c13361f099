import { utilityProcess, type UtilityProcess } from 'electron';
import { createLastLines } from '../process/lastLines.ts';
import { workerNodeFlags } from '../process/workerFlags.ts';
import type { LaunchWorker, ProcessExit, WorkerProcess } from '../process/workerProcess.ts';

/** Runs a program in an Electron utility process, which ends with this process however that ends. */
export function createUtilityLauncher(
  program: string,
  { serviceName = 'lp-workbench worker', execArgv = workerNodeFlags } = {},
): LaunchWorker {
  return () =>
    adopt(
      utilityProcess.fork(program, [], {
        serviceName,
        execArgv: [...execArgv],
        stdio: ['ignore', 'ignore', 'pipe'],
      }),
    );
}

function adopt(child: UtilityProcess): WorkerProcess {
  const output = createLastLines();
  const closeListeners = new Set<() => void>();
  const exitListeners = new Set<(exit: ProcessExit) => void>();
  let exit: ProcessExit | undefined;
  let pid: number | undefined;
  let isKilled = false;

  const kill = (): void => {
    isKilled = true;
    // before it is spawned there is no id to kill by, and the kill waits for it
    if (pid !== undefined) killAtOnce(child, pid);
  };
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => output.add(chunk));
  child.on('spawn', () => {
    pid = child.pid;
    if (isKilled) kill();
  });
  child.on('exit', (code) => {
    // what it wrote last may still lie in the pipe
    setImmediate(() => {
      exit = { code, signal: isKilled ? 'SIGKILL' : null, startError: null, lastLines: output.lines() };
      for (const listener of closeListeners) listener();
      for (const listener of exitListeners) listener(exit);
    });
  });

  return {
    get pid() {
      return pid;
    },
    send(message) {
      if (!exit) child.postMessage(message);
    },
    onMessage(listener) {
      child.on('message', listener);
      return () => void child.off('message', listener);
    },
    onClose(listener) {
      closeListeners.add(listener);
      return () => void closeListeners.delete(listener);
    },
    onExit(listener) {
      if (exit) {
        const known = exit;
        let isWanted = true;
        queueMicrotask(() => isWanted && listener(known));
        return () => {
          isWanted = false;
        };
      }
      exitListeners.add(listener);
      return () => void exitListeners.delete(listener);
    },
    kill,
  };
}

/** Electron's own kill asks, and a process that hangs in a driver does not hear. */
function killAtOnce(child: UtilityProcess, pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    child.kill();
  }
}
