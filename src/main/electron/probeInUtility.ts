import { utilityProcess } from 'electron';
import { tookTooLong, type RunProbe } from '../devices/runProbe.ts';

/** Runs the probe program as a worker of this program would run. */
export function createUtilityProbe(program: string, wasmDir: string): RunProbe {
  return ([task = '', ...rest], timeoutMs) =>
    new Promise((resolve) => {
      const child = utilityProcess.fork(program, [task, wasmDir, ...rest], {
        serviceName: 'lp-workbench device probe',
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      let stdout = '';
      child.stdout?.setEncoding('utf8').on('data', (text: string) => {
        stdout += text;
      });
      const timer = setTimeout(() => {
        // Electron's own kill asks, and a process that hangs in a driver does not hear
        if (child.pid !== undefined) process.kill(child.pid, 'SIGKILL');
        else child.kill();
        // nor is it waited for: one that is stuck in the system may not even end then
        resolve({ stdout, failure: tookTooLong(timeoutMs) });
      }, timeoutMs);
      child.once('exit', (code) => {
        clearTimeout(timer);
        const failure = code === 0 ? undefined : `ended with code ${code}`;
        // what it wrote last may still lie in the pipe
        setImmediate(() => resolve({ stdout, ...(failure ? { failure } : {}) }));
      });
    });
}
