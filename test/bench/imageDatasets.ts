import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import type { ImportChoices } from '../../src/core/contract/datasetImport.ts';
import { openDevice } from '../../src/worker/backends/openDevice.ts';
import { runInProcess, wasmDir } from '../worker/engine/runInProcess.ts';
import { python } from './datasets.ts';
import { formatTable } from './statistics.ts';

const script = path.resolve(import.meta.dirname, 'imageDatasets.py');
const importProcess = path.resolve(import.meta.dirname, 'importProcess.ts');

const measuredSchema = z.object({
  seconds: z.number(),
  cpuSeconds: z.number(),
  peakBytes: z.number(),
  dir: z.string().default(''),
  hash: z.string().default(''),
});
type Measured = z.infer<typeof measuredSchema>;

const measured = (program: string, args: readonly string[]): Measured =>
  measuredSchema.parse(JSON.parse(execFileSync(program, args, { maxBuffer: 2 ** 26 }).toString()));

/** Imports of images and what training waits for them, beside Pillow and NumPy. `args`: number of images, 50,000. */
export async function benchImageDatasets(args: readonly string[]): Promise<void> {
  const images = Number(args[0] ?? 50_000);
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'lp-workbench-bench-'));
  let imports = 0;
  const runImport = (choices: Partial<ImportChoices>): Measured => {
    const temp = path.join(dir, `import-${++imports}`);
    fs.mkdirSync(temp);
    return measured(process.execPath, [importProcess, JSON.stringify(choices), temp]);
  };
  try {
    console.log(`making ${images.toLocaleString('en')} images in the layout of CIFAR and as PNG files ...`);
    execFileSync(python, [script, 'make', dir, String(images)]);
    const megabytes = (file: string): string => `${Math.round(fs.statSync(path.join(dir, file)).size / 1e6)} MB`;
    const rows: string[][] = [];
    const compare = (what: string, paths: string, by: string): Measured => {
      const ours = runImport({ paths: [path.join(dir, paths)] });
      const theirs = measured(python, [script, by, dir]);
      const cells = ({ seconds, cpuSeconds, peakBytes }: Measured): string[] => [
        seconds.toFixed(1),
        cpuSeconds.toFixed(1),
        `${Math.round(peakBytes / 2 ** 20)}`,
      ];
      rows.push([`${what}: lp-workbench`, ...cells(ours), (ours.seconds / theirs.seconds).toFixed(2)]);
      rows.push([`${what}: ${by}`, ...cells(theirs), '1']);
      return ours;
    };
    const cifar = compare(`CIFAR tar.gz of ${megabytes('cifar.tar.gz')}`, 'cifar.tar.gz', 'numpy');
    compare(`${images.toLocaleString('en')} PNG of 32 x 32`, 'png', 'pillow');
    console.log(formatTable(['', 'seconds', 'CPU seconds', 'peak MiB', 'ratio'], rows));
    const few = runImport({ paths: [path.join(dir, 'few.tar.gz')] });
    await benchDataWait([
      { preset: 'mlp', dataset: cifar, epochs: 2 },
      { preset: 'cnn', dataset: cifar, epochs: 2 },
      // an epoch of the whole would take a processor an hour
      { preset: 'resnet18', dataset: few, epochs: 1 },
    ]);
  } finally {
    fs.rmSync(dir, { recursive: true, force: true });
  }
}

/** The share of an epoch that is spent waiting for augmented images of the size of CIFAR. */
async function benchDataWait(
  trainings: readonly { preset: string; dataset: Measured; epochs: number }[],
): Promise<void> {
  const device = await openDevice('onnx-cpu', { wasmDir });
  const rows: string[][] = [];
  try {
    for (const { preset, dataset, epochs } of trainings) {
      const { metrics, checkpointDir } = await runInProcess({
        device,
        dataset: { id: 'bench', dir: dataset.dir, hash: dataset.hash },
        config: {
          model: { preset },
          augmentation: { preset: 'cifar' },
          learningRate: { base: 1e-3 },
          epochs,
          checkpoint: { everySeconds: 0 },
        },
      });
      fs.rmSync(checkpointDir, { recursive: true, force: true });
      const shares = [...metrics['dataWaitShare']!.values()];
      const speeds = [...metrics['samplesPerSecond']!.values()].toSorted((a, b) => a - b);
      const speed = speeds[Math.floor(speeds.length / 2)]!;
      rows.push([preset, `${(100 * shares.at(-1)!).toFixed(2)} %`, Math.round(speed).toLocaleString('en')]);
    }
  } finally {
    device.close();
  }
  console.log('');
  console.log(formatTable(['training on onnx-cpu, pad-crop and flip', 'waits for data', 'samples/s'], rows));
}
