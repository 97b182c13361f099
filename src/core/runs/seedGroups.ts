import type { Run } from '../contract/runs.ts';
import { findOptimizer } from '../optimizers/catalogue.ts';
import { meanAndSpread, type MeanAndSpread } from './meanAndSpread.ts';

/** Runs that agree in everything but the seed. */
export interface SeedGroup {
  /** equal for runs of one group; stable between sessions */
  key: string;
  name: string;
  runs: Run[];
  /** in ascending order, without repeats */
  seeds: number[];
}

/**
 * Equal for two runs exactly when they differ in nothing but the seed. A checked configuration lists its settings in one
 * order, whoever wrote it, so that its text can be compared.
 */
export function seedGroupKey({ config, parent }: Pick<Run, 'config' | 'parent'>): string {
  const readsP = findOptimizer(config.optimizer.id).usesPSchedule;
  return JSON.stringify([{ ...config, seed: null, pSchedule: readsP ? config.pSchedule : null }, parent]);
}

/** The runs by group, in the order in which groups first appear. A run of another program stands alone: its seed is not known. */
export function groupBySeed(runs: readonly Run[]): SeedGroup[] {
  return [...Map.groupBy(runs, (run) => (run.origin ? run.id : seedGroupKey(run)))].map(([key, members]) => ({
    key,
    name: groupName(members),
    runs: members,
    seeds: [...new Set(members.map((run) => run.config.seed))].toSorted((a, b) => a - b),
  }));
}

/** Mean and spread of a metric's last values over a group; null when no run of it has any. */
export function groupMetric(group: SeedGroup, key: string): MeanAndSpread | null {
  return meanAndSpread(group.runs.map((run) => run.latest[key]));
}

/** The name that the runs share once `seed 3` at the end is taken off; otherwise the first run's name. */
function groupName(runs: readonly Run[]): string {
  const first = runs[0]!.name;
  if (runs.length === 1) return first;
  const names = new Set(runs.map((run) => run.name.replace(/[\s,·-]*\bseed\s*\d+\s*$/i, '').trim()));
  const [shared] = names;
  return names.size === 1 && shared ? shared : first;
}
