import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { modelIds } from '../../../src/core/models/catalogue.ts';
import { optimizerCatalogue, optimizerIds } from '../../../src/core/optimizers/catalogue.ts';
import { pScheduleSchema } from '../../../src/core/schedules/pSchedule.ts';
import { runToy } from '../../../src/core/toy/runToy.ts';
import { quadratic } from '../../../src/core/toy/toyFunctions.ts';
import { runFlags } from '../../../src/main/cli/config/runFlags.ts';
import { flagNameOf } from '../../../src/main/cli/flags/flagSpec.ts';
import { runCommand } from './runCommand.ts';

async function json(args: readonly string[]): Promise<unknown> {
  const { code, stdout, stderr } = await runCommand([...args, '--json']);
  expect(stderr).toBe('');
  expect(code).toBe(0);
  return JSON.parse(stdout);
}

describe('optimizers', () => {
  it('lists the whole catalogue', async () => {
    const listed = (await json(['optimizers', 'list'])) as { id: string }[];
    expect(listed.map(({ id }) => id)).toEqual(optimizerIds);
  });

  it('shows formula, hyperparameters and source', async () => {
    const { stdout } = await runCommand(['optimizers', 'show', 'lpsgdm']);
    for (const text of ['LPSGDM', '\\rho', '--weight-decay', '[0, 1)', 'arXiv:2606.02078', '--p-max']) {
      expect(stdout).toContain(text);
    }
  });

  it('every hyperparameter of the catalogue is a flag of train, and no two flags share a name', () => {
    const names = runFlags.map(({ name }) => name);
    const wanted = optimizerCatalogue.flatMap(({ hyperparameters }) =>
      hyperparameters.map(({ key }) => flagNameOf(key)),
    );
    expect(names).toEqual(expect.arrayContaining(wanted));
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('models', () => {
  it('lists the whole catalogue', async () => {
    const listed = (await json(['models', 'list'])) as { id: string }[];
    expect(listed.map(({ id }) => id)).toEqual(modelIds);
  });

  it('counts the parameters of a model as asked', async () => {
    const args = ['models', 'show', 'mlp', '--hidden', '256,128', '--input', '28,28,1', '--classes', '10'];
    const shown = (await json(args)) as { parameterCount: number; layers: { outputShape: number[] }[] };
    expect(shown.parameterCount).toBe(784 * 256 + 256 + 256 * 128 + 128 + 128 * 10 + 10);
    expect(shown.layers.at(-1)?.outputShape).toEqual([10]);
  });

  it('reads a model of Keras, writes it as a configuration and trains it', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'lp-model-'));
    const [file, output] = [join(dir, 'model.json'), join(dir, 'config.json')];
    const layers = [
      { class_name: 'InputLayer', config: { name: 'input', batch_shape: [null, 8, 8, 1] } },
      { class_name: 'Flatten', config: { name: 'flatten' } },
      { class_name: 'Dense', config: { name: 'hidden', units: 12, activation: 'relu' } },
      { class_name: 'Dense', config: { name: 'logits', units: 10, activation: 'softmax' } },
    ];
    await writeFile(file, JSON.stringify({ class_name: 'Sequential', config: { layers } }));
    const shown = (await json(['models', 'import', file, '--output', output])) as { parameterCount: number };
    expect(shown.parameterCount).toBe(64 * 12 + 12 + 12 * 10 + 10);
    const data = ['--data-dir', join(dir, 'data'), '--epochs', '1', '--device', 'wasm', '--json'];
    for (const from of [
      ['--config', output],
      ['--model-file', file],
    ]) {
      const { code, stdout } = await runCommand(['train', ...from, ...data]);
      expect([code, JSON.parse(stdout)]).toMatchObject([0, { status: 'completed', parameterCount: 910 }]);
    }
    await rm(dir, { recursive: true });
  });

  it('begins with the weights of a tfjs model when asked, and says that it does not when not', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'lp-weights-'));
    const data = ['--data-dir', join(dir, 'data')];
    type Trained = { id: string; metrics: Record<string, number>; config: object };
    const flags = 'train --model mlp --hidden 16 --epochs 6 --lr 0.01 --device wasm --json'.split(' ');
    const first = JSON.parse((await runCommand([...flags, ...data])).stdout) as Trained;
    const exported = join(dir, 'exported');
    const { code, stderr } = await runCommand(['models', 'export', first.id, '--out', exported, ...data]);
    expect(code, stderr).toBe(0);
    const still = [
      ...`train --model-file ${join(exported, 'model.json')} --epochs 1 --lr 1e-12 --warmup 0 --device wasm`.split(' '),
      ...data,
      '--json',
    ];
    const anew = await runCommand(still);
    expect(anew.stderr).toContain('Its weights are not taken');
    const taken = await runCommand([...still, '--with-weights']);
    const [newRun, sameRun] = [anew, taken].map(({ stdout }) => JSON.parse(stdout) as Trained) as [Trained, Trained];
    // a rate that moves nothing: what is measured are the weights that the run began with
    expect(sameRun.metrics['testLoss']).toBeCloseTo(first.metrics['testLoss']!, 5);
    expect(sameRun.metrics['testAccuracy']).toBe(first.metrics['testAccuracy']);
    expect(newRun.metrics['testAccuracy']).toBeLessThan(first.metrics['testAccuracy']!);
    expect(sameRun.config).toMatchObject({ initialWeights: { hash: expect.stringMatching(/^[0-9a-f]{64}$/) } });
    expect(newRun.config).not.toHaveProperty('initialWeights');
    await rm(dir, { recursive: true });
  });

  it('names the layers of a Keras model that do not exist here, and a second model on the command line', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'lp-model-'));
    const file = join(dir, 'model.json');
    const layers = [{ class_name: 'LSTM', config: { name: 'memory', units: 3 } }];
    await writeFile(file, JSON.stringify({ class_name: 'Sequential', config: { layers } }));
    const { code, stderr } = await runCommand(['models', 'import', file]);
    expect([code, stderr]).toEqual([2, expect.stringContaining('memory (LSTM)')]);
    const twice = await runCommand(['train', '--model-file', file, '--model', 'cnn']);
    expect([twice.code, twice.stderr]).toEqual([2, expect.stringContaining('--model-file and --model')]);
    await rm(dir, { recursive: true });
  });
});

