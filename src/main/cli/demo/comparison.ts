import type { Run } from '../../../core/contract/runs.ts';
import { findOptimizer } from '../../../core/optimizers/catalogue.ts';
import { formatDuration, formatNumber } from '../terminal/formats.ts';
import { renderTable } from '../terminal/table.ts';

/** What several runs of one optimizer that differ by their seed have in common. */
export interface ComparisonRow {
  optimizer: string;
  runs: number;
  testAccuracy: MeanAndSpread;
  trainLoss: MeanAndSpread;
  /** seconds of training, summed over the runs */
  trainSeconds: number;
  runIds: string[];
}

/** Mean and sample standard deviation (n - 1); the deviation of a single value is 0. */
export interface MeanAndSpread {
  mean: number;
  spread: number;
}

export function meanAndSpread(values: readonly number[]): MeanAndSpread {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, spread: values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : 0 };
}

/** One row per optimizer, in the order in which they first appear. */
export function compareRuns(runs: readonly Run[]): ComparisonRow[] {
  return [...Map.groupBy(runs, (run) => run.config.optimizer.id)].map(([optimizer, group]) => ({
    optimizer,
    runs: group.length,
    testAccuracy: meanAndSpread(group.map((run) => run.latest['testAccuracy'] ?? Number.NaN)),
    trainLoss: meanAndSpread(group.map((run) => run.latest['trainLoss'] ?? Number.NaN)),
    trainSeconds: group.reduce((sum, run) => sum + run.trainSeconds, 0),
    runIds: group.map((run) => run.id),
  }));
}

function percentText({ mean, spread }: MeanAndSpread): string {
  return `${(100 * mean).toFixed(2)} ± ${(100 * spread).toFixed(2)} %`;
}

export function comparisonTable(rows: readonly ComparisonRow[]): string {
  return renderTable(
    [
      { title: 'Optimizer' },
      { title: 'Test accuracy', align: 'right' },
      { title: 'Train loss', align: 'right' },
      { title: 'Seeds', align: 'right' },
      { title: 'Time', align: 'right' },
    ],
    rows.map((row) => [
      findOptimizer(row.optimizer).name,
      percentText(row.testAccuracy),
      formatNumber(row.trainLoss.mean),
      String(row.runs),
      formatDuration(row.trainSeconds),
    ]),
  );
}
