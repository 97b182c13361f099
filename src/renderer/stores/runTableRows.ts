import type { Run } from '../../core/contract/runs.ts';
import type { RunPredicate } from '../../core/filter/compileFilter.ts';
import { meanAndSpread } from '../../core/runs/meanAndSpread.ts';
import { groupBySeed, type SeedGroup } from '../../core/runs/seedGroups.ts';
import type { RunColumn } from './runTableColumns.ts';

export type TableRow =
  | { kind: 'run'; key: string; run: Run; isMember: boolean }
  | { kind: 'group'; key: string; group: SeedGroup; isOpen: boolean };

export interface Sort {
  /** a column's key, or `name` */
  key: string;
  direction: 'ascending' | 'descending';
}

/** Runs are given newest first; this is what stands when nothing else is asked for. */
export const defaultSort: Sort = { key: 'created', direction: 'descending' };

type SortKey = string | number | undefined;

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

function compareKeys(a: SortKey, b: SortKey): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return collator.compare(String(a), String(b));
}

/** Sorted by a key that is computed once per item; those without one come last in both directions. Stable. */
function sortedBy<Item>(items: readonly Item[], keyOf: (item: Item) => SortKey, isDescending: boolean): Item[] {
  const keyed = items.map((item) => ({ item, key: keyOf(item) }));
  const sign = isDescending ? -1 : 1;
  keyed.sort((a, b) => {
    if (a.key === undefined || b.key === undefined) return Number(a.key === undefined) - Number(b.key === undefined);
    return sign * compareKeys(a.key, b.key);
  });
  return keyed.map(({ item }) => item);
}

/** The value a group is sorted by: the mean of numbers, else what its first run has. */
function groupSortKey(group: SeedGroup, keyOf: (run: Run) => SortKey): SortKey {
  const keys = group.runs.map(keyOf);
  const numbers = keys.filter((key) => typeof key === 'number');
  return numbers.length > 0 ? meanAndSpread(numbers)?.mean : keys.find((key) => key !== undefined);
}

export interface RowOptions {
  matches: RunPredicate;
  sort: Sort;
  columns: readonly RunColumn[];
  isGrouped: boolean;
  openGroups: ReadonlySet<string>;
}

export interface TableRows {
  rows: TableRow[];
  /** the runs that match, in the order of the rows, those of closed groups too */
  runs: Run[];
}

/** The rows of the table: filtered, grouped if asked for, sorted. A group of one run is a plain row. */
export function tableRows(runs: readonly Run[], options: RowOptions): TableRows {
  const { sort, columns, isGrouped, openGroups } = options;
  const column = columns.find(({ key }) => key === sort.key);
  const keyOf = (run: Run): SortKey => (sort.key === 'name' ? run.name : column?.sortValue(run));
  const isDescending = sort.direction === 'descending';
  const matching = sortedBy(runs.filter(options.matches), keyOf, isDescending);
  if (!isGrouped) {
    return { rows: matching.map((run) => ({ kind: 'run', key: run.id, run, isMember: false })), runs: matching };
  }
  const groups = sortedBy(groupBySeed(matching), (group) => groupSortKey(group, keyOf), isDescending);
  const rows = groups.flatMap((group): TableRow[] => {
    const single = group.runs.length === 1;
    const members = group.runs.map((run): TableRow => ({ kind: 'run', key: run.id, run, isMember: !single }));
    if (single) return members;
    const isOpen = openGroups.has(group.key);
    return [{ kind: 'group', key: group.key, group, isOpen }, ...(isOpen ? members : [])];
  });
  return { rows, runs: groups.flatMap((group) => group.runs) };
}
