import { spawn } from 'node:child_process';
import { tookTooLong, type RunProbe } from './runProbe.ts';

/** far more than a probe says */
const mostCharacters = 2 ** 24;

export interface NodeProbeOptions {
  /** absolute path of the probe program */
  program: string;
  wasmDir: string;
  /** the Node that runs it */
  execPath: string;
  /** of the process; this program's own when left out */
  env?: NodeJS.ProcessEnv;
}

/**
 * Runs the probe program on a plain Node. When it is late it is killed and no longer waited for: a process that is stuck in
 * its driver may not even end then, and one that it started may hold on to its output.
 */
export function createNodeProbe({ program, wasmDir, execPath, env }: NodeProbeOptions): RunProbe {
  return ([task = '', ...rest], timeoutMs) =>
    new Promise((resolve) => {
      const child = spawn(execPath, [program, task, wasmDir, ...rest], {
        stdio: ['ignore', 'pipe', 'ignore'],
        ...(env ? { env } : {}),
      });
      let stdout = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        if (stdout.length < mostCharacters) stdout += text;
      });
      const end = (failure?: string): void => {
        clearTimeout(timer);
        resolve({ stdout, ...(failure === undefined ? {} : { failure }) });
      };
      const timer = setTimeout(() => {
        child.kill('SIGKILL');
        child.stdout.destroy();
        child.unref();
        end(tookTooLong(timeoutMs));
      }, timeoutMs);
      child.once('error', ({ message }) => end(`could not be started (${message})`));
      child.once('close', (code, signal) => {
        if (signal) end(`was ended by ${signal}`);
        else end(code === 0 ? undefined : `ended with code ${String(code)}`);
      });
    });
}
