import type { Run } from '../../../core/contract/runs.ts';
import type { Study } from '../../../core/contract/studies.ts';
import { asAppError } from '../../../core/errors.ts';
import { outlineStudy } from '../../../core/studies/planStudy.ts';
import { studySecondsLeft } from '../../../core/studies/studySecondsLeft.ts';
import { stateCounts, studyTable, type StudyTable } from '../../../core/studies/studyTable.ts';
import type { CliHost } from '../cliHost.ts';
import { exitCodes } from '../command.ts';
import { formatDuration, formatPercent } from '../terminal/formats.ts';
import type { Workbench } from '../workbench.ts';

export interface WatchedStudy {
  study: Study;
  isInterrupted: boolean;
}

/** The runs of a study by id, and its table. */
export async function studyFacts(
  { runs }: Pick<Workbench, 'runs'>,
  study: Study,
): Promise<{ runs: ReadonlyMap<string, Run>; table: StudyTable }> {
  const own = await runsOf({ runs }, study);
  return { runs: own, table: studyTable(study, outlineStudy(study.spec), own) };
}

async function runsOf({ runs }: Pick<Workbench, 'runs'>, study: Study): Promise<Map<string, Run>> {
  const listed = await runs.list({ includeDeleted: true });
  const wanted = new Set(study.runs.map(({ runId }) => runId));
  return new Map(listed.filter(({ id }) => wanted.has(id)).map((run) => [run.id, run]));
}

const clearLine = '\r\u001B[K';
const pollMs = 1_000;
/** A log that sees no run end gets a line this often. */
const quietMs = 30_000;

/**
 * Starts a study, or lets it go on, and shows it until it is over. The first wish to stop keeps the runs that train at a
 * checkpoint, the second ends this process at once.
 */
export async function watchStudy(host: CliHost, workbench: Workbench, studyId: string): Promise<WatchedStudy> {
  const { studies, subscribe, lost } = workbench;
  const ended = Promise.withResolvers<Study>();
  let shown = '';
  let isInterrupted = false;
  /** the runs that were made, as they are now */
  let known = new Map<string, Run>();

  const look = (study: Study): void => {
    if (study.id === studyId && study.status !== 'running' && study.status !== 'draft') ended.resolve(study);
  };
  const wipe = (): void => {
    if (host.isInteractive && shown !== '') host.err(clearLine);
  };
  const show = async (): Promise<void> => {
    const study = await studies.get({ studyId });
    for (const { runId } of study.runs) {
      if (runId !== null && !known.has(runId)) known.set(runId, await workbench.runs.get({ runId }));
    }
    const { done, pruned, failed } = stateCounts(study.runs, known);
    const over = done + pruned + failed;
    const training = [...known.values()].filter(({ status }) => status === 'running');
    const [active] = training;
    const part = active?.totalSteps ? active.step / active.totalSteps : 0;
    const eta = studySecondsLeft(study, known, training.length);
    const counts = [
      `${over}/${study.runs.length} runs (${formatPercent((over + part) / study.runs.length, part > 0 ? 1 : 0)})`,
      ...(eta === null ? [] : [`ETA ${formatDuration(eta)}`]),
      ...(pruned > 0 ? [`${pruned} pruned`] : []),
      ...(failed > 0 ? [`${failed} failed`] : []),
      ...(active ? [`${active.name}: step ${active.step}/${active.totalSteps ?? '?'}`] : []),
    ];
    const nowMs = host.nowMs();
    if (host.isInteractive) {
      // what changes comes first: a long name would push it out of the line
      const line = [...counts, study.name].join('  ').slice(0, host.width() - 1);
      if (line !== shown) host.err(clearLine + line);
      shown = line;
    } else if (over > lastLogged.over || (active && active.step > 0 && nowMs - lastLogged.atMs >= quietMs)) {
      lastLogged = { over, atMs: nowMs };
      host.err(`${[`${study.name}: ${counts[0]}`, ...counts.slice(1)].join('  ')}\n`);
    }
  };
  let lastLogged = { over: 0, atMs: -Infinity };
  let isShowing = false;
  const showSoon = (): void => {
    if (isShowing) return;
    isShowing = true;
    show()
      .catch((error: unknown) => ended.reject(asAppError(error)))
      .finally(() => {
        isShowing = false;
      });
  };
  const timer = setInterval(showSoon, pollMs);
  const undo = [
    subscribe('studyChanged', look),
    subscribe('runChanged', (run) => known.has(run.id) && known.set(run.id, run)),
    subscribe('metricsCommitted', ({ runId, step, series }) => {
      const run = known.get(runId);
      const trainSeconds = series['elapsedSeconds']?.values.at(-1) ?? run?.trainSeconds;
      if (run) known.set(runId, { ...run, step, trainSeconds: trainSeconds ?? run.trainSeconds });
    }),
    subscribe('log', (line) => {
      if (line.level === 'info') return;
      wipe();
      host.err(`${line.message}\n`);
    }),
    host.onInterrupt(() => {
      if (isInterrupted) {
        host.err('Stopped at once.\n');
        host.exitNow(exitCodes.interrupted);
      }
      isInterrupted = true;
      wipe();
      host.err('Stopping at a checkpoint; press Ctrl-C again to stop at once.\n');
      studies.stop({ studyId }).catch((error: unknown) => ended.reject(asAppError(error)));
    }),
  ];
  try {
    known = await runsOf(workbench, await studies.get({ studyId }));
    const started = await studies.start({ studyId });
    look(started);
    await Promise.race([ended.promise, lost]);
    return { study: await studies.get({ studyId }), isInterrupted };
  } finally {
    clearInterval(timer);
    wipe();
    for (const stop of undo) stop();
  }
}
