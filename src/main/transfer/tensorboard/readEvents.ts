import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../../core/errors.ts';
import { decodeEvent } from './decodeEvents.ts';
import { runTag, type HyperparameterValue } from './encodeEvents.ts';
import { decodeRecords } from './records.ts';

const maxFolders = 10_000;
const maxPoints = 50_000_000;

/** What the event files of one folder hold together. */
export interface EventRun {
  /** path of the folder below the one that was asked for; its own name for that one itself */
  name: string;
  source: string;
  firstSeconds: number;
  lastSeconds: number;
  lastStep: number;
  /** by tag, in step order; of two values for a step the later one counts */
  series: Map<string, { steps: number[]; values: number[] }>;
  hyperparameters: Record<string, HyperparameterValue>;
  /** what this program wrote of the run, if it did */
  description: string | null;
  /** sentences for the run's log */
  notes: string[];
}

const isEventFile = (name: string): boolean => name.includes('.tfevents.') || name.startsWith('events.out.tfevents');

/**
 * Reads every folder at or below `root` that holds event files, one after the other, so that one run is in memory at a
 * time. Throws AppError `fileUnreadable` where a file is damaged, `notFound` where there is none.
 */
export async function* readEventFolders(root: string): AsyncGenerator<EventRun> {
  const folders = await findFolders(root);
  if (folders.length === 0) {
    throw new AppError(
      'notFound',
      `${root} holds no TensorBoard event files (events.out.tfevents.*), nor does a folder below it.`,
      {
        details: { path: root },
      },
    );
  }
  for (const { dir, files } of folders) {
    const below = path.relative(root, dir).split(path.sep).join('/');
    const run = await readFolder(dir, files, below === '' ? path.basename(path.resolve(dir)) : below);
    if (run.series.size > 0 || run.description !== null) yield run;
  }
}

async function findFolders(root: string): Promise<{ dir: string; files: string[] }[]> {
  let facts;
  try {
    facts = await stat(root);
  } catch (error) {
    throw new AppError('fileUnreadable', `${root} is not there or cannot be read.`, {
      details: { path: root },
      cause: error,
    });
  }
  if (facts.isFile()) return [{ dir: path.dirname(root), files: [path.basename(root)] }];
  const found: { dir: string; files: string[] }[] = [];
  const waiting = [root];
  for (let dir = waiting.shift(); dir !== undefined; dir = waiting.shift()) {
    const entries = await readdir(dir, { withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile() && isEventFile(entry.name)).map(({ name }) => name);
    if (files.length > 0) found.push({ dir, files: files.toSorted() });
    // links are not followed, so that no folder is met twice
    waiting.push(...entries.filter((entry) => entry.isDirectory()).map(({ name }) => path.join(dir, name)));
    if (found.length > maxFolders || waiting.length > 10 * maxFolders) {
      throw new AppError('fileUnreadable', `${root} holds more than ${maxFolders} folders; choose one of them.`, {
        details: { path: root },
      });
    }
  }
  return found.toSorted((a, b) => a.dir.localeCompare(b.dir));
}

async function readFolder(dir: string, files: readonly string[], name: string): Promise<EventRun> {
  const points = new Map<string, Map<number, number>>();
  const run: EventRun = {
    name,
    source: dir,
    firstSeconds: Infinity,
    lastSeconds: 0,
    lastStep: 0,
    series: new Map(),
    hyperparameters: {},
    description: null,
    notes: [],
  };
  let [leftOut, total, negative] = [0, 0, 0];
  for (const file of files) {
    const full = path.join(dir, file);
    const onCut = (): void =>
      void run.notes.push(`The last record of ${file} is cut off; everything before it was read.`);
    for await (const record of decodeRecords(createReadStream(full), full, onCut)) {
      const event = decodeEvent(record);
      if (event.wallSeconds > 0) {
        run.firstSeconds = Math.min(run.firstSeconds, event.wallSeconds);
        run.lastSeconds = Math.max(run.lastSeconds, event.wallSeconds);
      }
      leftOut += event.leftOut;
      Object.assign(run.hyperparameters, event.hyperparameters);
      run.description ??= event.texts.find(({ tag }) => tag === runTag)?.text ?? null;
      for (const { tag, value } of event.scalars) {
        if (event.step < 0) {
          negative++;
          continue;
        }
        const series = points.get(tag) ?? new Map<number, number>();
        points.set(tag, series);
        series.set(event.step, value);
        run.lastStep = Math.max(run.lastStep, event.step);
        if (++total > maxPoints) {
          throw new AppError('fileUnreadable', `${dir} holds more than ${maxPoints.toLocaleString('en')} points.`, {
            details: { path: dir },
          });
        }
      }
    }
  }
  for (const [tag, series] of points) {
    const steps = [...series.keys()].toSorted((a, b) => a - b);
    run.series.set(tag, { steps, values: steps.map((step) => series.get(step)!) });
  }
  if (leftOut > 0)
    run.notes.push(`${leftOut} pictures, histograms and other values that are no scalars were left out.`);
  if (negative > 0) run.notes.push(`${negative} values at steps below 0 were left out.`);
  if (!Number.isFinite(run.firstSeconds)) run.firstSeconds = 0;
  return run;
}
