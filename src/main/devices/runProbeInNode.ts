import { execFile } from 'node:child_process';
import { tookTooLong, type RunProbe } from './runProbe.ts';

export interface NodeProbeOptions {
  /** absolute path of the probe program */
  program: string;
  wasmDir: string;
  /** the Node that runs it */
  execPath: string;
  /** of the process; this program's own when left out */
  env?: NodeJS.ProcessEnv;
}

/** Runs the probe program on a plain Node. */
export function createNodeProbe({ program, wasmDir, execPath, env }: NodeProbeOptions): RunProbe {
  return ([task = '', ...rest], timeoutMs) =>
    new Promise((resolve) => {
      const options = {
        timeout: timeoutMs,
        killSignal: 'SIGKILL',
        maxBuffer: 2 ** 24,
        ...(env ? { env } : {}),
      } as const;
      execFile(execPath, [program, task, wasmDir, ...rest], options, (error, stdout) => {
        if (!error) return resolve({ stdout });
        const { killed, signal, code } = error;
        const how = signal ? `was ended by ${signal}` : `ended with code ${String(code)}`;
        resolve({ stdout, failure: killed ? tookTooLong(timeoutMs) : how });
      });
    });
}
