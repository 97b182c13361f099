import type { Run } from '../../core/contract/runs.ts';
import { fromWire } from '../../core/errors.ts';
import { exitCodes } from './command.ts';
import type { CommandContext } from './command.ts';
import { formatDuration, formatNumber, formatPercent } from './terminal/formats.ts';
import type { WatchedRun } from './watchRun.ts';

/** A run as programs get it: the stored record, its last metric values also under the name a reader looks for. */
export function runJson(run: Run): Run & { metrics: Run['latest'] } {
  return { ...run, metrics: run.latest };
}

export function runTitle(run: Run): string {
  return `${run.name} (${run.id})`;
}

/** Prints how a run ended and answers the exit code. Throws what made the run fail. */
export function reportResult({ host, isJson }: CommandContext, { run, isInterrupted }: WatchedRun): number {
  if (isJson) host.out(`${JSON.stringify(runJson(run))}\n`);
  if (run.status === 'failed' || run.status === 'interrupted') {
    if (run.failure) throw fromWire(run.failure);
    throw fromWire({ code: 'workerCrashed', message: `${runTitle(run)} was interrupted. ${resumeSentence(run)}` });
  }
  if (!isJson) host.out(`${resultSentence(run)}\n`);
  if (isInterrupted && run.status === 'paused') host.err(`${resumeSentence(run)}\n`);
  return isInterrupted && run.status !== 'completed' ? exitCodes.interrupted : exitCodes.done;
}

export function resumeSentence(run: Run): string {
  return `Continue with: lp-workbench resume ${run.id}`;
}

function resultSentence(run: Run): string {
  const shown: [string, string | undefined][] = [
    ['test accuracy', shareOf(run.latest['testAccuracy'])],
    ['test loss', numberOf(run.latest['testLoss'])],
    ['validation accuracy', shareOf(run.latest['validationAccuracy'])],
    ['train accuracy', shareOf(run.latest['trainAccuracy'])],
    ['train loss', numberOf(run.latest['trainLoss'])],
  ];
  const values = shown.flatMap(([name, value]) => (value === undefined ? [] : [`${name} ${value}`]));
  const end = run.endReason === 'earlyStopped' ? 'stopped early' : run.status;
  return [`${runTitle(run)} ${end} after ${run.step} steps, ${formatDuration(run.trainSeconds)}`, ...values].join('; ');
}

function shareOf(value: number | null | undefined): string | undefined {
  return value === null || value === undefined ? undefined : formatPercent(value);
}

function numberOf(value: number | null | undefined): string | undefined {
  return value === null || value === undefined ? undefined : formatNumber(value);
}
