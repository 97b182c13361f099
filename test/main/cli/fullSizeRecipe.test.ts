import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { pack } from 'tar-stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunConfig } from '../../../src/core/contract/runConfig.ts';
import type { Run } from '../../../src/core/contract/runs.ts';
import type { Study } from '../../../src/core/contract/studies.ts';
import { temporaryFolders } from '../services/testApp.ts';
import { commandsOver } from './commandsOver.ts';
import { startCommand } from './runCommand.ts';

const folders = temporaryFolders();
const folder = folders.create();
const dataDir = path.join(folder, 'data');
afterAll(folders.remove);

const { call, json } = commandsOver(() => dataDir);

const pixelBytes = 3 * 32 * 32;

/** Images of one file: labels in front of every image, and pixels that tell the classes apart a little. */
function binaryFile(rows: number, classes: number, isCoarseToo: boolean): Buffer {
  const labelBytes = isCoarseToo ? 2 : 1;
  const bytes = Buffer.alloc(rows * (labelBytes + pixelBytes));
  for (let row = 0; row < rows; row++) {
    const at = row * (labelBytes + pixelBytes);
    const label = (row * 7) % classes;
    if (isCoarseToo) bytes[at] = label % 20;
    bytes[at + labelBytes - 1] = label;
    bytes.fill(40 + ((label * 17 + row) % 160), at + labelBytes, at + labelBytes + pixelBytes);
  }
  return bytes;
}

/** An archive with the files and the names of the one that is downloaded. */
async function archive(name: string, files: Readonly<Record<string, Buffer>>): Promise<string> {
  const file = path.join(folder, name);
  const packed = pack();
  const written = pipeline(packed, createWriteStream(file));
  for (const [entry, content] of Object.entries(files)) packed.entry({ name: entry }, content);
  packed.finalize();
  await written;
  return file;
}

const batches = [1, 2, 3, 4, 5].map((i) => `data_batch_${i}.bin`);
const names10 = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'];
const cifar100 = (rows: number): Record<string, Buffer> => ({
  'cifar-100-binary/train.bin': binaryFile(5 * rows, 100, true),
  'cifar-100-binary/test.bin': binaryFile(rows, 100, true),
  'cifar-100-binary/fine_label_names.txt': Buffer.from(
    `${Array.from({ length: 100 }, (_, i) => `fine ${i}`).join('\n')}\n`,
  ),
});

/** Section 6 of the paper: p_max, learning rate, weight decay of LPSGDM, then of SGDM, AdamW and Lion with its beta 2. */
const paper: Readonly<Record<string, readonly (readonly [string, number, number, number?])[]>> = {
  'cifar10-vgg11': [
    ['lpsgdm', 1e-3, 1e-2, 6],
    ['sgdm', 0.1, 1e-3],
    ['adamw', 1e-3, 0.1],
    ['lion', 1e-4, 1e-3],
  ],
  'cifar10-resnet18': [
    ['lpsgdm', 1e-3, 1e-2, 6],
    ['sgdm', 0.1, 1e-3],
    ['adamw', 1e-3, 0.1],
    ['lion', 1e-4, 1e-3],
  ],
  'cifar10-resnet50': [
    ['lpsgdm', 2e-3, 1e-4, 6],
    ['sgdm', 0.05, 5e-4],
    ['adamw', 1e-3, 1e-4],
    ['lion', 1e-4, 5e-4],
  ],
  'cifar100-vgg11': [
    ['lpsgdm', 5e-4, 5e-4, 8],
    ['sgdm', 0.1, 1e-3],
    ['adamw', 1e-3, 1e-3],
    ['lion', 1e-4, 1e-4],
  ],
  'cifar100-resnet18': [
    ['lpsgdm', 1e-2, 0.1, 6],
    ['sgdm', 0.1, 1e-2],
    ['adamw', 1e-2, 0.1],
    ['lion', 1e-3, 0.1],
  ],
  'cifar100-resnet50': [
    ['lpsgdm', 1e-3, 0.1, 6],
    ['sgdm', 0.1, 1e-5],
    ['adamw', 1e-3, 0.1],
    ['lion', 1e-3, 1e-5],
  ],
  'fig2-resnet18': [
    ['sgd', 0.1, 1e-3],
    ['lpsgd', 1e-3, 1e-2, 6],
  ],
  'fig2-resnet50': [
    ['sgd', 0.1, 1e-5],
    ['lpsgd', 1e-3, 0.1, 6],
  ],
  'fig4-pmax': [2, 4, 6, 8, 10, 100].map((pMax) => ['lpsgdm', 1e-3, 1e-2, pMax] as const),
};
const momentum: Readonly<Record<string, object>> = {
  lpsgdm: { beta: 0.9, epsilon: 1e-8 },
  lion: { beta1: 0.9, beta2: 0.999 },
};
const models: Readonly<Record<string, string>> = { 'fig4-pmax': 'resnet18' };

