import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Run } from '../../../core/contract/runs.ts';
import { configFields, fieldName } from '../../../core/runs/configFields.ts';
import {
  histogramEvent,
  hyperparameterEvents,
  runTag,
  scalarsEvent,
  textEvent,
  versionEvent,
  type EndState,
  type Histogram,
  type HyperparameterValue,
} from './encodeEvents.ts';
import { encodeRecord } from './records.ts';

/** Points of all series over the same stretch of steps. */
export interface StepWindow {
  series: readonly { key: string; steps: readonly number[]; values: readonly (number | null)[] }[];
}

export interface OutgoingEvents {
  run: Run;
  /** stretches of steps, ascending */
  windows: AsyncIterable<StepWindow>;
  /** how the weights were spread at a step */
  histograms: readonly { step: number; variables: readonly (Histogram & { name: string })[] }[];
  /** what reads these files again as the same run */
  description: string;
}

const endStateOf = ({ status }: Run): EndState => {
  if (status === 'completed' || status === 'stopped') return 'success';
  return status === 'failed' || status === 'interrupted' || status === 'cancelled' ? 'failure' : 'running';
};

/** What the HParams page shows: what a person would call the settings of a run. */
export function hyperparametersOf(run: Run): Record<string, HyperparameterValue> {
  if (run.origin) return run.origin.hyperparameters;
  const wanted = [...configFields(run.config)].filter(([path]) => !/^(?:evaluation|checkpoint)\./.test(path));
  return Object.fromEntries(wanted.map(([path, value]) => [fieldName(path), value]));
}

/** Writes one event file, which must not be there. */
export async function writeEvents(file: string, outgoing: OutgoingEvents): Promise<void> {
  await pipeline(
    Readable.from(records(outgoing), { objectMode: false }),
    createWriteStream(file, { flags: 'wx', flush: true }),
  );
}

async function* records({ run, windows, histograms, description }: OutgoingEvents): AsyncGenerator<Uint8Array> {
  const startSeconds = (run.startedAtMs ?? run.createdAtMs) / 1_000;
  const endSeconds = (run.endedAtMs ?? run.startedAtMs ?? run.createdAtMs) / 1_000;
  yield encodeRecord(versionEvent(startSeconds));
  const start = hyperparameterEvents({
    name: run.name,
    hyperparameters: hyperparametersOf(run),
    metrics: Object.keys(run.latest).filter((key) => /(?:Loss|Accuracy|Mae)$/.test(key)),
    startSeconds,
    endSeconds,
    state: endStateOf(run),
  });
  for (const event of start) yield encodeRecord(event);
  yield encodeRecord(textEvent(startSeconds, runTag, description));

  let elapsed = 0;
  for await (const { series } of windows) {
    const bySteps = new Map<number, [string, number][]>();
    for (const { key, steps, values } of series) {
      steps.forEach((step, i) => {
        const scalars = bySteps.get(step) ?? [];
        bySteps.set(step, scalars);
        // a value that is missing was not finite
        scalars.push([key, values[i] ?? Number.NaN]);
      });
    }
    const pieces: Uint8Array[] = [];
    for (const step of [...bySteps.keys()].toSorted((a, b) => a - b)) {
      const scalars = bySteps.get(step)!;
      const seconds = scalars.find(([key]) => key === 'elapsedSeconds')?.[1];
      if (seconds !== undefined && Number.isFinite(seconds)) elapsed = seconds;
      pieces.push(encodeRecord(scalarsEvent(startSeconds + elapsed, step, scalars)));
    }
    if (pieces.length > 0) yield Buffer.concat(pieces);
  }
  for (const { step, variables } of histograms) {
    for (const { name, ...histogram } of variables) {
      yield encodeRecord(histogramEvent(endSeconds, step, `weights/${name}`, histogram));
    }
  }
}
