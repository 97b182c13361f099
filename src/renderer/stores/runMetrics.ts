import { defineStore } from 'pinia';
import { markRaw, onScopeDispose, shallowRef, watch, type ShallowRef } from 'vue';
import { useClient } from '../composables/useClient.ts';
import { onEveryConnection } from './connection.ts';
import { createSeriesHub, type LiveSeries, type SeriesLease } from './liveSeries.ts';
import { useRunsStore } from './runs.ts';

/** The metric series that charts follow, shared between them. */
export const useRunMetricsStore = defineStore('runMetrics', () => {
  const client = useClient();
  const hub = markRaw(createSeriesHub({ metrics: client.runs.metrics }));
  client.on('metricsCommitted', hub.onCommit);
  useRunsStore().onStatusChange(({ run }) => run.status === 'starting' && hub.onRestart(run.id));
  let isFirst = true;
  onEveryConnection(() => {
    if (!isFirst) hub.reload();
    isFirst = false;
  });
  return { open: hub.open };
});

const nameOf = (runId: string, key: string): string => `${runId}\n${key}`;

/**
 * Follows the wanted series for as long as the calling component lives. Series that stay wanted are kept as they are.
 * `get` answers undefined for a series that is not wanted.
 */
export function useLiveSeries(wanted: () => readonly { runId: string; key: string }[]): {
  get(runId: string, key: string): LiveSeries | undefined;
  /** changes when series come or go */
  all: Readonly<ShallowRef<readonly LiveSeries[]>>;
} {
  const store = useRunMetricsStore();
  const leases = new Map<string, SeriesLease>();
  const all = shallowRef<readonly LiveSeries[]>([]);

  watch(
    wanted,
    (list) => {
      const names = new Set(list.map(({ runId, key }) => nameOf(runId, key)));
      for (const { runId, key } of list) {
        const name = nameOf(runId, key);
        if (!leases.has(name)) leases.set(name, store.open(runId, key));
      }
      for (const [name, lease] of leases) {
        if (names.has(name)) continue;
        lease.release();
        leases.delete(name);
      }
      const next = [...leases.values()].map(({ series }) => series);
      if (next.length !== all.value.length || next.some((series, i) => series !== all.value[i])) all.value = next;
    },
    { immediate: true },
  );
  onScopeDispose(() => {
    for (const lease of leases.values()) lease.release();
    leases.clear();
  });

  return {
    all,
    get: (runId, key) => {
      void all.value;
      return leases.get(nameOf(runId, key))?.series;
    },
  };
}