interface DryRun {
  deviations: string[];
  configs: RunConfig[];
}
interface ShownStudy extends Study {
  counts: Record<string, number>;
  claimCard: { deviations: string[]; command: string; lines: object[] };
}

describe('recipes on the CIFAR archives', () => {
  beforeAll(async () => {
    const files = Object.fromEntries(
      [...batches, 'test_batch.bin'].map((name) => [`cifar-10-batches-bin/${name}`, binaryFile(10_000, 10, false)]),
    );
    const meta = Buffer.from(`${names10.join('\n')}\n`);
    const whole = await archive('cifar-10-binary.tar', { 'cifar-10-batches-bin/batches.meta.txt': meta, ...files });
    const part = await archive('cifar-100-binary.tar', cifar100(100));
    for (const [file, name] of [
      [whole, 'cifar10'],
      [part, 'cifar100'],
    ] as const) {
      await json('datasets', 'import', file, '--name', name);
    }
  }, 180_000);

  it.each(Object.entries(paper))('%s plans runs with exactly the settings of the paper', async (id, expected) => {
    const is100 = id.includes('100') || id === 'fig2-resnet50';
    const { deviations, configs } = await json<DryRun>(
      'recipe',
      'run',
      id,
      '--dataset',
      is100 ? 'cifar100' : 'cifar10',
      '--dry-run',
    );
    // the whole archive is the paper's data; of the small one its size is told, and nothing else is different
    expect(deviations).toEqual(is100 ? ['500 training and 100 test images in place of 50,000 and 10,000.'] : []);
    expect(configs).toHaveLength(3 * expected.length);
    configs.forEach((config, i) => {
      const [optimizer, learningRate, weightDecay, pMax] = expected[i % expected.length]!;
      expect(config).toMatchObject({
        epochs: 200,
        batchSize: 128,
        seed: Math.floor(i / expected.length),
        model: { preset: models[id] ?? id.split('-')[1], options: { width: 1 } },
        optimizer: { id: optimizer, hyperparameters: { weightDecay } },
        learningRate: { base: learningRate, kind: 'cosine', end: 0, warmup: { length: 5, unit: 'epochs' } },
        augmentation: { padCrop: 4, horizontalFlip: 0.5 },
        split: { validation: 0 },
        weightDecayScope: 'all',
      });
      expect(config.split.trainFraction).toBeUndefined();
      const p = pMax === undefined ? {} : { kind: 'cosine', pMax, pEnd: 2, per: 'epoch' };
      expect(config.pSchedule).toMatchObject(p);
      expect(config.optimizer.hyperparameters).toMatchObject(momentum[optimizer] ?? {});
    });
  });

  it('start at full size, tell how long they will take, stop at a checkpoint and go on from there', async () => {
    const steps = 200 * Math.ceil(50_000 / 128);
    const args = ['recipe', 'run', 'cifar10-vgg11', '--dataset', 'cifar10', '--seeds', '0', '--device', 'onnx-cpu'];
    const untilStopped = async (): Promise<{ stderr: string; study: ShownStudy; run: Run }> => {
      const command = startCommand([...args, '--data-dir', dataDir]);
      await command.says('ETA');
      command.process.kill('SIGINT');
      const { code, stderr } = await command.result;
      expect(code, stderr).toBe(130);
      const [{ id } = { id: '' }] = await json<Study[]>('study', 'list');
      const study = await json<ShownStudy>('study', 'show', id);
      return { stderr, study, run: await json<Run>('runs', 'show', study.runs[0]!.runId!) };
    };
    const first = await untilStopped();
    expect(first.stderr).toContain('4 runs of 4 settings');
    expect(first.stderr).toContain('As the paper states it.');
    expect(first.study).toMatchObject({ status: 'stopped', counts: { done: 0, failed: 0 } });
    expect(first.study.claimCard).toMatchObject({
      deviations: [],
      command: 'npx lp-workbench recipe run cifar10-vgg11 --dataset cifar10 --seeds 0',
    });
    expect(first.run).toMatchObject({ totalSteps: steps, parameterCount: 9_231_114 });
    expect(first.run.status).toMatch(/^(?:paused|stopped)$/);
    expect(first.run.step).toBeGreaterThan(0);
    expect(first.run.latest['loss']).toBeGreaterThan(0);
    const second = await untilStopped();
    expect(second.study.id).toBe(first.study.id);
    expect(second.run.id).toBe(first.run.id);
    expect(second.run.step).toBeGreaterThan(first.run.step);
  }, 240_000);

  it('say everywhere what was scaled: before the start, in the name, the table, the claim card and the report', async () => {
    const out = path.join(folder, 'scaled');
    const { stderr, code } = await call(
      'recipe',
      'run',
      'cifar100-vgg11',
      '--dataset',
      'cifar100',
      '--epochs',
      '1',
      '--data-fraction',
      '0.5',
      '--width',
      '0.0625',
      '--seeds',
      '0',
      '--device',
      'onnx-cpu',
      '--out',
      out,
    );
    expect(code, stderr).toBe(0);
    const deviations = [
      '500 training and 100 test images in place of 50,000 and 10,000.',
      '1 epoch in place of 200; warm-up, cosine and p keep their shape.',
      'Trained on 50 % of the training rows.',
      'Channels times 0.0625.',
    ];
    for (const line of deviations) expect(stderr).toContain(`- ${line}\n`);
    const [study] = await json<Study[]>('study', 'list');
    expect(study!.name).toBe(
      'Four optimizers: VGG-11 on CIFAR-100, on cifar100, 1 epoch, 50 % of the data, width 0.0625, seeds 0',
    );
    const { claimCard } = await json<ShownStudy>('study', 'show', study!.id);
    expect(claimCard.deviations).toEqual(deviations);
    const reportAs = async (format: string): Promise<string> => {
      const file = path.join(folder, `report-${format}`);
      const without = ['confusion', 'worst'].flatMap((section) => ['--without', section]);
      await json('report', study!.id, '--format', format, '--out', file, ...without);
      return readFile(format === 'md' ? path.join(file, 'README.md') : file, 'utf8');
    };
    const data = JSON.parse(await reportAs('json')) as {
      besidePaper: { deviations: string[]; lines: object[] };
    };
    expect(data.besidePaper.deviations).toEqual(deviations);
    expect(data.besidePaper.lines).toHaveLength(4);
    const page = await readFile(path.join(out, 'README.md'), 'utf8');
    for (const line of deviations) expect(page).toContain(line);
    for (const format of ['html', 'md']) {
      const text = await reportAs(format);
      expect(text).toContain('What deviates from the paper');
      expect(text).toContain('Channels times 0');
    }
  }, 240_000);
});
