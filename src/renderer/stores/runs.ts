import { defineStore } from 'pinia';
import { computed, markRaw, shallowRef } from 'vue';
import { activeStatuses, type Run, type RunsEvents, type RunStatus } from '../../core/contract/runs.ts';
import type { Unsubscribe } from '../../core/contract/service.ts';
import { asAppError, type AppError } from '../../core/errors.ts';
import { useClient } from '../composables/useClient.ts';
import { onEveryConnection } from './connection.ts';
import { createFrameBatch } from './frameBatch.ts';

export interface StatusChange {
  run: Run;
  before: RunStatus;
}

/** Progress of running runs is shown this often; charts follow their own, faster clock. */
const progressIntervalMs = 250;

/** Every run of the data folder, those of the trash too, kept current by the host's events. */
export const useRunsStore = defineStore('runs', () => {
  const client = useClient();
  const byId = shallowRef<ReadonlyMap<string, Run>>(new Map());
  const isLoaded = shallowRef(false);
  const loadError = shallowRef<AppError | null>(null);
  const statusListeners = new Set<(change: StatusChange) => void>();
  /** changes heard while a list is under way; they are newer than what the list says */
  let heardMeanwhile: Map<string, Run | null> | null = null;

  const apply = (changes: ReadonlyMap<string, Run | null>): void => {
    const next = new Map(byId.value);
    for (const [id, run] of changes) {
      if (run) next.set(id, markRaw(run));
      else next.delete(id);
    }
    byId.value = next;
  };
  const perFrame = createFrameBatch<Run | null>(apply, (flush) => void requestAnimationFrame(flush));
  // a hidden window gets no frames; what changed there is shown with the next visible one
  const perInterval = createFrameBatch<RunsEvents['metricsCommitted']>(
    (commits) => {
      const changes = new Map<string, Run>();
      for (const { runId, step, series } of commits.values()) {
        const run = perFrame.pending(runId) ?? byId.value.get(runId);
        if (run) changes.set(runId, withMetrics(run, step, series));
      }
      apply(changes);
    },
    (flush) => void setTimeout(flush, progressIntervalMs),
  );

  const latestOf = (id: string): Run | null | undefined => {
    const pending = perFrame.pending(id);
    return pending === undefined ? byId.value.get(id) : pending;
  };
  const accept = (run: Run): void => {
    const before = latestOf(run.id)?.status;
    perFrame.put(run.id, run);
    heardMeanwhile?.set(run.id, run);
    if (before && before !== run.status) for (const listener of statusListeners) listener({ run, before });
  };

  client.on('runChanged', accept);
  client.on('runRemoved', ({ runId }) => {
    perFrame.put(runId, null);
    heardMeanwhile?.set(runId, null);
  });
  client.on('metricsCommitted', (commit) => {
    const earlier = perInterval.pending(commit.runId);
    perInterval.put(commit.runId, earlier ? { ...commit, series: { ...earlier.series, ...commit.series } } : commit);
  });

  async function load(): Promise<void> {
    heardMeanwhile = new Map();
    try {
      const listed = await client.runs.list({ includeDeleted: true });
      const next = new Map(listed.map((run) => [run.id, markRaw(run)]));
      for (const [id, run] of heardMeanwhile) {
        if (run) next.set(id, markRaw(run));
        else next.delete(id);
      }
      byId.value = next;
      loadError.value = null;
      isLoaded.value = true;
    } catch (error) {
      loadError.value = asAppError(error);
    } finally {
      heardMeanwhile = null;
    }
  }
  onEveryConnection(() => void load());

  const all = computed(() => [...byId.value.values()].toSorted((a, b) => b.createdAtMs - a.createdAtMs));
  /** newest first, without the trash */
  const live = computed(() => all.value.filter((run) => run.deletedAtMs === null));
  const trashed = computed(() => all.value.filter((run) => run.deletedAtMs !== null));
  const active = computed(() => live.value.filter((run) => activeStatuses.includes(run.status)));
  /** in the order in which they will start */
  const queued = computed(() =>
    live.value
      .filter((run) => run.status === 'queued')
      .toSorted((a, b) => (a.queuePosition ?? 0) - (b.queuePosition ?? 0)),
  );

  return {
    byId,
    isLoaded,
    loadError,
    all,
    live,
    trashed,
    active,
    queued,
    get: (id: string): Run | undefined => byId.value.get(id),
    /** Shows a run as a call answered it, without waiting for the event that says the same. */
    accept,
    load,
    /** Called when a run goes from one status to another. */
    onStatusChange(listener: (change: StatusChange) => void): Unsubscribe {
      statusListeners.add(listener);
      return () => void statusListeners.delete(listener);
    },
  };
});

function withMetrics(run: Run, step: number, series: RunsEvents['metricsCommitted']['series']): Run {
  const latest = { ...run.latest };
  for (const [key, { values }] of Object.entries(series)) latest[key] = values.at(-1) ?? null;
  return { ...run, step: Math.max(run.step, step), latest, trainSeconds: latest.elapsedSeconds ?? run.trainSeconds };
}
