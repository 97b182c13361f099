import type { Run } from '../../../core/contract/runs.ts';
import { groupBySeed } from '../../../core/runs/seedGroups.ts';
import { seriesStyle, type SeriesStyle } from '../../theme/seriesPalette.ts';

/** One line of a comparison: a run, or the runs of one setting with different seeds. */
export interface ComparedItem {
  id: string;
  name: string;
  runs: readonly Run[];
  seeds: readonly number[];
  isGroup: boolean;
  style: SeriesStyle;
}

/** What a comparison shows, in a fixed order, each with a look of its own. */
export function comparedItems(runs: readonly Run[], bySeed: boolean, scheme: 'light' | 'dark'): ComparedItem[] {
  if (!bySeed) {
    return runs.map((run, i) => ({
      id: run.id,
      name: run.name,
      runs: [run],
      seeds: [run.config.seed],
      isGroup: false,
      style: seriesStyle(i, scheme),
    }));
  }
  return groupBySeed(runs).map((group, i) => ({
    id: group.key,
    name: group.name,
    runs: group.runs,
    seeds: group.seeds,
    isGroup: group.runs.length > 1,
    style: seriesStyle(i, scheme),
  }));
}
