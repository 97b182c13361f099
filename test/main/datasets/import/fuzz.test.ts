import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { golden } from './importHere.ts';

/** More can be tried by hand: LP_WORKBENCH_FUZZ_CASES=1000 */
const casesEach = Number(process.env['LP_WORKBENCH_FUZZ_CASES'] ?? 40);
/** A case takes milliseconds; this long only on a machine that does many other things. */
const longestCaseMs = 60_000;

interface Outcome {
  done: number;
  peakMiB: number;
  failures: string[];
}

/** Runs the program that damages and imports files; a case that neither ends nor fails is named. */
function fuzz(work: string): Promise<Outcome> {
  const program = path.join(import.meta.dirname, 'fuzzProgram.ts');
  const child = fork(program, [golden, work, String(casesEach)], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  return new Promise((resolve, reject) => {
    const outcome: Outcome = { done: 0, peakMiB: 0, failures: [] };
    let current = 'the start';
    const hangs = (): void => {
      outcome.failures.push(`${current} hangs`);
      child.kill('SIGKILL');
    };
    let timer = setTimeout(hangs, longestCaseMs);
    child.on(
      'message',
      (message: { begins?: string; failed?: string; why?: string; done?: number; peakMiB?: number }) => {
        clearTimeout(timer);
        timer = setTimeout(hangs, longestCaseMs);
        if (message.begins) current = message.begins;
        if (message.failed) outcome.failures.push(`${message.failed}: ${message.why}`);
        if (message.done !== undefined) Object.assign(outcome, { done: message.done, peakMiB: message.peakMiB });
      },
    );
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      clearTimeout(timer);
      if (outcome.done === 0) outcome.failures.push(`${current} ends the process: ${code ?? signal}`);
      resolve(outcome);
    });
  });
}

it('damaged files of every format end in a sentence: no crash, no hang, no memory without bound', async () => {
  const work = mkdtempSync(path.join(tmpdir(), 'lp-workbench-fuzz-'));
  try {
    const { done, peakMiB, failures } = await fuzz(work);
    expect(failures).toEqual([]);
    expect(done).toBeGreaterThan(2_000);
    expect(peakMiB).toBeLessThan(1_024);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}, 600_000);
