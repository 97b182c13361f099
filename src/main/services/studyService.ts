import { activeStatuses, resumableStatuses, type Run, type RunsEvents } from '../../core/contract/runs.ts';
import {
  studiesContract,
  type StudiesEvents,
  type StudiesService,
  type Study,
  type StudyRun,
} from '../../core/contract/studies.ts';
import { AppError } from '../../core/errors.ts';
import { planStudy, type StudyPlan } from '../../core/studies/planStudy.ts';
import { parseStudySpec } from '../../core/studies/studySpec.ts';
import { stateOf } from '../../core/studies/studyTable.ts';
import type { Storage } from '../storage/openStorage.ts';
import type { StudyChanges } from '../storage/studyStore.ts';
import { createEvents, type Events } from './events.ts';
import { findStudy, requireStudy } from './findStudy.ts';
import { implementContract } from './implementContract.ts';
import type { RunServiceHost } from './runService.ts';
import type { Log } from './runServiceOptions.ts';
import { pruningOf } from './studyPruning.ts';

export interface StudyServiceOptions {
  storage: Pick<Storage, 'runs' | 'metrics' | 'studies' | 'isReadOnly'>;
  runService: Pick<RunServiceHost, 'runs' | 'create' | 'subscribe'>;
  nowMs: () => number;
  newId: () => string;
  log: Log;
  /** no process owns the data folder, so a study that is stored as running is not */
  isOwnerGone: boolean;
}

export interface StudyServiceHost {
  studies: StudiesService;
  subscribe: Events<StudiesEvents>['subscribe'];
  /**
   * What an earlier process left running: goes on by itself if `goesOn` and none of its runs was interrupted, else it is
   * marked interrupted. To be called once, after the runs were recovered.
   */
  recover(goesOn: boolean): void;
  /** Nothing is started any more. */
  close(): void;
}

/** Runs of a study that wait or train at a time; the others join the queue as these end. */
const window = 16;

/** Errors that come again however often a run is repeated: they are its result. */
const finalErrors: readonly string[] = ['nonFiniteLoss', 'badConfig', 'shapeMismatch'];

const readingMethods: readonly (keyof StudiesService)[] = ['list', 'get', 'find'];

