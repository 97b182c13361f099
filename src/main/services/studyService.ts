import {
  activeStatuses,
  resumableStatuses,
  type Run,
  type RunStatus,
  type RunsEvents,
} from '../../core/contract/runs.ts';
import { studiesContract, type StudiesEvents, type StudiesService, type Study } from '../../core/contract/studies.ts';
import { AppError } from '../../core/errors.ts';
import { outlineStudy, settingConfig, type StudyOutline } from '../../core/studies/planStudy.ts';
import { parseStudySpec, type StudySpec } from '../../core/studies/studySpec.ts';
import type { Storage } from '../storage/openStorage.ts';
import type { StudyChanges, StudyPlaceState } from '../storage/studyStore.ts';
import { createEvents, type Events } from './events.ts';
import { findStudy, requireStudy } from './findStudy.ts';
import { createPace, nextTurn } from '../../node/pacing.ts';
import { implementContract } from './implementContract.ts';
import { refuseChanges } from './refuseChanges.ts';
import type { RunServiceHost } from './runService.ts';
import type { Log } from './runServiceOptions.ts';
import { createPruner, type Pruner } from './studyPruning.ts';

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
/** Runs that are made in one turn of the main process. */
const mostMadeAtOnce = 2;

/** A study that is running here. */
interface LiveStudy {
  spec: StudySpec;
  outline: StudyOutline;
  pruner: Pruner;
  /** runs that are about to be judged by the stopping rule */
  judged: Set<string>;
  /** it is about to be fed */
  isAwake: boolean;
  /** what was asked of it last; the next thing begins when it is done */
  work: Promise<void>;
}

/** Errors that come again however often a run is repeated: they are its result. */
const finalErrors: readonly string[] = ['nonFiniteLoss', 'badConfig', 'shapeMismatch'];
const isFinal = (code: string | null): boolean => finalErrors.includes(code ?? '');

const deleting = ({ id, name }: Study): AppError =>
  new AppError('wrongState', `The study "${name}" is being deleted.`, { details: { studyId: id } });

const readingMethods: readonly (keyof StudiesService)[] = ['list', 'get', 'find'];
const refusal = 'no study can be changed or started here.';

