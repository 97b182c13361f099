import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Reporter, TestModule } from 'vitest/node';

const limitMs = 10 * 60_000;
const lookEveryMs = 20_000;

/**
 * Ends the process of a test file that has run for ten minutes. A test that is blocked inside a native library (a graphics
 * driver, say) cannot be timed out from within its own process, and would keep the whole suite, and whoever waits for it,
 * waiting without a name. Its file fails; the others go on.
 */
export class StuckFiles implements Reporter {
  readonly #startedAtMs = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;

  onTestRunStart(): void {
    this.#timer ??= setInterval(() => void this.#look(), lookEveryMs).unref();
  }

  onTestModuleStart({ relativeModuleId }: TestModule): void {
    this.#startedAtMs.set(relativeModuleId, Date.now());
  }

  onTestModuleEnd({ relativeModuleId }: TestModule): void {
    this.#startedAtMs.delete(relativeModuleId);
  }

  onTestRunEnd(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  async #look(): Promise<void> {
    const children = await promisify(execFile)('ps', ['-o', 'pid=,etimes=,args=', '--ppid', String(process.pid)]);
    for (const line of children.stdout.trim().split('\n')) {
      const [pid, ageS, ...args] = line.trim().split(/\s+/);
      // each file has a process of its own, so a process as old as the limit is that of a stuck file
      const isTestFile = args.some((argument) => argument.endsWith('forks.js'));
      if (!isTestFile || Number(ageS) * 1000 < limitMs) continue;
      const stuck = [...this.#startedAtMs].filter(
        ([, startedAtMs]) => Date.now() - startedAtMs > limitMs - lookEveryMs,
      );
      const names = stuck.map(([file]) => file).join(', ') || 'a test file that had ended';
      process.stderr.write(`The process of ${names} has run for ${limitMs / 60_000} minutes and is ended.\n`);
      process.kill(Number(pid), 'SIGKILL');
    }
  }
}
