import { parseRunConfig, type RunConfigInput } from '../../../src/core/contract/runConfig.ts';
import type { Run } from '../../../src/core/contract/runs.ts';
import { openStorage } from '../../../src/main/storage/openStorage.ts';
import { storedRun } from '../../main/storage/storageFixtures.ts';

export const manyRuns = 10_000;
export const liveRuns = 50;
export const pointsOfLiveRun = 2_000;
export const pointsOfLongRun = 1_000_000;
export const longRunId = 'long-run';
export const liveRunId = (index: number): string => `live-${String(index).padStart(2, '0')}`;

const startMs = Date.UTC(2026, 0, 1);
const optimizers = ['lpsgdm', 'lpsgd', 'sgdm', 'adamw', 'lion'] as const;
const pointsPerCommit = 20_000;

const configOf = (changes: RunConfigInput): Run['config'] => parseRunConfig({ dataset: { id: 'digits' }, ...changes });

/** A noisy curve that falls. */
export const lossAt = (step: number, run = 0): number =>
  2.3 * Math.exp(-step / 600) + 0.05 + 0.02 * Math.sin(step * 12.9898 + run);

type Columns = Record<string, { steps: number[]; values: number[] }>;

function columnsOf(first: number, last: number, run: number): Columns {
  const steps = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  return {
    loss: { steps, values: steps.map((step) => lossAt(step, run)) },
    elapsedSeconds: { steps, values: steps.map((step) => step / 100) },
    p: { steps, values: steps.map((step) => 2 + 4 * Math.exp(-step / 1_000)) },
  };
}

/** Stores thousands of finished runs, runs that are to look alive, and one with a million points. */
export async function storeRuns(dataDir: string): Promise<void> {
  const storage = openStorage({ dataDir, readOnly: false });
  const finished = (id: string, index: number, config: Run['config'], steps: number, status: Run['status']): Run =>
    storedRun(id, {
      name: `${config.optimizer.id} mlp digits ${id}`,
      status,
      config,
      createdAtMs: startMs + index * 60_000,
      startedAtMs: startMs + index * 60_000,
      totalSteps: steps,
      stepsPerEpoch: 100,
    });
  const commitAll = (runId: string, points: number, run: number): void => {
    for (let first = 1; first <= points; first += pointsPerCommit) {
      const last = Math.min(points, first + pointsPerCommit - 1);
      storage.metrics.commit({ runId, step: last, trainSeconds: last / 100, series: columnsOf(first, last, run) });
    }
  };
  try {
    storage.runs.atomically(() => {
      for (let i = 0; i < manyRuns; i++) {
        const id = `run-${String(i).padStart(5, '0')}`;
        const config = configOf({ optimizer: { id: optimizers[i % optimizers.length]! }, seed: i % 3 });
        storage.runs.insert(finished(id, i, config, 480, 'completed'));
        const last = { steps: [480], values: [0.9 + ((i * 37) % 1_000) / 10_000] };
        const series = { testAccuracy: last, trainLoss: { steps: [480], values: [0.01 + (i % 97) / 100] } };
        storage.metrics.commit({ runId: id, step: 480, trainSeconds: 9, series });
      }
    });
    for (let i = 0; i < liveRuns; i++) {
      const config = configOf({ optimizer: { id: 'lpsgdm' }, learningRate: { base: 0.001 * (i + 1) } });
      const id = liveRunId(i);
      storage.runs.insert(finished(id, manyRuns + i, config, 100_000, 'paused'));
      commitAll(id, pointsOfLiveRun, i);
    }
    storage.runs.insert(finished(longRunId, manyRuns + liveRuns, configOf({}), pointsOfLongRun, 'completed'));
    commitAll(longRunId, pointsOfLongRun, 0);
  } finally {
    await storage.close();
  }
}