describe('toy', () => {
  it('prints the trajectory of the descent, start first', async () => {
    const args = '--function strong --optimizer lpsgdm --lr 0.01 --p-max 6 --steps 200 --start -2,9'.split(' ');
    const printed = (await json(['toy', ...args])) as { trajectory: number[][] };
    const expected = runToy({
      function: 'strong',
      optimizer: 'lpsgdm',
      learningRate: 0.01,
      pSchedule: pScheduleSchema.parse({ pMax: 6 }),
      steps: 200,
      start: [-2, 9],
    });
    expect(printed).toEqual({ trajectory: expected.trajectory });
    expect(printed.trajectory).toHaveLength(201);
    expect(printed.trajectory[0]).toEqual([-2, 9, 900.625]);
  });

  it('hands every hyperparameter on, for a function of one’s own', async () => {
    const args = '--optimizer sgdm --beta 0.5 --nesterov --weight-decay 0.1 --lr 0.05 --steps 20 --start 3,-4'.split(
      ' ',
    );
    const own = ['--function', 'quadratic', '--curvatures', '4,0.5', '--centre', '-1,2'];
    const printed = (await json(['toy', ...args, ...own])) as { trajectory: number[][] };
    const expected = runToy({
      function: { kind: 'quadratic', curvatures: [4, 0.5], centre: [-1, 2] },
      optimizer: 'sgdm',
      hyperparameters: { beta: 0.5, nesterov: true, weightDecay: 0.1 },
      learningRate: 0.05,
      steps: 20,
      start: [3, -4],
    });
    expect(printed.trajectory).toEqual(expected.trajectory);
    expect(quadratic([4, 0.5], [-1, 2]).value([3, -4])).toBe(printed.trajectory[0]?.[2]);
  });

  it('fails with the finite part of the trajectory when the descent diverges', async () => {
    const { code, stdout, stderr } = await runCommand('toy --optimizer sgd --lr 10 --steps 500 --json'.split(' '));
    const { trajectory } = JSON.parse(stdout) as { trajectory: number[][] };
    expect(trajectory.flat().every(Number.isFinite)).toBe(true);
    expect(trajectory.length).toBeLessThan(501);
    expect((JSON.parse(stderr) as { error: { code: string } }).error.code).toBe('nonFiniteLoss');
    expect(code).toBe(1);
  });
});

describe('help', () => {
  it('names every command, and every flag of one', async () => {
    const overview = await runCommand(['--help']);
    for (const command of [
      'demo',
      'train',
      'resume',
      'runs list',
      'metrics',
      'optimizers show',
      'models show',
      'toy',
    ]) {
      expect(overview.stdout).toContain(command);
    }
    const train = await runCommand(['train', '--help']);
    for (const { name } of runFlags) expect(train.stdout).toContain(name);
    expect([overview.code, train.code]).toEqual([0, 0]);
  });

  it('describes configuration files as JSON Schema', async () => {
    const schema = (await json(['config', 'schema'])) as { properties: Record<string, unknown> };
    expect(Object.keys(schema.properties)).toEqual(expect.arrayContaining(['dataset', 'optimizer', 'pSchedule']));
  });
});
