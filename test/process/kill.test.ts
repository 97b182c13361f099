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

/** A few seconds of training, with checkpoints within its epochs and at their ends. */
const settings = 'train --model mlp --hidden 16 --batch-size 4 --threads 1 --seed 5 --checkpoint-seconds 0.4'.split(
  ' ',
);
const stepsPerEpoch = Math.ceil(1438 / 4);

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
      const seen = observer?.all()[0];
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
  const [worker, ...others] = childrenOf(command.process.pid!);
  if (worker === undefined || others.length > 0) throw new Error(`${others.length + 1} workers, not one`);
  return worker;
}

async function gone(pid: number): Promise<void> {
  const deadline = Date.now() + 5_000;
  while (isAlive(pid)) {
    if (Date.now() > deadline) throw new Error(`process ${pid} lives on without its host`);
    await sleep(10);
  }
}

function halfWritten(dataDir: string, runId: string): string[] {
  try {
    return readdirSync(path.join(dataDir, 'runs', runId, 'checkpoints')).filter((name) => name.endsWith('.tmp'));
  } catch {
    return [];
  }
}

interface Moment {
  name: string;
  /** `share` of the steps is stored */
  is: (share: number, status: string) => boolean;
}
const start: Moment = { name: 'before the first checkpoint', is: (_share, status) => status === 'running' };
const middle: Moment = { name: 'in the middle', is: (share) => share > 0.4 };
const end: Moment = { name: 'near the end', is: (share) => share > 0.85 };

describe.each([
  { device: 'wasm', epochs: 5, moments: [start, middle, end] },
  { device: 'cpu', epochs: 2, moments: [middle] },
])('on $device', ({ device, epochs, moments }) => {
  const train = [...settings, '--device', device, '--epochs', String(epochs)];
  const totalSteps = epochs * stepsPerEpoch;
  let whole: Outcome;
  beforeAll(async () => {
    const dataDir = newDataDir();
    const program = programOver(dataDir);
    const run = await program.json<Run>(...train);
    whole = await outcomeOf(program, dataDir, run);
  });

  async function killAt(moment: Moment, victimOf: (command: RunningCommand) => number) {
    const dataDir = newDataDir();
    const program = programOver(dataDir);
    const command = program.start(...train);
    const seen = await waitUntil(dataDir, (step, status) => moment.is(step / totalSteps, status));
    const worker = workerOf(command);
    const unstoredMs = seen.step === 0 ? 0 : Date.now() - seen.lastProgressMs;
    process.kill(victimOf(command), 'SIGKILL');
    const result = await command.result;
    await gone(worker);
    const left = await program.json<Run>('runs', 'show', seen.id);
    return { dataDir, seen, unstoredMs, result, left };
  }

  async function resume(dataDir: string, runId: string) {
    const program = programOver(dataDir);
    const run = await program.json<Run>('resume', runId);
    const outcome = await outcomeOf(program, dataDir, run);
    return {
      status: run.status,
      failure: run.failure,
      differences: differences(outcome.series, whole.series),
      hasSameWeights: outcome.weights.equals(whole.weights),
      halfWritten: halfWritten(dataDir, runId),
    };
  }
  const sameEnd = { status: 'completed', failure: null, differences: [], hasSameWeights: true, halfWritten: [] };

  it('stores every step of an uninterrupted run', () => {
    expect(whole.step).toBe(totalSteps);
    expect(whole.series['loss']?.steps).toEqual(Array.from({ length: totalSteps }, (_, i) => i + 1));
  });

  it.each(moments)('the worker killed $name: interrupted, and resumed to the same end', async (moment) => {
    const { dataDir, seen, unstoredMs, result, left } = await killAt(moment, workerOf);
    expect(result.code).toBe(1);
    expect(result.stderr).toContain('workerCrashed');
    expect(unstoredMs).toBeLessThan(1_000);
    expect(left).toMatchObject({ status: 'interrupted', failure: { code: 'workerCrashed' } });
    expect(left.step).toBeGreaterThanOrEqual(seen.step);
    expect(await resume(dataDir, seen.id)).toEqual(sameEnd);
  });

  it.each(moments)('the whole program killed $name: interrupted, and resumed to the same end', async (moment) => {
    const { dataDir, seen, unstoredMs, left } = await killAt(moment, ({ process: { pid } }) => pid!);
    expect(unstoredMs).toBeLessThan(1_000);
    expect(left).toMatchObject({ status: 'interrupted', failure: { code: 'workerCrashed' } });
    expect(left.step).toBeGreaterThanOrEqual(seen.step);
    expect(await resume(dataDir, seen.id)).toEqual(sameEnd);
  });

  it('the worker killed while it writes a checkpoint: the half of it is never used', async () => {
    const dataDir = newDataDir();
    const program = programOver(dataDir);
    let command = program.start(...train);
    const { id } = await waitUntil(dataDir, (step) => step > 0);
    // the moment is a few milliseconds long and may be missed
    for (let attempt = 0; attempt < 15; attempt++) {
      if (attempt > 0) command = program.start('resume', id);
      while (childrenOf(command.process.pid!).length === 0) await sleep(lookEveryMs);
      const worker = workerOf(command);
      const deadline = Date.now() + 10_000;
      while (halfWritten(dataDir, id).length === 0) if (Date.now() > deadline) break;
      process.kill(worker, 'SIGKILL');
      await command.result;
      if (halfWritten(dataDir, id).length > 0) break;
    }
    expect(halfWritten(dataDir, id)).toHaveLength(1);
    expect(await resume(dataDir, id)).toEqual(sameEnd);
  }, 180_000);
});
