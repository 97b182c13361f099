import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Checkpoint, Run } from '../../../src/core/contract/runs.ts';
import { processHost } from '../../../src/main/cli/cliHost.ts';
import { withWorkbench } from '../../../src/main/cli/workbench.ts';
import { commandsOver } from './commandsOver.ts';
import { runCommand, startCommand } from './runCommand.ts';

type PrintedRun = Run & { metrics: Run['latest'] };

let folder: string;
let dataDir: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lp-workbench-cli-'));
  dataDir = join(folder, 'data');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const { call, json } = commandsOver(() => dataDir);

async function finalWeights(runId: string): Promise<Buffer> {
  const checkpoints = await withWorkbench(processHost(), dataDir, { readOnly: true }, ({ runs }) =>
    runs.checkpoints({ runId }),
  );
  const last = checkpoints.toSorted((a: Checkpoint, b: Checkpoint) => b.step - a.step)[0]!;
  return readFile(join(last.path, 'weights.safetensors'));
}

describe('a run from training to the trash', () => {
  let run: PrintedRun;

  beforeAll(async () => {
    const settings =
      'train --dataset digits --model mlp --hidden 32,16 --epochs 8 --batch-size 64 --lr 0.01 --p-max 4 --weight-decay 0.001';
    run = await json<PrintedRun>(...settings.split(' '), '--name', 'first try', '--tag', 'a', '--tag', 'b');
  });

  it('trains with the flags as configuration and prints the final metrics', () => {
    expect(run.status).toBe('completed');
    expect(run.step).toBe(run.totalSteps);
    expect(run.config.model).toMatchObject({ preset: 'mlp', options: { hidden: [32, 16] } });
    expect(run.config.optimizer).toMatchObject({ id: 'lpsgdm', hyperparameters: { weightDecay: 0.001 } });
    expect(run.config).toMatchObject({
      batchSize: 64,
      epochs: 8,
      pSchedule: { pMax: 4 },
      learningRate: { base: 0.01 },
    });
    expect(run.metrics['testAccuracy']).toBeGreaterThan(0.5);
    expect(run.metrics['trainLoss']).toBeGreaterThan(0);
  });

  it('list and show know it, as text and as JSON', async () => {
    const listed = await json<PrintedRun[]>('runs', 'list');
    expect(listed.map(({ id }) => id)).toContain(run.id);
    expect((await call('runs', 'list', '--tag', 'a')).stdout).toContain('first try');
    expect((await call('runs', 'show', 'first try')).stdout).toContain(run.id);
    expect((await json<PrintedRun>('runs', 'show', run.id)).config).toEqual(run.config);
  });

  it('prints every point of a metric as CSV and as JSON', async () => {
    const csv = await call('metrics', run.id, '--key', 'loss');
    const rows = csv.stdout.trim().split('\n');
    expect(rows).toHaveLength(1 + run.step);
    expect(rows[0]).toBe('key,step,value');
    const { series } = await json<{ series: { key: string; steps: number[]; values: number[] }[] }>('metrics', run.id);
    expect(series.map(({ key }) => key)).toEqual(expect.arrayContaining(['loss', 'p', 'rho', 'learningRate']));
    const loss = series.find(({ key }) => key === 'loss')!;
    expect(loss.steps.map((step, i) => `loss,${step},${loss.values[i]}`)).toEqual(rows.slice(1));
    const wrong = await call('metrics', run.id, '--key', 'los');
    expect(wrong.stderr).toContain('did you mean "loss"?');
    expect(wrong.code).toBe(2);
  });

  it('rename, tag and note change it', async () => {
    await json('runs', 'rename', run.id, 'second thought');
    await json('runs', 'tag', run.id, 'c', 'a');
    await json('runs', 'tag', run.id, 'b', '--remove');
    const changed = await json<PrintedRun>('runs', 'note', run.id, 'a note, with "quotes"');
    expect(changed).toMatchObject({ name: 'second thought', note: 'a note, with "quotes"' });
    expect(changed.tags.toSorted()).toEqual(['a', 'c']);
  });

  it('delete hides it, restore brings it back', async () => {
    const ids = async (...more: string[]) => (await json<PrintedRun[]>('runs', 'list', ...more)).map(({ id }) => id);
    await json('runs', 'delete', run.id);
    expect(await ids()).not.toContain(run.id);
    expect(await ids('--deleted')).toContain(run.id);
    await json('runs', 'restore', run.id);
    expect(await ids()).toContain(run.id);
  });

  it('resume of a complete run asks how p goes on, then extends it', async () => {
    const complete = await call('resume', run.id);
    expect(complete.stderr).toContain('complete after 8 epochs');
    const unclear = await call('resume', run.id, '--epochs', '9');
    expect(unclear.stderr).toContain('--keep-horizon');
    expect(unclear.stderr).toContain('--anneal-again');
    expect([complete.code, unclear.code]).toEqual([2, 2]);
    const longer = await json<PrintedRun>('resume', run.id, '--epochs', '9', '--keep-horizon');
    expect(longer).toMatchObject({ status: 'completed', step: (run.step / 8) * 9 });
    expect(longer.metrics['p']).toBe(2);
  });
});

