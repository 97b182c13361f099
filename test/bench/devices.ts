import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { benchModels, type ModelId } from './models.ts';
import { formatTable, summarise } from './statistics.ts';
import { startDevice, type StepProcess, type StepReply } from './stepProcess.ts';
import { startTorch, writeModelFiles } from './torch.ts';
import { bytesPerWeight, type BenchOptimizer } from './updates.ts';

const sizes = [1_000_000, 11_000_000];
const optimizers: readonly BenchOptimizer[] = ['lpsgdm', 'sgdm'];
const updates: readonly BenchOptimizer[] = ['sgdm', 'lpsgdm', 'adamw'];
const allDevices = [
  'onnx-cpu',
  'wasm',
  'tfjs',
  'native',
  'webgpu',
  'onnx-webgpu',
  'cuda',
  'onnx-cuda',
  'onnx-dml',
  'onnx-coreml',
];
const yardstickName = 'torch';

interface Contender {
  name: string;
  process: StepProcess;
}

interface Times {
  ms: number[];
  cpuMs: number[];
  losses: number[];
  compiled: NonNullable<StepReply['compiled']>;
  error?: string;
}

const flags = { threads: { type: 'string', default: '2' }, rounds: { type: 'string', default: '6' } } as const;

/**
 * npm run bench -- devices [--threads N] [--rounds N] [DEVICE | MODEL | updates ...]: ms per training step on each device
 * and in PyTorch, same weights and data, in interleaved rounds; then the optimizer's step alone. Without names:
 * everything that works here. On a busy machine compare processor time, with one thread: threads that wait count.
 */
export async function benchDevices(args: readonly string[]): Promise<void> {
  const { values, positionals: names } = parseArgs({ args: [...args], options: flags, allowPositionals: true });
  const [threads, rounds] = [Number(values.threads), Number(values.rounds)];
  const modelIds = Object.keys(benchModels) as ModelId[];
  const known = [...modelIds, ...allDevices, 'updates'];
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new Error(`"${unknown}" is none of ${known.join(', ')}.`);
  const chosen = (from: readonly string[]): string[] => from.filter((name) => names.includes(name));
  const parts = chosen([...modelIds, 'updates']);
  const takesPart = (part: string): boolean => parts.length === 0 || parts.includes(part);
  const devices = chosen(allDevices);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lp-bench-'));
  const contenders: Contender[] = [];
  try {
    writeModelFiles(folder);
    const torch = await startTorch(folder, threads);
    if (torch) contenders.push({ name: yardstickName, process: torch });
    for (const device of devices.length > 0 ? devices : allDevices) {
      try {
        const process = await startDevice(device, threads);
        contenders.push({ name: device, process });
        console.log(`${device}: ${process.ready.ready}`);
      } catch (error) {
        console.log(`${device}: not measured. ${reasonOf(error)}`);
      }
    }
    for (const model of modelIds) if (takesPart(model)) await benchModel(model, contenders, rounds);
    for (const size of sizes) if (takesPart('updates')) await benchUpdates(size, contenders, rounds);
  } finally {
    for (const { process } of contenders) await process.close();
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** The sentence in what a process wrote before it ended. */
function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return /AppError: (.*)/.exec(text)?.[1] ?? /\w*Error: (.*)/.exec(text)?.[1] ?? text.trim().split('\n')[0]!;
}

/** Asks every contender in turn, round after round; the first round is not measured. */
async function interleave(
  contenders: readonly Contender[],
  rounds: number,
  request: Record<string, unknown>,
  steps: number,
) {
  const times = new Map<string, Times>(
    contenders.map(({ name }) => [name, { ms: [], cpuMs: [], losses: [], compiled: [] }]),
  );
  for (let round = 0; round <= rounds; round++) {
    for (const { name, process } of contenders) {
      const own = times.get(name)!;
      if (own.error !== undefined) continue;
      const reply = await process.ask({ ...request, steps: round === 0 ? checkedSteps(steps) : steps });
      if (reply.error !== undefined) own.error = reply.error;
      else if (round === 0) Object.assign(own, { losses: reply.losses, compiled: reply.compiled ?? [] });
      else {
        own.ms.push(...reply.ms);
        own.cpuMs.push(reply.cpuMs);
      }
    }
  }
  return times;
}

/** Steps of the first round, whose losses are compared. */
const checkedSteps = (steps: number): number => Math.min(8, Math.max(2, steps));

async function benchModel(id: ModelId, contenders: readonly Contender[], rounds: number): Promise<void> {
  const { title, batchSize, plan, steps } = benchModels[id];
  const header = ['ms per step', 'median', 'x torch', 'min', 'iqr', 'CPU ms', 'loss off', 'trace', 'session'];
  const rows: string[][] = [];
  for (const optimizer of optimizers) {
    const times = await interleave(contenders, rounds, { model: id, optimizer }, steps);
    const yardstick = times.get(yardstickName);
    for (const [name, own] of times) {
      const label = `${optimizer} ${name}`;
      if (own.error !== undefined) {
        rows.push([label, 'cannot', ...header.slice(2).map(() => '-')]);
        console.log(`${label}: ${own.error}`);
        continue;
      }
      const { median, min, spread } = summarise(own.ms);
      const [compiled] = own.compiled;
      rows.push([
        label,
        median.toFixed(2),
        yardstick ? (median / summarise(yardstick.ms).median).toFixed(2) : '-',
        min.toFixed(2),
        spread.toFixed(2),
        summarise(own.cpuMs).median.toFixed(2),
        yardstick ? largestDifference(own.losses, yardstick.losses).toExponential(1) : '-',
        compiled ? compiled.traceMs.toFixed(0) : '-',
        compiled ? compiled.sessionMs.toFixed(0) : '-',
      ]);
    }
  }
  console.log(`\n${title}, batch ${batchSize}, ${plan.parameterCount} parameters`);
  console.log(formatTable(header, rows));
}

async function benchUpdates(size: number, contenders: readonly Contender[], rounds: number): Promise<void> {
  const copies = await interleave(contenders, rounds, { copy: size }, 5);
  const header = ['ms per update', 'median', 'x torch', 'x SGDM', 'GB/s', 'of a copy', 'CPU ms'];
  const rows: string[][] = [];
  const sgdm = new Map<string, number>();
  for (const optimizer of updates) {
    const times = await interleave(contenders, rounds, { size, optimizer }, 5);
    const yardstick = times.get(yardstickName);
    for (const [name, own] of times) {
      if (own.error !== undefined) continue;
      const { median } = summarise(own.ms);
      if (optimizer === 'sgdm') sgdm.set(name, median);
      const rate = (size * bytesPerWeight(optimizer)) / (median * 1e6);
      const copyRate = (size * 8) / (summarise(copies.get(name)!.ms).median * 1e6);
      rows.push([
        `${optimizer} ${name}`,
        median.toFixed(2),
        yardstick ? (median / summarise(yardstick.ms).median).toFixed(2) : '-',
        (median / (sgdm.get(name) ?? Number.NaN)).toFixed(2),
        rate.toFixed(1),
        (rate / copyRate).toFixed(2),
        summarise(own.cpuMs).median.toFixed(2),
      ]);
    }
  }
  console.log(`\nOptimizer step alone, ${size / 1e6} M parameters; the copy is one of its process, on one thread`);
  console.log(formatTable(header, rows));
}

/** Largest relative difference of the first losses. */
function largestDifference(own: readonly number[], other: readonly number[]): number {
  return Math.max(...own.map((loss, step) => Math.abs(loss - other[step]!) / Math.abs(other[step]!)));
}
