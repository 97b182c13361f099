import { describe, expect, it } from 'vitest';
import { FilterVocabulary } from '../../../src/core/filter/filterFields.ts';
import { runColumns, seedRanges } from '../../../src/renderer/stores/runTableColumns.ts';
import { tableRows, type RowOptions, type TableRow } from '../../../src/renderer/stores/runTableRows.ts';
import { madeRun } from '../../core/runs/madeRun.ts';

const columns = runColumns(new FilterVocabulary({ metricKeys: ['curvature', 'learningRate'], nowMs: () => 0 }));
const column = (key: string) => columns.find((candidate) => candidate.key === key)!;

const runs = [
  madeRun({ seed: 0 }, { id: 'a', name: 'ten 10', latest: { testAccuracy: 0.92, trainLoss: 0.4 }, createdAtMs: 30 }),
  madeRun({ optimizer: { id: 'adamw' } }, { id: 'b', name: 'two 2', latest: {}, createdAtMs: 20 }),
  madeRun({ seed: 1 }, { id: 'c', name: 'ten 11', latest: { testAccuracy: 0.96, trainLoss: 0.2 }, createdAtMs: 10 }),
];

const options: RowOptions = {
  matches: () => true,
  sort: { key: 'created', direction: 'descending' },
  columns,
  isGrouped: false,
  openGroups: new Set(),
};
const idsOf = (rows: readonly TableRow[]): string[] =>
  rows.map((row) => (row.kind === 'run' ? row.run.id : `${row.group.runs.map(({ id }) => id).join('+')}`));

describe('the rows of the table', () => {
  it('are filtered and sorted, numbers in names by their value', () => {
    const byName = { ...options, sort: { key: 'name', direction: 'ascending' } as const };
    expect(idsOf(tableRows(runs, byName).rows)).toEqual(['a', 'c', 'b']);
    expect(idsOf(tableRows(runs, { ...byName, matches: (run) => run.id !== 'a' }).rows)).toEqual(['c', 'b']);
  });

  it('put runs without a value last in both directions', () => {
    const sorted = (direction: 'ascending' | 'descending') =>
      idsOf(tableRows(runs, { ...options, sort: { key: 'testAccuracy', direction } }).rows);
    expect(sorted('ascending')).toEqual(['a', 'c', 'b']);
    expect(sorted('descending')).toEqual(['c', 'a', 'b']);
  });

  it('keep their order when the sorted column is gone', () => {
    expect(idsOf(tableRows(runs, { ...options, sort: { key: 'gone', direction: 'ascending' } }).rows)).toEqual([
      'a',
      'b',
      'c',
    ]);
  });

  it('group runs by seed; a group of one is a plain row', () => {
    const closed = tableRows(runs, { ...options, isGrouped: true });
    expect(idsOf(closed.rows)).toEqual(['a+c', 'b']);
    expect(closed.runs.map(({ id }) => id)).toEqual(['a', 'c', 'b']);
    const open = tableRows(runs, { ...options, isGrouped: true, openGroups: new Set([closed.rows[0]!.key]) });
    expect(idsOf(open.rows)).toEqual(['a+c', 'a', 'c', 'b']);
  });

  it('sort groups by the mean of their runs', () => {
    const better = madeRun({ optimizer: { id: 'lion' } }, { id: 'd', latest: { testAccuracy: 0.95 } });
    const sort = { key: 'testAccuracy', direction: 'descending' } as const;
    // the group has 92 and 96 %, a mean of 94 %
    expect(idsOf(tableRows([...runs, better], { ...options, isGrouped: true, sort }).rows)).toEqual(['d', 'c+a', 'b']);
  });
});

describe('the columns of the table', () => {
  it('offer each field once, by its short name', () => {
    const keys = columns.map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys).toEqual(expect.arrayContaining(['learningRate', 'split.test', 'curvature', 'metric.learningRate']));
    expect(keys).not.toContain('learningRate.base');
  });

  it('show values as people read them and nothing for what a run lacks', () => {
    expect(column('testAccuracy').show(runs[0]!)).toBe('92.00 %');
    expect(column('testAccuracy').show(runs[1]!)).toBe('');
    expect(column('epochs').show(runs[0]!)).toBe('40');
    expect(column('pMax').show(runs[1]!)).toBe('');
    expect(column('checkpoint.keepBest').show(runs[0]!)).toBe('yes');
  });

  it('show mean and spread over the seeds of a group, and what its runs share', () => {
    const group = [runs[0]!, runs[2]!];
    // deviations -2 and 2 points; squares sum to 8; over n - 1 = 1; root 2.83
    expect(column('testAccuracy').showGroup(group)).toBe('94.00 ± 2.83 %');
    expect(column('trainLoss').showGroup(group)).toBe('0.3 ± 0.14');
    expect(column('optimizer').showGroup(group)).toBe('lpsgdm');
    expect(column('seed').showGroup(group)).toBe('0–1');
    expect(column('name')).toBeUndefined();
  });

  it('write seeds as ranges', () => {
    expect(seedRanges([3, 0, 1, 2, 7, 7])).toBe('0–3, 7');
  });
});