describe('input that only the data folder can judge', () => {
  it('one epoch with cosine p trains at p max', async () => {
    const run = await json<PrintedRun>('train', '--epochs', '1', '--p-max', '5', '--hidden', '8');
    expect(run.metrics['p']).toBe(5);
  });

  it('refuses a dataset that does not exist, naming the nearest, and keeps nothing', async () => {
    const before = await json<PrintedRun[]>('runs', 'list');
    const { code, stderr } = await call('train', '--dataset', 'digit', '--json');
    const { error } = JSON.parse(stderr) as { error: { code: string; message: string } };
    expect(error.code).toBe('unknownDataset');
    expect(error.message).toContain('did you mean "digits"?');
    expect(code).toBe(2);
    expect(await json<PrintedRun[]>('runs', 'list')).toEqual(before);
  });

  it('refuses a run that does not exist', async () => {
    const { code, stderr } = await call('runs', 'show', 'no-such-run');
    expect(stderr).toContain('no-such-run');
    expect(code).toBe(2);
  });

  it('refuses a data folder that cannot be written', async () => {
    const file = join(folder, 'a-file');
    await writeFile(file, '');
    const { code, stdout, stderr } = await runCommand(['train', '--data-dir', join(file, 'data'), '--json']);
    expect((JSON.parse(stderr) as { error: { code: string } }).error.code).toBe('dataDirNotWritable');
    expect(stdout).toBe('');
    expect(code).toBe(1);
  });

  it('takes settings from a file, which flags override', async () => {
    const file = join(folder, 'config.json');
    await writeFile(
      file,
      JSON.stringify({ epochs: 9, batchSize: 256, optimizer: { id: 'sgdm' }, model: { preset: 'softmax' } }),
    );
    const run = await json<PrintedRun>('train', '--config', file, '--epochs', '1', '--nesterov');
    expect(run.config).toMatchObject({ epochs: 1, batchSize: 256, model: { preset: 'softmax' } });
    expect(run.config.optimizer).toMatchObject({ id: 'sgdm', hyperparameters: { nesterov: true } });
    await chmod(file, 0o600);
    await writeFile(file, '{"epochs": ');
    expect((await call('train', '--config', file)).code).toBe(2);
  });
});

describe('Ctrl-C', () => {
  const settings = '--model mlp --epochs 60 --batch-size 16 --seed 3 --threads 1 --json'.split(' ');

  it('pauses with a checkpoint, says how to continue, and resuming ends in the weights of an uninterrupted run', async () => {
    const whole = await json<PrintedRun>('train', ...settings.slice(0, -1));
    const command = startCommand(['train', ...settings, '--data-dir', dataDir]);
    await command.says('epoch ');
    command.process.kill('SIGINT');
    const { code, stdout, stderr } = await command.result;
    const paused = JSON.parse(stdout) as PrintedRun;
    expect(code).toBe(130);
    expect(stderr).toContain(`lp-workbench resume ${paused.id}`);
    expect(paused.step).toBeGreaterThan(0);
    expect(paused.step).toBeLessThan(whole.step);

    const resumed = await json<PrintedRun>('resume', paused.id);
    expect(resumed).toMatchObject({ status: 'completed', step: whole.step });
    expect(resumed.metrics['trainLoss']).toBe(whole.metrics['trainLoss']);
    expect(await finalWeights(paused.id)).toEqual(await finalWeights(whole.id));
  });

  it('a second one ends at once, and the run continues from its last checkpoint', async () => {
    const command = startCommand(['train', ...settings, '--data-dir', dataDir, '--name', 'killed']);
    await command.says('epoch ');
    command.process.kill('SIGINT');
    // one wish may arrive as several signals; this one comes later than an echo would
    await command.says('Pausing');
    await new Promise((resolve) => setTimeout(resolve, 350));
    command.process.kill('SIGINT');
    const { code } = await command.result;
    expect(code).toBe(130);
    expect(await json<PrintedRun>('resume', 'killed')).toMatchObject({ status: 'completed' });
  });
});

it('demo trains every optimizer and ends with the comparison', async () => {
  const rows = await json<{ optimizer: string; testAccuracy: { mean: number } }[]>(
    'demo',
    '--epochs',
    '2',
    '--seeds',
    '1',
  );
  expect(rows.map(({ optimizer }) => optimizer)).toEqual(['lpsgdm', 'lpsgd', 'sgdm', 'adamw', 'lion']);
  for (const { testAccuracy } of rows) expect(testAccuracy.mean).toBeGreaterThan(0.1);
});
