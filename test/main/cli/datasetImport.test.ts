import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DatasetSummary } from '../../../src/core/contract/datasets.ts';
import type { Run } from '../../../src/core/contract/runs.ts';
import { commandsOver } from './commandsOver.ts';
import { startCommand } from './runCommand.ts';

type PrintedRun = Run & { metrics: Run['latest'] };

const golden = path.resolve(import.meta.dirname, '../../golden');
let folder: string;
let dataDir: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'lp-workbench-cli-import-'));
  dataDir = path.join(folder, 'data');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const { call, json } = commandsOver(() => dataDir);

/** Folders and files of datasets, those that an import works in included. */
const kept = (): string[] => {
  const dir = path.join(dataDir, 'datasets');
  return existsSync(dir) ? readdirSync(dir).toSorted() : [];
};

describe('files of their original producers', () => {
  it.each([
    { what: 'a .npz of NumPy', file: 'datasets/keras.npz', rows: 24, shape: [6, 5, 1], classes: 3 },
    {
      what: 'CIFAR-10 as Python pickles it',
      file: 'images/cifar-10-python.tar.gz',
      rows: 36,
      shape: [32, 32, 3],
      classes: 10,
    },
    {
      what: 'CIFAR-100 as binary files',
      file: 'images/cifar-100-binary.tar.gz',
      rows: 12,
      shape: [32, 32, 3],
      classes: 100,
    },
  ])('$what is imported and trains', async ({ file, rows, shape, classes }) => {
    const imported = await json<{ id: string; rows: number; shape: number[]; task: string; classes: string[] }>(
      'datasets',
      'import',
      path.join(golden, file),
    );
    expect(imported).toMatchObject({ rows, shape, task: 'classes' });
    expect(imported.classes).toHaveLength(classes);
    const settings = '--model mlp --hidden 16 --epochs 3 --batch-size 6 --lr 0.05 --optimizer lpsgdm'.split(' ');
    const run = await json<PrintedRun>('train', '--dataset', imported.id, ...settings);
    expect(run.status).toBe('completed');
    expect(run.totalSteps).toBeGreaterThanOrEqual(3);
    expect(run.step).toBe(run.totalSteps);
    expect(Number.isFinite(run.metrics['trainLoss'])).toBe(true);
    expect(Number.isFinite(run.metrics['testLoss'])).toBe(true);
  });
});

describe('tables of their original producers', () => {
  it.each([
    { what: 'Parquet of pyarrow', file: 'zstd.parquet', settings: ['--target', 'label'] },
    { what: 'Feather of pyarrow', file: 'zstd.feather', settings: ['--target', 'label'] },
    { what: 'an Arrow stream', file: 'stream.arrows', settings: ['--target', 'label'] },
    { what: 'CSV of pandas', file: 'pandas.csv', settings: ['--target', 'label'] },
    { what: 'JSON lines of pandas', file: 'records.jsonl', settings: ['--target', 'label'] },
    { what: 'a workbook of openpyxl', file: 'book.xlsx', settings: ['--target', 'label', '--sheet', 'data'] },
    { what: 'HDF5 of h5py', file: 'data.h5', settings: ['--samples', 'x', '--target', 'y'] },
  ])('$what is imported and trains', async ({ file, settings }) => {
    const source = path.join(golden, 'datasets', file);
    const imported = await json<{ id: string; rows: number }>('datasets', 'import', source, ...settings);
    expect(imported.rows).toBeGreaterThan(9);
    const training = '--model mlp --hidden 8 --epochs 2 --batch-size 4 --lr 0.01 --optimizer lpsgdm'.split(' ');
    const run = await json<PrintedRun>('train', '--dataset', imported.id, ...training);
    expect(run.status).toBe('completed');
    expect(run.metrics['trainLoss']).toBeGreaterThan(0);
    expect(Number.isFinite(run.metrics['testLoss'])).toBe(true);
  });
});

describe('an import that does not end well', () => {
  const large = (): string => path.join(folder, 'large.csv');
  beforeAll(async () => {
    await writeFile(large(), `a,b,kind\n${'0.25,1.5,yes\n0.5,-2.25,no\n'.repeat(800_000)}`);
  });

  it('because of Ctrl-C ends with 130 and one sentence, and leaves nothing', async () => {
    const before = kept();
    const command = startCommand(['datasets', 'import', large(), '--data-dir', dataDir]);
    await expect.poll(kept, { interval: 10, timeout: 60_000 }).not.toEqual(before);
    command.process.kill('SIGINT');
    const { code, stdout, stderr } = await command.result;
    expect(code).toBe(130);
    expect(stdout).toBe('');
    expect(stderr).toBe('Cancelled; nothing was kept.\n');
    expect(kept()).toEqual(before);
  });

  it.skipIf(process.platform === 'win32')(
    'because no more can be written says so in a sentence, and leaves nothing',
    async () => {
      const before = kept();
      // the shell limits what its child may write: 4 MiB a file, less than the samples take
      const bin = path.resolve(import.meta.dirname, '../../../src/main/cli/bin.mjs');
      const limited = path.join(folder, 'limited.sh');
      await writeFile(limited, `ulimit -f 4096\nexec "${process.execPath}" "${bin}" "$@"\n`);
      const command = startCommand(['datasets', 'import', large(), '--data-dir', dataDir], {}, ['/bin/bash', limited]);
      const { code, stdout, stderr } = await command.result;
      expect(code).toBe(1);
      expect(stdout).toBe('');
      expect(stderr).toMatch(/^Error: The disk that holds .+ is full: free some space there and try again\. [^\n]+\n$/);
      expect(kept()).toEqual(before);
      const datasets = await json<DatasetSummary[]>('datasets', 'list');
      expect(datasets.map(({ name }) => name)).not.toContain('large');
    },
  );

  it('because the file is damaged names it in a sentence, and leaves nothing', async () => {
    const before = kept();
    const file = path.join(folder, 'cut.npz');
    await writeFile(file, (await readFile(path.join(golden, 'datasets/keras.npz'))).subarray(0, 900));
    const { code, stdout, stderr } = await call('datasets', 'import', file);
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toContain(file);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(kept()).toEqual(before);
  });
});
