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
      let isLate = false;
      child.stdout?.setEncoding('utf8').on('data', (text: string) => {
        stdout += text;
      });
      const timer = setTimeout(() => {
        isLate = true;
        // Electron's own kill asks, and a process that hangs in a driver does not hear
        if (child.pid !== undefined) process.kill(child.pid, 'SIGKILL');
        else child.kill();
      }, timeoutMs);
      child.once('exit', (code) => {
        clearTimeout(timer);
        const failure = isLate ? tookTooLong(timeoutMs) : code === 0 ? undefined : `ended with code ${code}`;
        // what it wrote last may still lie in the pipe
        setImmediate(() => resolve({ stdout, ...(failure ? { failure } : {}) }));
      });
    });
}
