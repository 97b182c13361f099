import type { Run, RunStatus } from '../../core/contract/runs.ts';
import { asAppError } from '../../core/errors.ts';
import type { CliHost } from './cliHost.ts';
import { exitCodes } from './command.ts';
import { createRunReporter } from './terminal/runReporter.ts';
import type { Workbench } from './workbench.ts';

const endStatuses: readonly RunStatus[] = ['completed', 'stopped', 'failed', 'interrupted', 'cancelled'];

export interface WatchedRun {
  run: Run;
  /** the user asked to stop; the run is paused at a checkpoint */
  isInterrupted: boolean;
}

/**
 * Shows a run until it ends. The first wish to stop pauses it with a checkpoint, the second ends this process at once.
 */
export async function watchRun(
  host: CliHost,
  { runs, subscribe, lost }: Workbench,
  runId: string,
  label: string,
): Promise<WatchedRun> {
  const reporter = createRunReporter(host, label);
  let isInterrupted = false;
  const ended = Promise.withResolvers<Run>();
  const look = (run: Run): void => {
    if (run.id !== runId) return;
    reporter.run(run);
    const isOver = endStatuses.includes(run.status) || (isInterrupted && run.status === 'paused');
    if (isOver) ended.resolve(run);
  };
  const pause = async (): Promise<void> => {
    const run = await runs.get({ runId });
    if (run.status === 'queued') look(await runs.cancel({ runId }));
    else if (!endStatuses.includes(run.status)) look(await runs.pause({ runId }));
  };
  const undo = [
    subscribe('runChanged', look),
    subscribe('metricsCommitted', (event) => {
      if (event.runId === runId) reporter.metrics(event);
    }),
    subscribe('log', (line) => {
      // how the run goes and how it ends is reported anyway
      if (line.runId === runId && line.level === 'warn') reporter.message(`${label}: ${line.message}`);
    }),
    host.onInterrupt(() => {
      if (isInterrupted) {
        host.err('Stopped at once.\n');
        host.exitNow(exitCodes.interrupted);
      }
      isInterrupted = true;
      reporter.message('Pausing at a checkpoint; press Ctrl-C again to stop at once.');
      pause().catch((error: unknown) => ended.reject(asAppError(error)));
    }),
  ];
  try {
    // what changed between creating the run and subscribing
    look(await runs.get({ runId }));
    await Promise.race([ended.promise, lost]);
    return { run: await runs.get({ runId }), isInterrupted };
  } finally {
    reporter.end();
    for (const stop of undo) stop();
  }
}
