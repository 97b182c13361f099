import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import type { Run, Series } from '../../src/core/contract/runs.ts';
import { runCommand, startCommand, type RunningCommand } from '../main/cli/runCommand.ts';

/** Metrics that depend on the clock or the machine; all others are the same in every repetition of a run. */
const measuredKeys = ['elapsedSeconds', 'samplesPerSecond', 'workerMemoryBytes', 'dataWaitShare'];

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch {
    return false;
  }
}

function isZombie(pid: number): boolean {
  try {
    return /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** Process ids of a process' children. */
export function childrenOf(pid: number): number[] {
  const table =
    process.platform === 'linux'
      ? readdirSync('/proc')
          .filter((name) => /^\d+$/.test(name))
          .map((name) => `${name} ${parentOf(name)}`)
      : execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).split('\n');
  return table.flatMap((line) => {
    const [child, parent] = line.trim().split(/\s+/).map(Number);
    return parent === pid && child !== undefined ? [child] : [];
  });
}

/** Those children that train; others examine devices, or read files. */
export function workersOf(pid: number): number[] {
  return childrenOf(pid).filter((child) => /host.main\.ts/.test(commandOf(child)));
}

function commandOf(pid: number): string {
  try {
    return process.platform === 'linux'
      ? readFileSync(`/proc/${pid}/cmdline`, 'utf8')
      : execFileSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' });
  } catch {
    // it ended meanwhile
    return '';
  }
}

function parentOf(pid: string): string {
  try {
    // the name of a process may contain anything, so count from behind its bracket
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ')[1]!;
  } catch {
    return '';
  }
}

interface SeenRun {
  id: string;
  status: string;
  /** the last stored one */
  step: number;
}

/** What somebody sees who looks into the database while another program writes it. */
export interface Observer {
  /** newest first */
  all(): SeenRun[];
  close(): void;
}

export function observe(dataDir: string): Observer | undefined {
  try {
    const db = new Database(path.join(dataDir, 'lp-workbench.db'), { readonly: true, fileMustExist: true });
    try {
      const all = db.prepare<[], SeenRun>('SELECT id, status, step FROM runs ORDER BY created_at_ms DESC, id DESC');
      return { all: () => all.all(), close: () => void db.close() };
    } catch (error) {
      db.close();
      throw error;
    }
  } catch {
    // not created yet
    return undefined;
  }
}

/** The command line over one data folder. */
export interface Program {
  start(...args: string[]): RunningCommand;
  json<Value>(...args: string[]): Promise<Value>;
}

export function programOver(dataDir: string): Program {
  return {
    start: (...args) => startCommand([...args, '--data-dir', dataDir, '--json']),
    async json<Value>(...args: string[]) {
      const { code, stdout, stderr } = await runCommand([...args, '--data-dir', dataDir, '--json']);
      if (code !== 0) throw new Error(`lp-workbench ${args.join(' ')} ended with ${code}: ${stderr}`);
      return JSON.parse(stdout) as Value;
    },
  };
}

/** What two runs of equal settings must agree in, to the last bit. */
export interface Outcome {
  step: number;
  /** of the last checkpoint */
  weights: Buffer;
  series: Record<string, { steps: number[]; values: (number | null)[] }>;
}

export async function outcomeOf(program: Program, dataDir: string, run: Run): Promise<Outcome> {
  const { series } = await program.json<{ series: Series[] }>('metrics', run.id);
  const checkpoints = path.join(dataDir, 'runs', run.id, 'checkpoints');
  const last = readdirSync(checkpoints)
    .filter((name) => /^step-\d+$/.test(name))
    .toSorted()
    .at(-1)!;
  return {
    step: run.step,
    weights: readFileSync(path.join(checkpoints, last, 'weights.safetensors')),
    series: Object.fromEntries(
      series
        .filter(({ key }) => !measuredKeys.includes(key))
        .map(({ key, steps, values }) => [key, { steps, values }] as const),
    ),
  };
}

/** Where a series differs from what it should be: one line per key, empty when nothing does. */
export function differences(actual: Outcome['series'], expected: Outcome['series']): string[] {
  return Object.keys({ ...expected, ...actual }).flatMap((key) => {
    const [is, should] = [actual[key], expected[key]];
    if (!is || !should) return [`${key}: ${is ? 'not expected' : 'missing'}`];
    const known = new Set(is.steps);
    const missing = should.steps.filter((step) => !known.has(step));
    if (missing.length > 0) return [`${key}: ${missing.length} points missing, from step ${missing[0]}`];
    if (is.steps.length > should.steps.length)
      return [`${key}: ${is.steps.length - should.steps.length} points too many`];
    const wrong = is.values.findIndex((value, i) => !Object.is(value, should.values[i]));
    return wrong < 0
      ? []
      : [`${key}: ${is.values[wrong]} instead of ${should.values[wrong]} at step ${is.steps[wrong]}`];
  });
}
