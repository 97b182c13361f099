import type { Run } from '../../../core/contract/runs.ts';
import type { Study } from '../../../core/contract/studies.ts';
import { asAppError } from '../../../core/errors.ts';
import { planStudy } from '../../../core/studies/planStudy.ts';
import { studyTable, type StudyTable } from '../../../core/studies/studyTable.ts';
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
  const listed = await runs.list({ includeDeleted: true });
  const wanted = new Set(study.runs.map(({ runId }) => runId));
  const own = new Map(listed.filter(({ id }) => wanted.has(id)).map((run) => [run.id, run]));
  return { runs: own, table: studyTable(study, planStudy(study.spec), own) };
}

const clearLine = '\r\u001B[K';
const pollMs = 1_000;

/**
 * Starts a study, or lets it go on, and shows it until it is over. The first wish to stop keeps the runs that train at a
 * checkpoint, the second ends this process at once.
 */
export async function watchStudy(host: CliHost, workbench: Workbench, studyId: string): Promise<WatchedStudy> {
  const { studies, subscribe, lost } = workbench;
  const ended = Promise.withResolvers<Study>();
  const beganAtMs = host.nowMs();
  let endedBefore = -1;
  let shown = '';
  let isInterrupted = false;

  const look = (study: Study): void => {
    if (study.id === studyId && study.status !== 'running' && study.status !== 'draft') ended.resolve(study);
  };
  const wipe = (): void => {
    if (host.isInteractive && shown !== '') host.err(clearLine);
  };
  const show = async (): Promise<void> => {
    const study = await studies.get({ studyId });
    const { table, runs } = await studyFacts(workbench, study);
    const { done, pruned, failed } = table.counts;
    const over = done + pruned + failed;
    if (endedBefore < 0) endedBefore = over;
    const active = [...runs.values()].find(({ status }) => status === 'running');
    const part = active?.totalSteps ? active.step / active.totalSteps : 0;
    const elapsed = (host.nowMs() - beganAtMs) / 1_000;
    const progress = over - endedBefore + part;
    const eta = over > endedBefore ? (elapsed / progress) * (study.runs.length - over - part) : null;
    const line = [
      `${study.name}: ${over}/${study.runs.length} runs (${formatPercent(over / study.runs.length, 0)})`,
      ...(pruned > 0 ? [`${pruned} pruned`] : []),
      ...(failed > 0 ? [`${failed} failed`] : []),
      ...(active ? [active.name] : []),
      ...(eta === null ? [] : [`ETA ${formatDuration(eta)}`]),
    ].join('  ');
    if (host.isInteractive) {
      if (line !== shown) host.err(clearLine + line.slice(0, host.width() - 1));
    } else if (over > lastLogged) {
      lastLogged = over;
      host.err(`${line}\n`);
    }
    shown = line;
  };
  let lastLogged = 0;
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
