import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { benchModels, type ModelId } from './models.ts';
import { formatTable, summarise } from './statistics.ts';
import { startDevice, type StepProcess } from './stepProcess.ts';
import { benchHyper, type BenchOptimizer } from './stepUpdates.ts';
import { startTorch, writeModelFiles } from './torch.ts';

const torchThreads = 2;
const rounds = 6;
const optimizers: readonly BenchOptimizer[] = ['lpsgdm', 'sgdm'];

interface Contender {
  name: string;
  process: StepProcess;
  /** steps before the measured ones, whose losses are compared; 0 compares the measured ones */
  warmUp(model: ModelId): number;
  /** measured steps of each round */
  steps(model: ModelId): number;
  rounds: number;
  /** what it is measured with */
  optimizers(model: ModelId): readonly BenchOptimizer[];
}

const allModels = Object.keys(benchModels) as ModelId[];
const fastSteps: Record<ModelId, number> = { mlp: 30, cnn: 10, residual: 4 };

/** ms per training step on each device and in PyTorch, same weights and data, in interleaved rounds. */
export async function benchBackends(filter: readonly string[]): Promise<void> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lp-bench-'));
  const contenders: Contender[] = [];
  try {
    writeModelFiles(folder);
    const torch = await startTorch(folder, torchThreads);
    const fast = {
      warmUp: () => checkedSteps,
      steps: (model: ModelId) => fastSteps[model],
      rounds,
      optimizers: () => optimizers,
    };
    if (torch) contenders.push({ name: 'torch', process: torch, ...fast });
    for (const [device, threads] of [
      ['wasm', 2],
      ['wasm', 1],
      ['cpu', 1],
    ] as const) {
      const name = device === 'wasm' ? `wasm ${threads}T` : device;
      const process = await startDevice(device, threads);
      // tfjs' cpu device needs minutes for one step of the residual network, whatever the optimizer
      const slow = {
        warmUp: (model: ModelId) => (model === 'residual' ? 0 : 2),
        steps: (model: ModelId) => (model === 'residual' ? 1 : 2),
        rounds: 1,
        optimizers: (model: ModelId) => (model === 'residual' ? (['sgdm'] as const) : optimizers),
      };
      contenders.push({ name, process, ...(device === 'cpu' ? slow : fast) });
    }
    for (const { name, process } of contenders) console.log(`${name}: ${process.ready.ready}`);
    const models = filter.length > 0 ? allModels.filter((model) => filter.includes(model)) : allModels;
    for (const model of models) await benchModel(model, contenders);
  } finally {
    for (const { process } of contenders) await process.close();
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

const checkedSteps = 8;

async function benchModel(model: ModelId, contenders: readonly Contender[]): Promise<void> {
  const times = new Map<string, number[]>();
  const losses = new Map<string, number[]>();
  const takingPart = (optimizer: BenchOptimizer): Contender[] =>
    contenders.filter((contender) => contender.optimizers(model).includes(optimizer));
  for (const optimizer of optimizers) {
    const taking = takingPart(optimizer);
    const ask = (contender: Contender, steps: number) =>
      contender.process.ask({ model, optimizer, steps, hyper: benchHyper[optimizer] });
    for (const contender of taking) {
      const warmUpSteps = contender.warmUp(model);
      if (warmUpSteps > 0) losses.set(`${contender.name} ${optimizer}`, (await ask(contender, warmUpSteps)).losses);
      times.set(`${contender.name} ${optimizer}`, []);
    }
    for (let round = 0; round < rounds; round++) {
      for (const contender of taking.filter((each) => round < each.rounds)) {
        const measured = await ask(contender, contender.steps(model));
        const name = `${contender.name} ${optimizer}`;
        times.get(name)!.push(...measured.ms);
        if (!losses.has(name)) losses.set(name, measured.losses);
      }
    }
  }
  console.log(`\n${benchModels[model].title}`);
  const rows = optimizers.flatMap((optimizer) =>
    takingPart(optimizer).map(({ name }) => {
      const own = summarise(times.get(`${name} ${optimizer}`)!);
      const yardstick = summarise(times.get(`torch ${optimizer}`) ?? []);
      const ratio = own.median / yardstick.median;
      const difference = largestDifference(losses.get(`${name} ${optimizer}`)!, losses.get(`torch ${optimizer}`));
      return [
        `${name} ${optimizer}`,
        own.median.toFixed(2),
        own.min.toFixed(2),
        own.spread.toFixed(2),
        String(own.count),
        Number.isNaN(ratio) ? '-' : ratio.toFixed(2),
        difference === undefined ? '-' : difference.toExponential(1),
      ];
    }),
  );
  console.log(formatTable(['ms per step', 'median', 'min', 'iqr', 'steps', 'x torch', 'loss off'], rows));
}

/** Largest relative difference of the first losses, or undefined without a yardstick. */
function largestDifference(own: readonly number[], other: readonly number[] | undefined): number | undefined {
  if (!other) return undefined;
  return Math.max(...own.map((loss, step) => Math.abs(loss - other[step]!) / Math.abs(other[step]!)));
}
