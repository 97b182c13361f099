import { parseRunConfig, type RunConfig } from '../../core/contract/runConfig.ts';
import {
  activeStatuses,
  resumableStatuses,
  runsContract,
  type Run,
  type RunsEvents,
  type RunsService,
} from '../../core/contract/runs.ts';
import { AppError } from '../../core/errors.ts';
import { nextTurn } from '../../node/pacing.ts';
import { createEvents, type Events } from './events.ts';
import { extendConfig, type Extend } from './extendConfig.ts';
import { findRun } from './findRun.ts';
import { implementContract } from './implementContract.ts';
import { refuseChanges } from './refuseChanges.ts';
import { createRunCheckpoints } from './runCheckpoints.ts';
import { createRunQueue } from './runQueue.ts';
import { createRunRecords, interruption, isOrphan } from './runRecords.ts';
import type { RunServiceOptions } from './runServiceOptions.ts';

export interface RunServiceHost {
  runs: RunsService;
  /** Like `runs.create` for a configuration that is checked already; `also` is stored with the run, or neither is. */
  create(config: RunConfig, details: Pick<Run, 'name' | 'tags'>, also: (runId: string) => void): Run;
  subscribe: Events<RunsEvents>['subscribe'];
  /**
   * Finds runs whose process went away without a word and marks them interrupted; queued and paused runs stay as they
   * are. To be called once, before anything else. Answers how many there were.
   */
  recoverOrphans(): number;
  /** Tells subscribers of a run that was stored by another part of the program, or is gone. */
  announce(runId: string): Run;
  announceRemoved(runId: string): void;
  /** Lets queued runs start. */
  start(): void;
  /** Ends every worker at a checkpoint; their runs are paused. */
  shutdown(): Promise<void>;
}

const purgeChunk = 5_000;

function modelName(config: RunConfig): string {
  return 'preset' in config.model ? config.model.preset : 'custom model';
}

const defaultName = (config: RunConfig): string =>
  `${config.optimizer.id} ${modelName(config)} ${config.dataset.id} seed ${config.seed}`;

function wrongState(run: Run, sentence: string): AppError {
  return new AppError('wrongState', `Run ${run.id} (${run.name}) is ${run.status}: ${sentence}`, {
    details: { runId: run.id, status: run.status },
  });
}

const readingMethods: readonly (keyof RunsService)[] = [
  'list',
  'get',
  'find',
  'queue',
  'checkpoints',
  'metricKeys',
  'metrics',
  'logs',
];
const refusal = 'nothing can be changed or started here.';

