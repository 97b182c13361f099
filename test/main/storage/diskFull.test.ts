import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, describe, expect, it } from 'vitest';
import type { Run, Series } from '../../../src/core/contract/runs.ts';
import { migrate } from '../../../src/main/storage/migrate.ts';
import { migrations } from '../../../src/main/storage/migrations/index.ts';
import { createStores } from '../../../src/main/storage/openStorage.ts';
import type { MetricBatch } from '../../../src/main/storage/metricStore.ts';
import { runCommand, type CommandResult } from '../cli/runCommand.ts';
import { stepsUpTo, temporaryFolders } from '../services/testApp.ts';
import { storedRun, thrownBy } from './storageFixtures.ts';

const folders = temporaryFolders();
afterAll(folders.remove);

it('a batch that does not fit is not stored in part, and what was stored before stays', () => {
  const file = path.join(folders.create(), 'small.db');
  const db = new Database(file);
  migrate(db, migrations);
  const stores = createStores(db);
  stores.runs.insert(storedRun('a'));
  const batch = (number: number): MetricBatch => {
    const steps = stepsUpTo(number * 500, (number - 1) * 500 + 1);
    return { runId: 'a', step: number * 500, series: { loss: { steps, values: steps } }, trainSeconds: number };
  };
  db.pragma(`max_page_count = ${(db.pragma('page_count', { simple: true }) as number) + 40}`);
  let stored = 0;
  const error = thrownBy(() => {
    for (;;) {
      stores.metrics.commit(batch(stored + 1));
      stored++;
    }
  });
  expect(error.code).toBe('diskFull');
  expect(error.message).toBe(
    `The disk that holds ${file} is full: free some space there and try again. What was stored before is unharmed.`,
  );
  expect(stored).toBeGreaterThan(2);
  expect(stores.runs.get('a')).toMatchObject({ step: stored * 500, latest: { loss: stored * 500 } });
  expect(stores.metrics.series('a', 'loss', { maxPoints: 0 }).steps).toEqual(stepsUpTo(stored * 500));
  expect(stores.metrics.series('a', 'loss', { maxPoints: 10 }).maximums?.at(-1)).toBe(stored * 500);
  db.pragma('max_page_count = 100000');
  stores.metrics.commit(batch(stored + 1));
  expect(stores.metrics.series('a', 'loss', { maxPoints: 0 }).totalPoints).toBe((stored + 1) * 500);
  db.close();
});

/** The command line where no file may grow beyond some KiB, which fails like a full disk. */
async function runLimited(fileKiB: number, args: readonly string[]): Promise<CommandResult> {
  const bin = path.resolve(import.meta.dirname, '../../../src/main/cli/bin.mjs');
  const child = spawn('bash', ['-c', `ulimit -f ${fileKiB} && exec "$@"`, 'bash', process.execPath, bin, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const text = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text.stdout += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (text.stderr += chunk));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...text };
}

describe.runIf(process.platform !== 'win32')('training on a full disk', () => {
  it('ends with one sentence and exit code 1, and the run goes on when there is room', async () => {
    const dataDir = folders.create();
    const common = ['--data-dir', dataDir, '--json'];
    const settings = 'train --model mlp --hidden 16 --batch-size 8 --threads 1 --epochs 8'.split(' ');
    const { code, stdout, stderr } = await runLimited(400, [...settings, ...common]);
    expect(code, stderr).toBe(1);
    const failed = JSON.parse(stdout) as Run;
    expect(failed).toMatchObject({ status: 'failed', failure: { code: 'diskFull' } });
    const error = (JSON.parse(stderr.trim().split('\n').at(-1)!) as { error: { code: string; message: string } }).error;
    expect(error.code).toBe('diskFull');
    expect(error.message).toContain(path.join(dataDir, 'lp-workbench.db'));
    expect(error.message).toContain('Free some space there and try again. What was stored before is unharmed.');
    expect(failed.step).toBeGreaterThan(0);

    const show = await runCommand(['runs', 'show', failed.id, ...common]);
    const left = JSON.parse(show.stdout) as Run;
    expect(['failed', 'interrupted']).toContain(left.status);
    expect(left.step).toBe(failed.step);
    const metrics = await runCommand(['metrics', failed.id, '--key', 'loss', ...common]);
    const [loss] = (JSON.parse(metrics.stdout) as { series: Series[] }).series;
    expect(loss?.steps).toEqual(stepsUpTo(left.step));

    const resumed = await runCommand(['resume', failed.id, ...common]);
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(JSON.parse(resumed.stdout)).toMatchObject({ status: 'completed', step: 1_440, failure: null });
  });

  it('a data folder that has no room for a database is refused in one sentence', async () => {
    const dataDir = folders.create();
    const { code, stdout, stderr } = await runLimited(16, ['train', '--epochs', '1', '--data-dir', dataDir, '--json']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'diskFull' } });
    const { code: later } = await runCommand(['runs', 'list', '--data-dir', dataDir]);
    expect(later).toBe(0);
  });
});
