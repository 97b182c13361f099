import { execFileSync, fork } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createGenerator } from '../../src/core/random/generator.ts';
import { benchImageDatasets } from './imageDatasets.ts';
import { formatTable, summarise } from './statistics.ts';

/** A Python with pandas, Pillow and, for its own line, pyarrow; BENCH_PYTHON names another. */
export const python = process.env['BENCH_PYTHON'] ?? '/usr/bin/python3';
const rows = 1_000_000;
const repeats = 3;

/** One way to bring a file in, timed in a process of its own. */
export interface Measured {
  what: string;
  wallSeconds: number;
  cpuSeconds: number;
  peakMiB: number;
}

/** 28 columns of numbers, one of four words, and a class: 220 MB. */
function writeCsv(file: string): void {
  const generator = createGenerator(1, 'bench/csv');
  const out = openSync(file, 'w');
  const names = [
    ...Array.from({ length: 20 }, (_, i) => `f${i}`),
    ...Array.from({ length: 8 }, (_, i) => `i${i}`),
    'word',
    'label',
  ];
  writeSync(out, `${names.join(',')}\n`);
  const words = ['red', 'green', 'blue', 'black'];
  let text = '';
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < 20; i++) text += `${generator.nextNormal().toFixed(6)},`;
    for (let i = 0; i < 8; i++) text += `${generator.nextInt(1_000)},`;
    text += `${words[generator.nextInt(4)]},${'abc'[generator.nextInt(3)]}\n`;
    if (text.length > 2 ** 20) {
      writeSync(out, text);
      text = '';
    }
  }
  writeSync(out, text);
  closeSync(out);
}

/** Imports files in a process like the workbench's own. */
export function measureImport(paths: readonly string[], tempDir: string): Promise<Measured> {
  const program = path.join(import.meta.dirname, 'importOnce.ts');
  const child = fork(program, [tempDir, ...paths], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  return new Promise((resolve, reject) => {
    child.on('message', (measured) =>
      resolve({ what: 'lp-workbench import', ...(measured as Omit<Measured, 'what'>) }),
    );
    child.on('exit', (code) => code !== 0 && reject(new Error(`the import ended with exit code ${code}`)));
  });
}

/** Runs Python statements; null when Python or a package is missing. */
export function measurePython(what: string, statements: string): Measured | null {
  const program = [
    'import json, resource, time',
    'wall, cpu = time.perf_counter(), time.process_time()',
    statements,
    'peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024',
    'print(json.dumps({"wallSeconds": time.perf_counter() - wall, "cpuSeconds": time.process_time() - cpu, "peakMiB": peak}))',
  ].join('\n');
  try {
    const said = execFileSync(python, ['-c', program], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    return { what, ...(JSON.parse(said) as Omit<Measured, 'what'>) };
  } catch (error) {
    console.log(
      `${what} did not run: ${String((error as { stderr?: string }).stderr ?? error)
        .trim()
        .split('\n')
        .at(-1)}`,
    );
    return null;
  }
}

/** Medians of several rounds, in which every way has its turn, so that what else the machine does hits all alike. */
export async function compare(ways: readonly (() => Promise<Measured | null>)[]): Promise<void> {
  const all = new Map<string, Measured[]>();
  for (let round = 0; round < repeats; round++) {
    for (const way of ways) {
      const measured = await way();
      if (measured) all.set(measured.what, [...(all.get(measured.what) ?? []), measured]);
    }
  }
  const table = [...all].map(([what, measures]) => [
    what,
    summarise(measures.map(({ wallSeconds }) => wallSeconds)).median.toFixed(2),
    summarise(measures.map(({ cpuSeconds }) => cpuSeconds)).median.toFixed(2),
    Math.max(...measures.map(({ peakMiB }) => peakMiB)).toFixed(0),
  ]);
  console.log(formatTable(['way', 'wall s', 'CPU s', 'peak MiB'], table));
}

async function benchCsv(dir: string): Promise<void> {
  const file = path.join(dir, 'table.csv');
  writeCsv(file);
  console.log(
    `CSV of ${rows.toLocaleString('en')} rows and 30 columns, ${(statSync(file).size / 2 ** 20).toFixed(0)} MiB`,
  );
  const quoted = JSON.stringify(file);
  const read = `import pandas as pd\nframe = pd.read_csv(${quoted})`;
  // what the import makes of it: one-hot features, parts, statistics of the training part, float32 in .npy files
  const whole = [
    read,
    'import numpy as np',
    'y = frame.pop("label").astype("category").cat.codes.to_numpy("int32")',
    'x = pd.get_dummies(frame).to_numpy("float32")',
    'part = np.random.default_rng(0).random(len(x)) < 0.2',
    'mean, deviation = x[~part].mean(0), x[~part].std(0)',
    `np.save(${JSON.stringify(path.join(dir, 'x.npy'))}, x)`,
    `np.save(${JSON.stringify(path.join(dir, 'y.npy'))}, y)`,
  ].join('\n');
  await compare([
    () => measureImport([file], dir),
    async () => measurePython('pandas: read_csv alone', read),
    async () => measurePython('pandas: read_csv, float32, .npy', whole),
    async () => measurePython('pyarrow: read_csv alone', `import pyarrow.csv\ntable = pyarrow.csv.read_csv(${quoted})`),
  ]);
}

/** Imports of large datasets beside the Python libraries that people use for them, in the same run. */
export async function benchDatasets(args: readonly string[]): Promise<void> {
  const dir = mkdtempSync(path.join(tmpdir(), 'lp-workbench-bench-'));
  try {
    await benchCsv(dir);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
  await benchImageDatasets(args);
}
