import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { temporaryFolders } from '../main/services/testApp.ts';
import { childrenOf, isAlive, observe, programOver, sleep } from './trainingProgram.ts';

const folders = temporaryFolders();
afterAll(folders.remove);

const spec = {
  base: {
    model: { preset: 'mlp', options: { hidden: [16] } },
    device: 'wasm',
    threads: 1,
    epochs: 5,
    batchSize: 16,
    checkpoint: { everyEpochs: 1, everySeconds: 0.4 },
  },
  optimizers: [{ id: 'lpsgdm', settings: { 'learningRate.base': 0.01 } }],
  search: { kind: 'grid', axes: [{ path: 'learningRate.base', values: [0.03, 0.01, 1e-7] }] },
  seeds: [0],
  stopping: { kind: 'median', minEpochs: 2, minRuns: 2 },
};

interface ShownStudy {
  id: string;
  status: string;
  results: { setting: object; testAccuracy: unknown; bestMinusThis: unknown; adjustedP: unknown; runs: object[] }[];
  verdict: object;
}
/** The table without the ids of runs, which no two runs share. */
const tableOf = ({ status, results, verdict }: ShownStudy) => ({
  status,
  verdict,
  results: results.map(({ runs, ...row }) => ({ ...row, runs: runs.map((run) => ({ ...run, runId: null })) })),
});

it('a study killed in the middle and started again ends with the same table as one that was not killed', async () => {
  const whole = folders.create();
  const file = path.join(folders.create(), 'rates.json');
  writeFileSync(file, JSON.stringify(spec));
  const expected = await programOver(whole).json<ShownStudy>('study', 'run', file);
  expect(expected.status).toBe('completed');
  expect(JSON.stringify(expected.results)).toContain('"state":"pruned"');

  const dataDir = folders.create();
  const program = programOver(dataDir);
  const command = program.start('study', 'run', file);
  // in the middle of the second of its three runs
  for (let isSecond = false; !isSecond; await sleep(10)) {
    const observer = observe(dataDir);
    const runs = observer?.all() ?? [];
    observer?.close();
    isSecond =
      runs.some(({ status }) => status === 'completed') &&
      runs.some(({ status, step }) => status === 'running' && step > 100);
  }
  const workers = childrenOf(command.process.pid!);
  command.process.kill('SIGKILL');
  await command.result;
  for (const worker of workers) while (isAlive(worker)) await sleep(10);

  const left = await program.json<ShownStudy>('study', 'show', 'rates');
  expect(left.status).toBe('interrupted');
  const resumed = await program.json<ShownStudy>('study', 'run', left.id);
  expect(tableOf(resumed)).toEqual(tableOf(expected));
}, 240_000);
