import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Run } from '../../src/core/contract/runs.ts';
import type { RunningCommand } from '../main/cli/runCommand.ts';
import {
  childrenOf,
  differences,
  isAlive,
  observe,
  outcomeOf,
  programOver,
  sleep,
  type Outcome,
} from './trainingProgram.ts';

/** About four seconds of training, with checkpoints every few hundred milliseconds. */
const settings =
  'train --model mlp --hidden 16 --batch-size 4 --epochs 8 --threads 1 --seed 5 --checkpoint-seconds 0.4'.split(' ');
const stepsPerEpoch = Math.ceil(1438 / 4);
const totalSteps = 8 * stepsPerEpoch;

/** Steps of an uninterrupted run are looked at this often. */
const lookEveryMs = 5;

let folder: string;
const newDataDir = (): string => mkdtempSync(path.join(folder, 'data-'));
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'lp-workbench-kill-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Waits for the moment and tells what was stored then. */
async function waitUntil(
  dataDir: string,
  moment: (step: number, status: string) => boolean,
): Promise<{ id: string; step: number; lastProgressMs: number }> {
  let observer = observe(dataDir);
  let step = -1;
  let lastProgressMs = Date.now();
  try {
    for (;;) {
      observer ??= observe(dataDir);
      const seen = observer?.look();
      if (seen && seen.step > step) {
        step = seen.step;
        lastProgressMs = Date.now();
      }
      if (seen && moment(seen.step, seen.status)) return { id: seen.id, step: seen.step, lastProgressMs };
      if (seen && ['completed', 'failed'].includes(seen.status)) throw new Error(`the run ended first: ${seen.status}`);
      await sleep(lookEveryMs);
    }
  } finally {
    observer?.close();
  }
}

function workerOf(command: RunningCommand): number {
  const workers = childrenOf(command.process.pid!);
  expect(workers).toHaveLength(1);
  return workers[0]!;
}

async function gone(pid: number): Promise<void> {
  const deadline = Date.now() + 5_000;
  while (isAlive(pid)) {
    if (Date.now() > deadline) throw new Error(`process ${pid} lives on without its host`);
    await sleep(10);
  }
}

const moments = [
  { name: 'before the first checkpoint', is: (_step: number, status: string) => status === 'running' },
  { name: 'in the middle', is: (step: number) => step > totalSteps * 0.4 },
  { name: 'near the end', is: (step: number) => step > totalSteps * 0.9 },
];

describe.each(['wasm', 'cpu'])('on %s', (device) => {
  let whole: Outcome;
  beforeAll(async () => {
    const dataDir = newDataDir();
    const program = programOver(dataDir);
    const run = await program.json<Run>(...settings, '--device', device);
    whole = await outcomeOf(program, dataDir, run.id);
    expect(whole.step).toBe(totalSteps);
    expect(whole.series['loss']?.steps).toEqual(Array.from({ length: totalSteps }, (_, i) => i + 1));
  });

  /** Kills once, looks at what is left, resumes, and compares with the uninterrupted run. */
  async function killAndResume(victim: 'worker' | 'program', moment: (typeof moments)[number]): Promise<void> {
    const dataDir = newDataDir();
    const program = programOver(dataDir);
    const command = program.start(...settings, '--device', device);
    const seen = await waitUntil(dataDir, moment.is);
    const worker = workerOf(command);
    const killedMs = Date.now();
    process.kill(victim === 'worker' ? worker : command.process.pid!, 'SIGKILL');
    const { code, stderr } = await command.result;
    await gone(worker);
    if (victim === 'worker') {
      expect(code).toBe(1);
      expect(stderr).toContain('workerCrashed');
    }
    if (seen.step > 0) expect(killedMs - seen.lastProgressMs).toBeLessThan(1_000);

    const left = await program.json<Run>('runs', 'show', seen.id);
    expect(left).toMatchObject({ status: 'interrupted', failure: { code: 'workerCrashed' } });
    expect(left.step).toBeGreaterThanOrEqual(seen.step);
    expect(left.latest['loss'] === undefined).toBe(left.step === 0);

    const resumed = await program.json<Run>('resume', seen.id);
    expect(resumed).toMatchObject({ status: 'completed', endReason: 'completed', failure: null });
    const outcome = await outcomeOf(program, dataDir, seen.id);
    expect(differences(outcome.series, whole.series)).toEqual([]);
    expect(outcome.weights.equals(whole.weights)).toBe(true);
    const leftovers = readdirSync(path.join(dataDir, 'runs', seen.id, 'checkpoints')).filter((name) =>
      name.endsWith('.tmp'),
    );
    expect(leftovers).toEqual([]);
  }

  const cases = device === 'wasm' ? moments : moments.slice(1, 2);
  it.each(cases)('the worker killed $name: interrupted, and resumed to the same end', (moment) =>
    killAndResume('worker', moment),
  );
  it.each(cases)('the whole program killed $name: interrupted, and resumed to the same end', (moment) =>
    killAndResume('program', moment),
  );
});
