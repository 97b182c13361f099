import type { Run } from '../../core/contract/runs.ts';
import type { RunStore } from '../storage/runStore.ts';
import type { RunRecords } from './runRecords.ts';
import type { Log } from './runServiceOptions.ts';
import { startRunSession, type RunSession, type SessionParts } from './runSession.ts';

export interface RunQueue {
  /** Puts a run in the queue, whose status is written by the caller in the same transaction. */
  insert(runId: string, place: 'first' | 'last' | number): void;
  remove(runId: string): void;
  /** ids, next first */
  ids(): string[];
  session(runId: string): RunSession | undefined;
  /** Lets runs start when there is room; soon, not within this call. */
  wake(): void;
  /** Ends all sessions at a checkpoint; nothing starts any more. */
  close(): Promise<void>;
}

export interface RunQueueOptions extends SessionParts {
  concurrency: () => number;
  startStoredQueue: boolean;
  onRunEnded: () => void;
  log: Log;
}

/**
 * Decides which run trains when: `concurrency` at a time, in the order of the queue. A paused run keeps its worker until
 * another run needs the room. A run that failed does not hold up the next one, except when the disk is full: then the
 * queue waits until someone adds to it or resumes a run.
 */
export function createRunQueue(options: RunQueueOptions, store: RunStore, records: RunRecords): RunQueue {
  const sessions = new Map<string, RunSession>();
  /** queued by an earlier process and not asked for since */
  const dormant = new Set(options.startStoredQueue ? [] : store.queue());
  let isHeld = false;
  let isClosed = false;
  let isAwake = false;

  const announceOrder = (before: ReadonlyMap<string, number>): void => {
    store.queue().forEach((id, position) => {
      if (before.has(id) && before.get(id) !== position) records.announce(id);
    });
  };
  const reorder = (ids: readonly string[]): void => {
    const before = new Map(store.queue().map((id, position) => [id, position]));
    store.setQueue(ids);
    announceOrder(before);
  };

  const start = (run: Run): void => {
    store.atomically(() => {
      store.update(run.id, {
        status: 'starting',
        startedAtMs: run.startedAtMs ?? options.nowMs(),
        endedAtMs: null,
        endReason: null,
        failure: null,
      });
      reorder(store.queue());
    });
    const session = startRunSession(run, options);
    sessions.set(run.id, session);
    records.announce(run.id);
    void session.ended.then(({ error }) => {
      sessions.delete(run.id);
      if (error?.code === 'diskFull') isHeld = true;
      options.onRunEnded();
      wake();
    });
  };

  const startWhatFits = (): void => {
    if (isClosed || isHeld) return;
    for (const id of store.queue()) {
      if (dormant.has(id) || sessions.has(id)) continue;
      if (sessions.size >= options.concurrency()) {
        const open = Array.from(sessions.values());
        if (!open.some((session) => session.isLeaving)) open.find((session) => session.isPaused)?.leave();
        return;
      }
      const run = store.get(id);
      if (run) start(run);
    }
  };

  const wake = (): void => {
    if (isAwake) return;
    isAwake = true;
    setImmediate(() => {
      isAwake = false;
      try {
        startWhatFits();
      } catch (error) {
        isHeld = true;
        options.log.error(`The queue waits because the next run could not be started: ${(error as Error).message}`);
      }
    });
  };

  return {
    insert(runId, place) {
      const others = store.queue().filter((id) => id !== runId);
      const at = place === 'first' ? 0 : place === 'last' ? others.length : Math.min(place, others.length);
      reorder(others.toSpliced(at, 0, runId));
      dormant.delete(runId);
      isHeld = false;
    },
    remove: (runId) => reorder(store.queue().filter((id) => id !== runId)),
    ids: () => store.queue(),
    session: (runId) => sessions.get(runId),
    wake,
    async close() {
      isClosed = true;
      const open = Array.from(sessions.values());
      for (const session of open) session.leave();
      await Promise.all(open.map((session) => session.ended));
    },
  };
}
