import type { Run } from '../../../src/core/contract/runs.ts';
import { openStorage } from '../../../src/main/storage/openStorage.ts';

/** Values that every step of a run has, as a worker sends them. */
const perStep = ['loss', 'validationLoss', 'p', 'rho', 'gradientNorm'] as const;
const pointsPerCommit = 20_000;

function valueAt(key: (typeof perStep)[number], step: number, steps: number): number {
  const p = 2 + (4 * (steps - step)) / steps;
  const noise = Math.sin(12.9898 * step) * Math.cos(78.233 * step);
  switch (key) {
    case 'loss':
      return 2.3 * Math.exp((-8 * step) / steps) + 0.05 + 0.04 * (1 + noise);
    case 'p':
      return p;
    case 'rho':
      return (p - 2) / (p - 1);
    case 'validationLoss':
      return 0.3 + 2 * (step / steps - 0.61) ** 2 + 0.05 * noise;
    case 'gradientNorm':
      return Math.exp(noise - (3 * step) / steps);
  }
}

/** Gives a finished run as many points as a long one has, after its own. The program that has the folder must have ended. */
export async function lengthen(dataDir: string, run: Run, points: number): Promise<void> {
  const steps = Math.ceil(points / perStep.length);
  const storage = openStorage({ dataDir, readOnly: false });
  try {
    for (let first = run.step + 1; first <= steps; first += pointsPerCommit) {
      const last = Math.min(steps, first + pointsPerCommit - 1);
      const at = Array.from({ length: last - first + 1 }, (_, i) => first + i);
      const series = Object.fromEntries(
        perStep.map((key) => [key, { steps: at, values: at.map((step) => valueAt(key, step, steps)) }]),
      );
      storage.metrics.commit({ runId: run.id, step: last, trainSeconds: last / 100, series });
    }
    storage.runs.update(run.id, { totalSteps: steps });
  } finally {
    await storage.close();
  }
}
