import { utilityProcess } from 'electron';
import type { DeviceInfo } from '../../core/contract/devices.ts';
import { parseProbe, probeFailed } from '../process/probeInNode.ts';

const probeTimeoutMs = 60_000;

/** Examines the devices as a worker of this program would find them. Rejects with AppError `workerStartFailed`. */
export function probeInUtility(program: string, wasmDir: string): Promise<DeviceInfo[]> {
  return new Promise((resolve, reject) => {
    const child = utilityProcess.fork(program, [wasmDir], {
      serviceName: 'lp-workbench device probe',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let output = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    const timer = setTimeout(() => child.kill(), probeTimeoutMs);
    child.once('exit', (code) => {
      clearTimeout(timer);
      // what it wrote last may still lie in the pipe
      setImmediate(() => {
        try {
          resolve(parseProbe(output));
        } catch (error) {
          reject(probeFailed(code === 0 ? error : new Error(`the probe ended with exit code ${code}`)));
        }
      });
    });
  });
}
