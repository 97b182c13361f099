import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { formatTable, summarise } from './statistics.ts';
import { startDevice, type StepProcess } from './stepProcess.ts';
import { benchHyper, type BenchOptimizer } from './stepUpdates.ts';
import { startTorch, writeModelFiles } from './torch.ts';

const sizes = [1_000_000, 11_000_000];
const rounds = 7;
const stepsPerRound = 3;

/** Memory an ideal update moves for each weight: theta and the state read and written, the gradient read. */
const bytesPerWeight: Record<BenchOptimizer, number> = { sgdm: 20, lpsgdm: 20, adamw: 28 };

interface Contender {
  name: string;
  process: StepProcess;
  fused: boolean;
}

/** Cost of one optimizer step on one weight vector, fused and composed of tensor operations, beside PyTorch. */
export async function benchOptimizerStep(): Promise<void> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lp-bench-'));
  const processes: StepProcess[] = [];
  try {
    writeModelFiles(folder);
    const contenders: Contender[] = [];
    const torch = await startTorch(folder, 2);
    if (torch) {
      processes.push(torch);
      contenders.push({ name: 'torch', process: torch, fused: false });
    }
    for (const threads of [2, 1]) {
      const process = await startDevice('wasm', threads);
      processes.push(process);
      contenders.push({ name: `wasm ${threads}T fused`, process, fused: true });
      contenders.push({ name: `wasm ${threads}T composed`, process, fused: false });
    }
    for (const size of sizes) await benchSize(size, contenders);
  } finally {
    for (const process of processes) await process.close();
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

async function benchSize(size: number, contenders: readonly Contender[]): Promise<void> {
  const rows: string[][] = [];
  for (const optimizer of Object.keys(benchHyper) as BenchOptimizer[]) {
    const times = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
    for (let round = -1; round < rounds; round++) {
      for (const { name, process, fused } of contenders) {
        const hyper = benchHyper[optimizer];
        const { ms } = await process.ask({ optimizer, size, fused, steps: stepsPerRound, hyper });
        // round -1 warms up
        if (round >= 0) times.get(name)!.push(...ms);
      }
    }
    const yardstick = summarise(times.get('torch') ?? []).median;
    for (const { name } of contenders) {
      const { median, min, spread } = summarise(times.get(name)!);
      const ratio = median / yardstick;
      rows.push([
        `${optimizer} ${name}`,
        median.toFixed(2),
        min.toFixed(2),
        spread.toFixed(2),
        ((size * bytesPerWeight[optimizer]) / (median * 1e6)).toFixed(1),
        Number.isNaN(ratio) ? '-' : ratio.toFixed(2),
      ]);
    }
  }
  console.log(`\n${(size / 1e6).toFixed(0)} M parameters`);
  console.log(formatTable(['ms per step', 'median', 'min', 'iqr', 'GB/s', 'x torch'], rows));
}