/** Trains studies through the queue of runs: feeds it, prunes runs, and knows when a study is over. */
export function createStudyService(options: StudyServiceOptions): StudyServiceHost {
  const { storage, runService, nowMs, log } = options;
  const store = storage.studies;
  const events = createEvents<StudiesEvents>((error) => log.error(`A subscriber failed: ${String(error)}`));
  /** studies that are running here */
  const live = new Map<string, LiveStudy>();
  /** the study of every run of a live study */
  const studyOfRun = new Map<string, string>();
  const beingDeleted = new Set<string>();
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
  const leave = (studyId: string): void => {
    live.delete(studyId);
    for (const [runId, owner] of studyOfRun) if (owner === studyId) studyOfRun.delete(runId);
  };
  const adopt = (study: Study): void => {
    live.set(study.id, {
      spec: study.spec,
      outline: outlineStudy(study.spec),
      pruner: createPruner(storage),
      judged: new Set(),
      isAwake: false,
      work: Promise.resolve(),
    });
    for (const { runId } of study.runs) if (runId !== null) studyOfRun.set(runId, study.id);
  };

  /** One thing after the other for a study: a run is judged before it is decided what comes next. */
  const after = (studyId: string, work: () => void | Promise<void>, trouble: (error: Error) => void): void => {
    const study = live.get(studyId);
    if (!study) return;
    study.work = study.work
      .then(nextTurn)
      .then(() => (isClosed || live.get(studyId) !== study ? undefined : work()))
      .catch(trouble);
  };

  /** Fills the window with runs that were never made; when nothing is left to wait for, the study is over. */
  const feed = (studyId: string): void => {
    const { spec, outline } = live.get(studyId)!;
    const name = store.names().find(({ id }) => id === studyId)?.name ?? '';
    const places = store.places(studyId);
    const missing = places.filter(
      ({ prunedEpoch, status, deletedAtMs }) => prunedEpoch === null && (status === null || deletedAtMs !== null),
    );
    const openCount = places.filter(
      ({ status, deletedAtMs }) =>
        deletedAtMs === null && status !== null && (status === 'queued' || activeStatuses.includes(status)),
    ).length;
    const room = Math.max(0, window - openCount);
    const next = missing.slice(0, Math.min(room, mostMadeAtOnce));
    for (const { position } of next) {
      const { seed, name: runName } = outline.places[position]!;
      const config = { ...settingConfig(spec, outline.settings[position % outline.settings.length]!), seed };
      const details = { name: runName, tags: [name.slice(0, 100)] };
      const run = runService.create(config, details, (runId) => store.link(studyId, position, runId));
      studyOfRun.set(run.id, studyId);
    }
    if (next.length < Math.min(room, missing.length)) wake(studyId);
    else if (next.length > 0) after(studyId, () => void announce(studyId), giveUpOn(studyId));
    else if (openCount === 0) finish(studyId, places);
  };

  const finish = (studyId: string, places: readonly StudyPlaceState[]): void => {
    leave(studyId);
    const isOver = places.every(
      ({ prunedEpoch, status, deletedAtMs, failureCode }) =>
        prunedEpoch !== null ||
        (deletedAtMs === null && (status === 'completed' || (status === 'failed' && isFinal(failureCode)))),
    );
    change(studyId, { status: isOver ? 'completed' : 'stopped', endedAtMs: nowMs() });
  };

  const giveUpOn =
    (studyId: string) =>
    (error: Error): void => {
      leave(studyId);
      log.error(`A study cannot go on: ${error.message}`);
      if (!isClosed) change(studyId, { status: 'stopped', endedAtMs: nowMs() });
    };
  const wake = (studyId: string): void => {
    const study = live.get(studyId);
    if (!study || study.isAwake) return;
    study.isAwake = true;
    const work = (): void => {
      study.isAwake = false;
      feed(studyId);
    };
    after(studyId, work, giveUpOn(studyId));
  };

  /** Lets runs that were stopped, interrupted or left in a queue go on, in the order of the study. */
  const reviveRuns = async (studyId: string): Promise<void> => {
    // a run that goes on is put at the head of the queue, so the last comes first; all in one turn, or it would start
    for (const { runId, status, prunedEpoch, deletedAtMs, failureCode } of store.places(studyId).toReversed()) {
      if (runId === null || status === null || deletedAtMs !== null || prunedEpoch !== null) continue;
      if (status === 'failed' && isFinal(failureCode)) continue;
      if (status === 'queued') await runService.runs.reorder({ runId, position: 0 });
      else if (resumableStatuses.includes(status)) await runService.runs.resume({ runId });
    }
  };

  const start = async (studyId: string): Promise<Study> => {
    const study = get(studyId);
    if (live.has(studyId)) return study;
    if (beingDeleted.has(studyId)) throw deleting(study);
    if (study.status === 'completed') {
      throw new AppError('wrongState', `All runs of the study "${study.name}" have ended; there is nothing to start.`, {
        details: { studyId },
      });
    }
    adopt(study);
    store.update(studyId, { status: 'running', startedAtMs: study.startedAtMs ?? nowMs(), endedAtMs: null });
    await reviveRuns(studyId);
    // the program may have gone away between the end of a run and its judgement
    const ended = store
      .places(studyId)
      .findLast(({ status, prunedEpoch }) => status === 'completed' && prunedEpoch === null);
    if (ended?.runId) judge(studyId, ended.runId);
    wake(studyId);
    return announce(studyId);
  };

  const stop = async (studyId: string): Promise<Study> => {
    const study = get(studyId);
    if (!live.has(studyId)) {
      return study.status === 'running' ? change(studyId, { status: 'stopped', endedAtMs: nowMs() }) : study;
    }
    leave(studyId);
    const pace = createPace();
    const stopAll = async (isMeant: (status: RunStatus) => boolean, end: (runId: string) => Promise<unknown>) => {
      for (const { runId, status, deletedAtMs } of store.places(studyId)) {
        if (runId === null || status === null || deletedAtMs !== null || !isMeant(status)) continue;
        await end(runId);
        await pace();
      }
    };
    // the waiting ones first, or one of them would take the place of the first that stops
    await stopAll(
      (status) => status === 'queued',
      (runId) => runService.runs.cancel({ runId }),
    );
    await stopAll(
      (status) => activeStatuses.includes(status),
      (runId) => runService.runs.stop({ runId }),
    );
    return change(studyId, { status: 'stopped', endedAtMs: nowMs() });
  };

  const pruneIfHopeless = async (studyId: string, runId: string): Promise<void> => {
    const entry = live.get(studyId)!;
    entry.judged.delete(runId);
    const study = requireStudy(store, studyId);
    const studyRun = study.runs.find((candidate) => candidate.runId === runId);
    if (!studyRun || studyRun.prunedEpoch !== null) return;
    const pruning = await entry.pruner(study, studyRun);
    if (!pruning || isClosed || live.get(studyId) !== entry) return;
    store.prune(studyId, studyRun.position, pruning.epoch, pruning.value);
    announce(studyId);
    runService.runs.stop({ runId }).catch(() => {
      // it ended by itself meanwhile
    });
  };

  const judge = (studyId: string, runId: string): void => {
    const study = live.get(studyId);
    if (!study || study.spec.stopping.kind === 'none' || study.judged.has(runId)) return;
    study.judged.add(runId);
    after(
      studyId,
      () => pruneIfHopeless(studyId, runId),
      (error) => log.error(`The stopping rule of a study could not be asked: ${error.message}`),
    );
  };

  const onRun = (run: Run): void => {
    const studyId = studyOfRun.get(run.id);
    if (studyId === undefined || isClosed) return;
    if (run.status !== 'queued' && !activeStatuses.includes(run.status)) wake(studyId);
  };
  const onMetrics = ({ runId, series }: RunsEvents['metricsCommitted']): void => {
    const studyId = studyOfRun.get(runId);
    const study = studyId === undefined ? undefined : live.get(studyId);
    if (studyId === undefined || !study || isClosed) return;
    if (study.spec.objective.metric in series) judge(studyId, runId);
  };
  const undo = [
    runService.subscribe('runChanged', onRun),
    runService.subscribe('runRemoved', ({ runId }) => {
      const studyId = studyOfRun.get(runId);
      if (studyId === undefined) return;
      studyOfRun.delete(runId);
      wake(studyId);
    }),
    runService.subscribe('metricsCommitted', onMetrics),
  ];

  const studies: StudiesService = implementContract(studiesContract, {
    create: async ({ name, note, spec: given }) => {
      const spec = parseStudySpec(given);
      const { settings, places } = outlineStudy(spec);
      const pace = createPace();
      for (const setting of settings) {
        settingConfig(spec, setting);
        await pace();
      }
      const study: Study = {
        id: options.newId(),
        name,
        note,
        status: 'draft',
        spec,
        createdAtMs: nowMs(),
        startedAtMs: null,
        endedAtMs: null,
        runs: places.map(({ position, settingId, seed }) => ({
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
    list: async () => {
      const pace = createPace();
      const found: Study[] = [];
      for (const { id } of store.names()) {
        const study = store.get(id);
        if (study) found.push(present(study));
        await pace();
      }
      return found;
    },
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
      if (beingDeleted.has(studyId)) throw deleting(study);
      const places = withRuns ? store.places(studyId) : [];
      // known before the first of them is moved: a study is deleted with all of its runs or not at all
      if (places.some(({ status, deletedAtMs }) => deletedAtMs === null && status && activeStatuses.includes(status))) {
        throw new AppError(
          'wrongState',
          `A run of the study "${study.name}" has not ended yet: stop it, or wait until it has written its checkpoint.`,
          { details: { studyId } },
        );
      }
      beingDeleted.add(studyId);
      try {
        const pace = createPace();
        for (const { runId, deletedAtMs } of places) {
          if (runId !== null && deletedAtMs === null) await runService.runs.delete({ runId });
          await pace();
        }
        store.remove(studyId);
      } finally {
        beingDeleted.delete(studyId);
      }
      events.emit('studyRemoved', { studyId });
      return {};
    },
  });

  return {
    studies: storage.isReadOnly ? refuseChanges(studies, readingMethods, refusal) : studies,
    subscribe: events.subscribe,
    recover(goesOn) {
      for (const study of store.names().filter(({ status }) => status === 'running')) {
        const wasInterrupted = store.places(study.id).some(({ status }) => status === 'interrupted');
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
