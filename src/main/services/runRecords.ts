import type { LogLine, Run, RunsEvents } from '../../core/contract/runs.ts';
import type { LogStore } from '../storage/logStore.ts';
import type { RunChanges, RunStore } from '../storage/runStore.ts';
import type { Events } from './events.ts';
import { requireRun } from './findRun.ts';
import type { Log } from './runServiceOptions.ts';

/** Runs as stored, told to subscribers whenever they change. */
export interface RunRecords {
  /** Throws AppError `unknownRun`. */
  get(runId: string): Run;
  /** how a run is shown: as stored, with what could not be stored yet */
  present(run: Run): Run;
  change(runId: string, changes: RunChanges): Run;
  /**
   * A change that has happened whether it can be stored or not, such as the end of a run on a full disk. What cannot be
   * stored is shown from memory and tried again with the next change.
   */
  settle(runId: string, changes: RunChanges): void;
  /** Stores what could not be stored before. Throws like any storing. */
  settleRest(): void;
  /** Tells subscribers how a run is now. */
  announce(runId: string): Run;
  /** Adds a line to the run's log; a log that cannot be written stops nothing. */
  note(line: LogLine): void;
}

/** Whether the stored status says that a process is at work on the run. */
export function isOrphan(run: Run): boolean {
  return run.status === 'starting' || run.status === 'running';
}

/** What became of a run whose process went away without a word. */
export function interruption(run: Run): Pick<Run, 'status' | 'failure'> {
  return {
    status: 'interrupted',
    failure: {
      code: 'workerCrashed',
      message: `lp-workbench ended while this run was training; its last stored step is ${run.step}. Resume it to continue from its last checkpoint.`,
    },
  };
}

export function createRunRecords(
  stores: { runs: RunStore; logs: LogStore },
  events: Events<RunsEvents>,
  log: Log,
  isOwnerGone: boolean,
): RunRecords {
  const unsettled = new Map<string, RunChanges>();

  const settleRest = (): void => {
    for (const [runId, changes] of unsettled) {
      stores.runs.update(runId, changes);
      unsettled.delete(runId);
    }
  };
  // status columns of the queue are no part of a run as shown
  const present = (run: Run): Run => {
    const pending = unsettled.get(run.id);
    if (!pending) return isOwnerGone && isOrphan(run) ? { ...run, ...interruption(run) } : run;
    const { statusBeforeQueue: _status, extend: _extend, ...shown } = pending;
    return { ...run, ...shown };
  };
  const get = (runId: string): Run => present(requireRun(stores.runs, runId));
  const announce = (runId: string): Run => {
    const run = get(runId);
    events.emit('runChanged', run);
    return run;
  };

  return {
    get,
    present,
    announce,
    settleRest,
    change(runId, changes) {
      settleRest();
      stores.runs.update(runId, changes);
      return announce(runId);
    },
    settle(runId, changes) {
      unsettled.set(runId, { ...unsettled.get(runId), ...changes });
      try {
        settleRest();
      } catch (error) {
        log.error(`The state of run ${runId} could not be stored yet: ${(error as Error).message}`);
      }
      try {
        announce(runId);
      } catch (error) {
        log.error(`The state of run ${runId} could not be read: ${(error as Error).message}`);
      }
    },
    note(line) {
      try {
        stores.logs.append(line);
      } catch (error) {
        log.error(`A log line of run ${line.runId} could not be stored: ${(error as Error).message}`);
      }
      events.emit('log', line);
    },
  };
}