export function createRunService(options: RunServiceOptions): RunServiceHost {
  const { storage, files, nowMs, newId, log } = options;
  const store = storage.runs;
  const events = createEvents<RunsEvents>((error) => log.error(`A subscriber failed: ${String(error)}`));
  const records = createRunRecords(storage, events, log, options.isOwnerGone);
  const checkpoints = createRunCheckpoints(storage.checkpoints, files, nowMs);
  const beingPurged = new Set<string>();
  const queue = createRunQueue({ ...options, events, records, checkpoints }, store, records);

  const newRun = (
    config: RunConfig,
    details: Partial<Pick<Run, 'name' | 'tags' | 'note' | 'step' | 'parent'>>,
  ): Run => {
    options.datasets.check(config.dataset.id);
    return {
      id: newId(),
      name: details.name?.trim() || defaultName(config),
      note: details.note ?? '',
      tags: details.tags ?? [],
      status: 'queued',
      endReason: null,
      failure: null,
      config,
      softwareVersion: options.softwareVersion,
      datasetHash: null,
      device: null,
      parameterCount: null,
      createdAtMs: nowMs(),
      startedAtMs: null,
      endedAtMs: null,
      deletedAtMs: null,
      queuePosition: null,
      step: details.step ?? 0,
      totalSteps: null,
      stepsPerEpoch: null,
      trainSeconds: 0,
      latest: {},
      parent: details.parent ?? null,
    };
  };
  const enqueueNew = (run: Run, also: (runId: string) => void = () => {}): Run => {
    store.atomically(() => {
      store.insert(run);
      queue.insert(run.id, 'last');
      also(run.id);
    });
    queue.wake();
    return records.announce(run.id);
  };

  const requireLive = (runId: string): Run => {
    const run = records.get(runId);
    if (run.deletedAtMs !== null) throw wrongState(run, 'it is in the trash; restore it first.');
    return run;
  };
  const leaveQueue = (run: Run): void => {
    const before = store.queueNotes(run.id).statusBeforeQueue;
    // a completed run that was to become longer has a checkpoint and steps left
    const status = before === 'completed' ? 'paused' : (before ?? 'cancelled');
    store.atomically(() => {
      store.update(run.id, { status, statusBeforeQueue: null, extend: null });
      queue.remove(run.id);
    });
  };

  /** A run of another program has no weights here, and its settings are not known well enough to train it again. */
  const requireOwn = (run: Run): void => {
    if (run.origin) throw wrongState(run, 'it was trained by another program and came in without weights.');
  };

  const resume = (run: Run, epochs: number | undefined, extend: Extend | undefined): Run => {
    requireOwn(run);
    const session = queue.session(run.id);
    const isLonger = epochs !== undefined && epochs !== run.config.epochs;
    if (run.status === 'completed' && !isLonger) {
      throw wrongState(run, `all ${run.config.epochs} epochs are done. Ask for more epochs to continue it.`);
    }
    if (run.status !== 'completed' && !resumableStatuses.includes(run.status)) {
      throw wrongState(
        run,
        'only a run that is paused, stopped, failed, interrupted, cancelled or completed can go on.',
      );
    }
    if (session && !session.isLeaving && !isLonger) {
      session.resume();
      return run;
    }
    const config = isLonger ? extendConfig(run.config, epochs, extend) : undefined;
    records.settleRest();
    store.atomically(() => {
      if (config) store.addConfig(run.id, config, run.step, nowMs());
      store.update(run.id, {
        status: 'queued',
        statusBeforeQueue: run.status,
        extend: isLonger ? (extend ?? null) : undefined,
        endReason: null,
        failure: null,
        endedAtMs: null,
      });
      queue.insert(run.id, 'first');
    });
    session?.leave();
    queue.wake();
    return records.announce(run.id);
  };

  const runs: RunsService = implementContract(runsContract, {
    create: ({ config, name, tags, note }) => enqueueNew(newRun(parseRunConfig(config), { name, tags, note })),
    list: ({ includeDeleted, statuses }) =>
      store
        .list({ includeDeleted })
        .map(records.present)
        .filter((run) => !statuses || statuses.includes(run.status)),
    get: ({ runId }) => records.get(runId),
    find: ({ text }) => records.present(findRun(store, text)),
    rename: ({ runId, name }) => {
      records.get(runId);
      return records.change(runId, { name });
    },
    setTags: ({ runId, tags }) => {
      records.get(runId);
      store.setTags(runId, [...new Set(tags)]);
      return records.announce(runId);
    },
    setNote: ({ runId, note }) => {
      records.get(runId);
      return records.change(runId, { note });
    },
    delete: ({ runId }) => {
      const run = requireLive(runId);
      const session = queue.session(runId);
      if (activeStatuses.includes(run.status) || (session && !session.isLeaving)) {
        throw wrongState(run, 'stop it before moving it to the trash.');
      }
      if (run.status === 'queued') leaveQueue(run);
      return records.change(runId, { deletedAtMs: nowMs() });
    },
    restore: ({ runId }) => {
      const run = records.get(runId);
      if (run.deletedAtMs === null) throw wrongState(run, 'it is not in the trash.');
      if (beingPurged.has(runId)) throw wrongState(run, 'it is being removed for good.');
      return records.change(runId, { deletedAtMs: null });
    },
    purge: async ({ runId }) => {
      const run = records.get(runId);
      if (run.deletedAtMs === null) throw wrongState(run, 'move it to the trash before removing it for good.');
      if (beingPurged.has(runId)) throw wrongState(run, 'it is being removed for good already.');
      beingPurged.add(runId);
      try {
        await queue.session(runId)?.ended;
        while (storage.metrics.removeSome(runId, purgeChunk)) await nextTurn();
        await files.remove(runId);
        store.remove(runId);
      } finally {
        beingPurged.delete(runId);
      }
      events.emit('runRemoved', { runId });
      return {};
    },
    pause: ({ runId }) => {
      const run = requireLive(runId);
      const session = queue.session(runId);
      if (run.status === 'paused' && (!session || session.isLeaving)) return run;
      if (run.status === 'queued') throw wrongState(run, 'it has not started; cancel it to take it out of the queue.');
      if (!session || session.isLeaving) throw wrongState(run, 'only a run that trains can be paused.');
      session.pause();
      return run;
    },
    resume: ({ runId, epochs, extend }) => resume(requireLive(runId), epochs, extend),
    stop: ({ runId }) => {
      const run = requireLive(runId);
      const session = queue.session(runId);
      if (session && !session.isLeaving) {
        session.stop();
        return run;
      }
      if (run.status === 'paused') {
        return records.change(runId, { status: 'stopped', endReason: 'stopped', endedAtMs: nowMs() });
      }
      const hint =
        run.status === 'queued' ? 'cancel it to take it out of the queue.' : 'only a run that trains can be stopped.';
      throw wrongState(run, hint);
    },
    cancel: ({ runId }) => {
      const run = requireLive(runId);
      if (run.status !== 'queued')
        throw wrongState(run, 'only a queued run can be cancelled; stop it instead if it trains.');
      leaveQueue(run);
      return records.announce(runId);
    },
    branch: async ({ runId, step, config, name }) => {
      const parent = requireLive(runId);
      const known = await checkpoints.reconcile(runId, parent.stepsPerEpoch);
      const source = known.find((checkpoint) => checkpoint.step === step);
      if (!source) {
        const steps = known.map((checkpoint) => String(checkpoint.step));
        throw new AppError(
          'checkpointMissing',
          `Run ${runId} has no checkpoint at step ${step}; it has ${steps.length > 0 ? `them at ${steps.join(', ')}` : 'none'}.`,
          { details: { runId, step, steps } },
        );
      }
      const run = newRun(parseRunConfig(config), { name, step, parent: { runId, step } });
      await files.copyCheckpoint(runId, files.checkpointName(runId, source.path), run.id);
      return enqueueNew(run);
    },
    reorder: ({ runId, position }) => {
      const run = requireLive(runId);
      if (run.status !== 'queued') throw wrongState(run, 'only a queued run has a place in the queue.');
      queue.insert(runId, position);
      queue.wake();
      return queue.ids().map(records.get);
    },
    queue: () => queue.ids().map(records.get),
    checkpoints: ({ runId }) => {
      records.get(runId);
      return checkpoints.list(runId);
    },
    metricKeys: ({ runId }) => {
      records.get(runId);
      return storage.metrics.keys(runId);
    },
    metrics: async ({ runId, keys, fromStep, toStep, maxPoints }) => {
      records.get(runId);
      const wanted = keys ?? storage.metrics.keys(runId).map(({ key }) => key);
      const found = [];
      for (const key of wanted) {
        found.push(storage.metrics.series(runId, key, { from: fromStep, to: toStep, maxPoints }));
        await nextTurn();
      }
      return found;
    },
    logs: ({ runId, limit }) => {
      records.get(runId);
      return storage.logs.list(runId, limit);
    },
  });

  return {
    runs: storage.isReadOnly ? refuseChanges(runs, readingMethods, refusal) : runs,
    create: (config, details, also) => enqueueNew(newRun(config, details), also),
    subscribe: events.subscribe,
    recoverOrphans() {
      const orphans = store.list({ includeDeleted: true }).filter(isOrphan);
      for (const run of orphans) {
        const interrupted = interruption(run);
        records.change(run.id, interrupted);
        records.note({ runId: run.id, atMs: nowMs(), level: 'warn', message: interrupted.failure!.message });
      }
      return orphans.length;
    },
    announce: records.announce,
    announceRemoved: (runId) => events.emit('runRemoved', { runId }),
    start: queue.wake,
    shutdown: queue.close,
  };
}
