import type { Run, RunsEvents } from '../../../core/contract/runs.ts';
import type { CliHost } from '../cliHost.ts';
import { plainProgress, progressLine } from './progressLine.ts';
import type { ProgressFacts } from './progressLine.ts';

/** Shows a run's progress on stderr: a line that rewrites itself for a person, a line per epoch for a log. */
export interface RunReporter {
  run(run: Run): void;
  metrics(event: RunsEvents['metricsCommitted']): void;
  message(text: string): void;
  /** Leaves the cursor at the start of a fresh line. */
  end(): void;
}

/** A log that sees no new epoch gets a line this often. */
const quietMs = 10_000;
/** A rewritten line changes at most this often. */
const redrawMs = 100;
const clearLine = '\r\u001B[K';

export function createRunReporter(host: CliHost, label: string): RunReporter {
  let run: Run | undefined;
  let step = 0;
  let latest: Record<string, number | null> = {};
  let pace: { step: number; atMs: number } | undefined;
  let drawnAtMs = -Infinity;
  let loggedEpoch = 0;
  let isDrawn = false;

  const facts = (): ProgressFacts => {
    const epoch = run?.stepsPerEpoch ? Math.ceil(step / run.stepsPerEpoch) : null;
    return {
      label,
      step,
      epoch,
      latest,
      totalSteps: run?.totalSteps ?? null,
      epochs: run?.config.epochs ?? 0,
      etaSeconds: etaSeconds(),
    };
  };
  const etaSeconds = (): number | null => {
    if (!run?.totalSteps || !pace || step <= pace.step) return null;
    const secondsPerStep = (host.nowMs() - pace.atMs) / 1000 / (step - pace.step);
    return Math.max(0, run.totalSteps - step) * secondsPerStep;
  };
  const draw = (isForced: boolean): void => {
    const nowMs = host.nowMs();
    if (host.isInteractive) {
      if (!isForced && nowMs - drawnAtMs < redrawMs) return;
      host.err(clearLine + progressLine(facts(), host.width() - 1));
      isDrawn = true;
    } else {
      const epoch = run?.stepsPerEpoch ? Math.floor(step / run.stepsPerEpoch) : 0;
      if (epoch <= loggedEpoch && nowMs - drawnAtMs < quietMs) return;
      loggedEpoch = epoch;
      host.err(`${plainProgress(facts())}\n`);
    }
    drawnAtMs = nowMs;
  };
  const wipe = (): void => {
    if (isDrawn) host.err(clearLine);
    isDrawn = false;
  };

  return {
    run(next) {
      run = next;
      step = Math.max(step, next.step);
      latest = { ...next.latest, ...latest };
      if (next.status !== 'running') pace = undefined;
    },
    metrics(event) {
      for (const [key, { values }] of Object.entries(event.series)) {
        const value = values.at(-1);
        if (value !== undefined) latest[key] = value;
      }
      step = event.step;
      pace ??= { step, atMs: host.nowMs() };
      draw(run?.totalSteps === step);
    },
    message(text) {
      wipe();
      host.err(`${text}\n`);
    },
    end() {
      if (isDrawn) host.err('\n');
      isDrawn = false;
    },
  };
}