/** Trains studies through the queue of runs: feeds it, prunes runs, and knows when a study is over. */
export function createStudyService(options: StudyServiceOptions): StudyServiceHost {
  const { storage, runService, nowMs, log } = options;
  const store = storage.studies;
  const events = createEvents<StudiesEvents>((error) => log.error(`A subscriber failed: ${String(error)}`));
  /** studies that are running here */
  const live = new Map<string, StudyPlan>();
  /** the study of every run of a live study */
  const studyOfRun = new Map<string, string>();
  const awake = new Set<string>();
  let isClosed = false;

  const present = (study: Study): Study =>
    options.isOwnerGone && study.status === 'running' ? { ...study, status: 'interrupted' } : study;
  const get = (studyId: string): Study => present(requireStudy(store, studyId));
  const announce = (studyId: string): Study => {
    const study = get(studyId);
    events.emit('studyChanged', study);
    return study;
  };
  const change = (studyId: string, changes: StudyChanges): Study => {
    store.update(studyId, changes);
    return announce(studyId);
  };
  const runsOf = (study: Study): Map<string, Run> =>
    new Map(
      study.runs.flatMap(({ runId }) => {
        const run = runId === null ? undefined : storage.runs.get(runId);
        return run ? [[run.id, run] as const] : [];
      }),
    );

  const leave = (studyId: string): void => {
    live.delete(studyId);
    for (const [runId, owner] of studyOfRun) if (owner === studyId) studyOfRun.delete(runId);
  };
  const adopt = (study: Study): void => {
    live.set(study.id, planStudy(study.spec));
    for (const { runId } of study.runs) if (runId !== null) studyOfRun.set(runId, study.id);
  };

  /** Fills the window with runs that were never made; when nothing is left to wait for, the study is over. */
  const feed = (studyId: string): void => {
    const plan = live.get(studyId);
    if (isClosed || !plan) return;
    const study = requireStudy(store, studyId);
    const runs = runsOf(study);
    const isMissing = ({ runId }: StudyRun): boolean => {
      const run = runId === null ? undefined : runs.get(runId);
      return !run || run.deletedAtMs !== null;
    };
    const missing = study.runs.filter((studyRun) => studyRun.prunedEpoch === null && isMissing(studyRun));
    const openCount = [...runs.values()].filter(
      ({ status, deletedAtMs }) => deletedAtMs === null && (status === 'queued' || activeStatuses.includes(status)),
    ).length;
    const next = missing.slice(0, Math.max(0, window - openCount));
    for (const { position } of next) {
      const planned = plan.runs[position]!;
      const details = { name: planned.name, tags: [study.name.slice(0, 100)] };
      const run = runService.create(planned.config, details, (runId) => store.link(studyId, position, runId));
      studyOfRun.set(run.id, studyId);
    }
    if (next.length > 0) announce(studyId);
    else if (openCount === 0) finish(study, runs);
  };

  const finish = (study: Study, runs: ReadonlyMap<string, Run>): void => {
    leave(study.id);
    const isOver = study.runs.every((studyRun) => {
      const state = stateOf(studyRun, runs);
      return (
        state === 'done' ||
        state === 'pruned' ||
        (state === 'failed' && finalErrors.includes(runs.get(studyRun.runId ?? '')?.failure?.code ?? ''))
      );
    });
    change(study.id, { status: isOver ? 'completed' : 'stopped', endedAtMs: nowMs() });
  };

  const wake = (studyId: string): void => {
    if (awake.has(studyId)) return;
    awake.add(studyId);
    setImmediate(() => {
      awake.delete(studyId);
      try {
        feed(studyId);
      } catch (error) {
        leave(studyId);
        log.error(`A study cannot go on: ${(error as Error).message}`);
        if (!isClosed) change(studyId, { status: 'stopped', endedAtMs: nowMs() });
      }
    });
  };

  /** Lets runs that were stopped, interrupted or left in a queue go on, in the order of the study. */
  const reviveRuns = async (study: Study): Promise<void> => {
    const runs = runsOf(study);
    const left = study.runs.flatMap(({ runId, prunedEpoch }) => {
      const run = runId === null ? undefined : runs.get(runId);
      return run && run.deletedAtMs === null && prunedEpoch === null ? [run] : [];
    });
    const isHopeless = (run: Run): boolean => run.status === 'failed' && finalErrors.includes(run.failure?.code ?? '');
    // a run that goes on is put at the head of the queue, so the last comes first
    for (const { id: runId, status } of left.filter((run) => !isHopeless(run)).toReversed()) {
      if (status === 'queued') await runService.runs.reorder({ runId, position: 0 });
      else if (resumableStatuses.includes(status)) await runService.runs.resume({ runId });
    }
  };

  const start = async (studyId: string): Promise<Study> => {
    const study = get(studyId);
    if (live.has(studyId)) return study;
    if (study.status === 'completed') {
      throw new AppError('wrongState', `All runs of the study "${study.name}" have ended; there is nothing to start.`, {
        details: { studyId },
      });
    }
    adopt(study);
    store.update(studyId, { status: 'running', startedAtMs: study.startedAtMs ?? nowMs(), endedAtMs: null });
    await reviveRuns(study);
    wake(studyId);
    return announce(studyId);
  };

  const stop = async (studyId: string): Promise<Study> => {
    const study = get(studyId);
    if (!live.has(studyId)) {
      return study.status === 'running' ? change(studyId, { status: 'stopped', endedAtMs: nowMs() }) : study;
    }
    leave(studyId);
    // the waiting ones first, or one of them would take the place of the first that stops
    const runs = [...runsOf(study).values()].filter(({ deletedAtMs }) => deletedAtMs === null);
    for (const { id: runId, status } of runs) if (status === 'queued') await runService.runs.cancel({ runId });
    for (const { id: runId, status } of runs)
      if (activeStatuses.includes(status)) await runService.runs.stop({ runId });
    return change(studyId, { status: 'stopped', endedAtMs: nowMs() });
  };

  const pruneIfHopeless = (studyId: string, runId: string): void => {
    const study = requireStudy(store, studyId);
    const studyRun = study.runs.find((candidate) => candidate.runId === runId);
    if (!studyRun || studyRun.prunedEpoch !== null) return;
    const pruning = pruningOf(study, studyRun, storage);
    if (!pruning) return;
    store.prune(studyId, studyRun.position, pruning.epoch, pruning.value);
    announce(studyId);
    runService.runs.stop({ runId }).catch(() => {
      // it ended by itself meanwhile
    });
  };

  const onRun = (run: Run): void => {
    const studyId = studyOfRun.get(run.id);
    if (studyId === undefined || isClosed) return;
    if (run.status !== 'queued' && !activeStatuses.includes(run.status)) wake(studyId);
  };
  const onMetrics = ({ runId, series }: RunsEvents['metricsCommitted']): void => {
    const studyId = studyOfRun.get(runId);
    if (studyId === undefined || isClosed) return;
    const study = requireStudy(store, studyId);
    if (study.spec.stopping.kind === 'none' || !(study.spec.objective.metric in series)) return;
    pruneIfHopeless(studyId, runId);
  };
  const undo = [
    runService.subscribe('runChanged', onRun),
    runService.subscribe('runRemoved', ({ runId }) => {
      const studyId = studyOfRun.get(runId);
      if (studyId === undefined) return;
      studyOfRun.delete(runId);
      wake(studyId);
    }),
    runService.subscribe('metricsCommitted', (event) => {
      try {
        onMetrics(event);
      } catch (error) {
        log.error(`The stopping rule of a study could not be asked: ${(error as Error).message}`);
      }
    }),
  ];

  const studies: StudiesService = implementContract(studiesContract, {
    create: ({ name, note, spec: given }) => {
      const spec = parseStudySpec(given);
      const plan = planStudy(spec);
      const study: Study = {
        id: options.newId(),
        name,
        note,
        status: 'draft',
        spec,
        createdAtMs: nowMs(),
        startedAtMs: null,
        endedAtMs: null,
        runs: plan.runs.map(({ position, settingId, seed }) => ({
          position,
          settingId,
          seed,
          runId: null,
          prunedEpoch: null,
          prunedValue: null,
        })),
      };
      store.insert(study);
      return announce(study.id);
    },
    list: () => store.list().map(present),
    get: ({ studyId }) => get(studyId),
    find: ({ text }) => present(findStudy(store, text)),
    start: ({ studyId }) => start(studyId),
    stop: ({ studyId }) => stop(studyId),
    rename: ({ studyId, name }) => {
      get(studyId);
      return change(studyId, { name });
    },
    setNote: ({ studyId, note }) => {
      get(studyId);
      return change(studyId, { note });
    },
    delete: async ({ studyId, withRuns }) => {
      const study = get(studyId);
      if (live.has(studyId)) {
        throw new AppError('wrongState', `The study "${study.name}" is running: stop it before deleting it.`, {
          details: { studyId },
        });
      }
      if (withRuns) {
        for (const run of runsOf(study).values()) {
          if (run.deletedAtMs === null) await runService.runs.delete({ runId: run.id });
        }
      }
      store.remove(studyId);
      events.emit('studyRemoved', { studyId });
      return {};
    },
  });

  return {
    studies: storage.isReadOnly ? refuseChanges(studies) : studies,
    subscribe: events.subscribe,
    recover(goesOn) {
      for (const study of store.list().filter(({ status }) => status === 'running')) {
        const wasInterrupted = [...runsOf(study).values()].some(({ status }) => status === 'interrupted');
        if (goesOn && !wasInterrupted) {
          start(study.id).catch((error: unknown) => {
            log.error(`The study "${study.name}" could not go on: ${(error as Error).message}`);
          });
        } else {
          change(study.id, { status: 'interrupted' });
        }
      }
    },
    close() {
      isClosed = true;
      for (const end of undo) end();
    },
  };
}

function refuseChanges(studies: StudiesService): StudiesService {
  const refuse = async (): Promise<never> => {
    throw new AppError(
      'notAllowed',
      'The data folder is open for reading only: no study can be changed or started here.',
    );
  };
  return Object.fromEntries(
    Object.entries(studies).map(([name, method]) => [
      name,
      readingMethods.some((reading) => reading === name) ? method : refuse,
    ]),
  ) as StudiesService;
}
