import { defineStore } from 'pinia';
import { computed, shallowRef, watch } from 'vue';
import { z } from 'zod';
import type { Run } from '../../core/contract/runs.ts';
import { compileFilter, type RunPredicate } from '../../core/filter/compileFilter.ts';
import { FilterVocabulary, standardMetricKeys } from '../../core/filter/filterFields.ts';
import type { FilterProblem } from '../../core/filter/filterSyntax.ts';
import { useRunsStore } from './runs.ts';
import { defaultColumnKeys, runColumns, type RunColumn } from './runTableColumns.ts';
import { defaultSort, tableRows, type Sort } from './runTableRows.ts';
import { useRemembered } from './settings.ts';

const rememberedSchema = z.object({
  columns: z.array(z.string()).catch([...defaultColumnKeys]),
  sort: z.object({ key: z.string(), direction: z.enum(['ascending', 'descending']) }).catch(defaultSort),
  isGrouped: z.boolean().catch(false),
});

/** What the table of runs shows: which runs, which columns, in which order, and what is selected in it. */
export const useRunTableStore = defineStore('runTable', () => {
  const runs = useRunsStore();
  const remembered = useRemembered('runs.table', (stored) => rememberedSchema.parse(stored ?? {}));
  const remember = (change: Partial<z.output<typeof rememberedSchema>>): void => {
    remembered.value = { ...remembered.value, ...change };
  };

  const place = shallowRef<'live' | 'trash'>('live');
  const filterText = shallowRef('');
  const openGroups = shallowRef<ReadonlySet<string>>(new Set());
  const selectedIds = shallowRef<ReadonlySet<string>>(new Set());

  const metricKeys = computed(() => {
    const keys = new Set(standardMetricKeys);
    for (const run of runs.all) for (const key in run.latest) keys.add(key);
    return [...keys].toSorted().join('\n');
  });
  /** made anew only when a metric that no run had before turns up */
  const vocabulary = computed(
    () => new FilterVocabulary({ metricKeys: metricKeys.value.split('\n'), nowMs: Date.now }),
  );
  const allColumns = computed(() => runColumns(vocabulary.value));
  const columns = computed<RunColumn[]>(() =>
    remembered.value.columns.flatMap((key) => allColumns.value.find((column) => column.key === key) ?? []),
  );

  const filter = computed(() => compileFilter(filterText.value, { vocabulary: vocabulary.value, nowMs: Date.now() }));
  const problem = computed<FilterProblem | null>(() => (filter.value.ok ? null : filter.value.problem));
  /** the last filter that could be read, so that the table stays while the next one is typed */
  const lastMatches = shallowRef<RunPredicate>(() => true);
  watch(
    filter,
    (compiled) => {
      if (compiled.ok) lastMatches.value = compiled.matches;
    },
    { immediate: true, flush: 'sync' },
  );

  const source = computed<readonly Run[]>(() => (place.value === 'trash' ? runs.trashed : runs.live));
  const table = computed(() =>
    tableRows(source.value, {
      matches: lastMatches.value,
      sort: remembered.value.sort,
      columns: allColumns.value,
      isGrouped: remembered.value.isGrouped && place.value === 'live',
      openGroups: openGroups.value,
    }),
  );
  /** what is selected and still in the table, in its order */
  const selected = computed(() => table.value.runs.filter((run) => selectedIds.value.has(run.id)));

  function select(ids: Iterable<string>, isSelected: boolean): void {
    const next = new Set(selectedIds.value);
    for (const id of ids) {
      if (isSelected) next.add(id);
      else next.delete(id);
    }
    selectedIds.value = next;
  }

  function sortBy(key: string): void {
    const { sort } = remembered.value;
    const isNumeric = allColumns.value.find((column) => column.key === key)?.align === 'right' || key === 'created';
    const first: Sort['direction'] = isNumeric ? 'descending' : 'ascending';
    const flipped = sort.direction === 'ascending' ? 'descending' : 'ascending';
    remember({ sort: { key, direction: sort.key === key ? flipped : first } });
  }

  function toggleGroup(key: string): void {
    const next = new Set(openGroups.value);
    if (!next.delete(key)) next.add(key);
    openGroups.value = next;
  }

  return {
    place,
    filterText,
    problem,
    vocabulary,
    allColumns,
    columns,
    source,
    rows: computed(() => table.value.rows),
    matching: computed(() => table.value.runs),
    sort: computed(() => remembered.value.sort),
    isGrouped: computed(() => remembered.value.isGrouped),
    selectedIds,
    selected,
    select,
    clearSelection: () => void (selectedIds.value = new Set()),
    sortBy,
    toggleGroup,
    setColumns: (keys: readonly string[]) => remember({ columns: [...keys] }),
    resetColumns: () => remember({ columns: [...defaultColumnKeys] }),
    setGrouped: (isGrouped: boolean) => remember({ isGrouped }),
  };
});
