import { mkdir, mkdtemp, readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { parseRunConfig, runConfigSchema } from '../../core/contract/runConfig.ts';
import { activeStatuses, type Checkpoint, type Run } from '../../core/contract/runs.ts';
import { transfersContract, type TransfersService } from '../../core/contract/transfers.ts';
import { AppError } from '../../core/errors.ts';
import { nextTurn } from '../../node/pacing.ts';
import type { ModelProcess } from '../results/modelProcess.ts';
import type { Storage } from '../storage/openStorage.ts';
import type { readLprun } from '../transfer/readLprun.ts';
import type { EventRun, readEventFolders } from '../transfer/tensorboard/readEvents.ts';
import type { OutgoingEvents, StepWindow, writeEvents } from '../transfer/tensorboard/writeEvents.ts';
import type { SeriesPage, writeLprun } from '../transfer/writeLprun.ts';
import { requireRun } from './findRun.ts';
import { implementContract } from './implementContract.ts';
import type { ImportedWeights } from './importedWeights.ts';
import { createIncomingRuns } from './incomingRuns.ts';
import { refuseToReplace } from './refuseToReplace.ts';
import type { RunFiles } from './runFiles.ts';

export interface TransfersServiceOptions {
  storage: Pick<Storage, 'runs' | 'metrics' | 'checkpoints' | 'logs' | 'settings'>;
  files: RunFiles;
  writeLprun: typeof writeLprun;
  readLprun: typeof readLprun;
  writeEvents: typeof writeEvents;
  readEventFolders: typeof readEventFolders;
  models: Pick<ModelProcess, 'histograms'>;
  weights: Pick<ImportedWeights, 'take'>;
  /** the page about a run */
  renderReport: (runId: string) => Promise<string>;
  tempDir: string;
  softwareVersion: string;
  nowMs: () => number;
  newId: () => string;
  /** tells subscribers of a run that came in */
  announce: (runId: string) => Run;
  announceRemoved: (runId: string) => void;
  explain: (error: unknown, place: string) => unknown;
}

export interface TransfersServiceHost {
  transfers: TransfersService;
  /** Removes what a program that ended while runs were taken in has left. To be called once, at the start. */
  removePartial(): void;
}

/** Few enough that reading one page never holds the process up. */
const stepsPerPage = 5_000;
const maxLogLines = 10_000;

export function createTransfersService(options: TransfersServiceOptions): TransfersServiceHost {
  const { storage, files, nowMs } = options;
  const incoming = createIncomingRuns(storage, nowMs);

  async function* pointsOf(run: Run): AsyncGenerator<SeriesPage> {
    for (const { key } of storage.metrics.keys(run.id)) {
      for (let from = 0; from <= run.step; from += stepsPerPage) {
        const { steps, values } = storage.metrics.series(run.id, key, {
          from,
          to: from + stepsPerPage - 1,
          maxPoints: 0,
        });
        if (steps.length > 0) yield { key, steps, values };
        await nextTurn();
      }
    }
  }

  const withTempDir = async <Result>(use: (dir: string) => Promise<Result>): Promise<Result> => {
    await mkdir(options.tempDir, { recursive: true });
    const dir = await mkdtemp(path.join(options.tempDir, 'transfer-'));
    try {
      return await use(dir);
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  };

  const exportRun = async (runId: string, target: string, overwrite: boolean, includeReport: boolean) => {
    const run = requireRun(storage.runs, runId);
    if (activeStatuses.includes(run.status) && run.status !== 'paused') {
      throw new AppError(
        'wrongState',
        `Run ${run.id} (${run.name}) is ${run.status}: pause or stop it before it is packed.`,
        {
          details: { runId, status: run.status },
        },
      );
    }
    const file = path.resolve(target);
    await refuseToReplace(file, overwrite);
    const report = includeReport ? await options.renderReport(runId) : null;
    const rows = storage.checkpoints.list(runId);
    const found = await files.findCheckpoints(runId);
    const checkpoints = rows
      .filter((row) => found.some(({ name }) => name === row.path))
      .map(({ runId: _run, path: name, ...rest }) => ({ ...rest, name }));
    const partial = `${file}.${process.pid}.partial`;
    try {
      await mkdir(path.dirname(file), { recursive: true });
      await options.writeLprun(partial, {
        facts: {
          createdAtMs: nowMs(),
          softwareVersion: options.softwareVersion,
          run: { ...run, queuePosition: null },
          configs: storage.runs.configs(runId),
          checkpoints,
        },
        checkpointDirs: new Map(checkpoints.map(({ name }) => [name, files.checkpointPath(runId, name)])),
        points: pointsOf(run),
        log: storage.logs.list(runId, maxLogLines),
        report,
      });
      await rename(partial, file);
      return { path: file, bytes: (await stat(file)).size };
    } catch (error) {
      await rm(partial, { force: true }).catch(() => undefined);
      throw options.explain(error, file);
    }
  };

  const importRun = async (source: string, asCopy: boolean): Promise<Run> => {
    const file = path.resolve(source);
    return withTempDir(async (dir) => {
      const { manifest, checkpointDirs, log, points } = await options.readLprun(file, dir);
      const id = asCopy ? options.newId() : manifest.run.id;
      const known = storage.runs.get(id);
      if (known) {
        const where = known.deletedAtMs === null ? '' : ' in the trash';
        throw new AppError(
          'conflict',
          `The run ${id} (${known.name}) is here already${where}. Take it in as a copy, or remove the one that is here first.`,
          { details: { runId: id, path: file } },
        );
      }
      const saved: Checkpoint[] = manifest.checkpoints
        .filter(({ name }) => checkpointDirs.has(name))
        .map(({ name, ...rest }) => ({ ...rest, runId: id, path: name }));
      try {
        // nobody's, since no run has this id
        await files.remove(id);
        for (const [name, from] of checkpointDirs) {
          await mkdir(files.checkpointDir(id), { recursive: true });
          await rename(from, files.checkpointPath(id, name));
        }
        await incoming.admit({
          run: { ...manifest.run, id, ...restingState(manifest.run) },
          configs: manifest.configs,
          checkpoints: saved,
          log: log.map((line) => ({ ...line, runId: id })),
          points: points(),
        });
      } catch (error) {
        await files.remove(id).catch(() => undefined);
        throw error;
      }
      return options.announce(id);
    }).catch((error: unknown) => {
      throw options.explain(error, options.tempDir);
    });
  };

  async function* windowsOf(run: Run): AsyncGenerator<StepWindow> {
    const keys = storage.metrics.keys(run.id).map(({ key }) => key);
    const width = Math.max(1, Math.ceil(stepsPerPage / Math.max(1, keys.length)));
    for (let from = 0; from <= run.step; from += width) {
      yield {
        series: keys.map((key) => storage.metrics.series(run.id, key, { from, to: from + width - 1, maxPoints: 0 })),
      };
      await nextTurn();
    }
  }

  const histogramsOf = async (runId: string): Promise<OutgoingEvents['histograms']> => {
    const found = (await files.findCheckpoints(runId)).toReversed();
    // the best checkpoint and the one of its step hold the same weights
    const distinct = found.filter(({ step }, i) => found.findIndex((other) => other.step === step) === i);
    if (distinct.length === 0) return [];
    const checkpointPaths = distinct.map(({ name }) => files.checkpointPath(runId, name));
    const { histograms } = await options.models.histograms({ checkpointPaths });
    return distinct.map(({ step }, i) => ({ step, variables: histograms[i]! }));
  };

  const exportEvents = async (runIds: readonly string[], target: string) => {
    const dir = path.resolve(target);
    const runs = [...new Set(runIds)].map((runId) => requireRun(storage.runs, runId));
    if ((await readdir(dir).catch(() => [])).length > 0) {
      throw new AppError('conflict', `${dir} is there already and not empty; choose another folder.`, {
        details: { path: dir },
      });
    }
    const partial = `${dir}.${process.pid}.partial`;
    const written: string[] = [];
    try {
      await mkdir(path.dirname(dir), { recursive: true });
      await mkdir(partial);
      for (const run of runs) {
        const folder = `${fileName(run.name)}-${run.id}`;
        const file = path.join(folder, `events.out.tfevents.${Math.floor(run.createdAtMs / 1_000)}.lp-workbench`);
        const histograms = await histogramsOf(run.id);
        await mkdir(path.join(partial, folder));
        await options.writeEvents(path.join(partial, file), {
          run,
          windows: windowsOf(run),
          histograms,
          description: JSON.stringify(describeRun(run)),
        });
        written.push(file);
      }
      await rmdir(dir).catch(() => undefined);
      await rename(partial, dir);
      return { path: dir, files: written };
    } catch (error) {
      await rm(partial, { recursive: true, force: true }).catch(() => undefined);
      throw options.explain(error, dir);
    }
  };

  const importEvents = async (place: string, calledSource: string | null): Promise<Run[]> => {
    const root = path.resolve(place);
    const taken: Run[] = [];
    try {
      for await (const found of options.readEventFolders(root)) {
        const named = calledSource === null ? found : { ...found, ...placeNames(found, root, calledSource) };
        const run = runOfEvents(named, options.newId(), nowMs(), options.softwareVersion);
        await incoming.admit({
          run,
          configs: [{ config: run.config, fromStep: 0, createdAtMs: run.createdAtMs }],
          checkpoints: [],
          log: found.notes.map((message) => ({ runId: run.id, atMs: nowMs(), level: 'warn', message })),
          points: pagesOf(found),
        });
        taken.push(options.announce(run.id));
      }
      return taken;
    } catch (error) {
      // all of a folder or none of it: a second try must not make the first runs twice
      for (const { id } of taken) incoming.remove(id);
      for (const { id } of taken) options.announceRemoved(id);
      throw options.explain(error, root);
    }
  };

  return {
    transfers: implementContract(transfersContract, {
      exportRun: ({ runId, path: target, overwrite, includeReport }) =>
        exportRun(runId, target, overwrite, includeReport),
      importRun: ({ path: source, asCopy }) => importRun(source, asCopy),
      exportEvents: ({ runIds, path: target }) => exportEvents(runIds, target),
      importEvents: ({ path: place, source }) => importEvents(place, source ?? null),
      importWeights: ({ paths }) =>
        withTempDir((dir) => options.weights.take(paths, path.join(dir, 'weights'))).catch((error: unknown) => {
          throw options.explain(error, options.tempDir);
        }),
    }),
    removePartial() {
      for (const runId of incoming.removePartial()) void files.remove(runId).catch(() => undefined);
    },
  };
}

/** What a run is where no process and no queue knows it. */
function restingState({ status, step }: Run): Pick<Run, 'status' | 'queuePosition' | 'deletedAtMs'> {
  const resting = status === 'queued' ? (step > 0 ? 'interrupted' : 'cancelled') : status;
  return { status: resting, queuePosition: null, deletedAtMs: null };
}

/** A name for a folder: what no system minds, and short. */
function fileName(name: string): string {
  const plain = name.normalize('NFKD').replaceAll(/[^A-Za-z0-9._ -]+/g, '');
  return (
    plain
      .replaceAll(/\s+/g, '-')
      .replace(/^[.-]+/, '')
      .slice(0, 80) || 'run'
  );
}

/** What event files have no place for, so that a run that left comes back as itself. */
const descriptionSchema = z.object({
  version: z.literal(1),
  name: z.string(),
  note: z.string(),
  tags: z.array(z.string()),
  config: runConfigSchema,
  softwareVersion: z.string(),
  datasetHash: z.string().nullable(),
  parameterCount: z.int().nullable(),
  totalSteps: z.int().nullable(),
  stepsPerEpoch: z.int().nullable(),
  trainSeconds: z.number(),
});

function describeRun(run: Run): z.input<typeof descriptionSchema> {
  return { version: 1, ...descriptionSchema.omit({ version: true }).parse(run) };
}

function readDescription(text: string | null): z.output<typeof descriptionSchema> | null {
  if (text === null) return null;
  try {
    return descriptionSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/** What a run from a folder below `root`, or from the one file that `root` is, is called when the user calls that `source`. */
function placeNames(found: EventRun, root: string, source: string): Pick<EventRun, 'name' | 'source'> {
  const below = path.relative(root, found.source).split(path.sep).join('/');
  const isBelow = below !== '' && !below.startsWith('..');
  return isBelow
    ? { name: found.name, source: `${source}/${below}` }
    : { name: source.split(/[\\/]/).findLast((part) => part !== '') ?? found.name, source };
}

/** A finished run of what event files say. One of another program has no settings here but what its files name. */
function runOfEvents(found: EventRun, id: string, nowMs: number, softwareVersion: string): Run {
  const own = readDescription(found.description);
  const startedAtMs = found.firstSeconds * 1_000 || nowMs;
  const endedAtMs = found.lastSeconds * 1_000 || nowMs;
  return {
    id,
    name: own?.name ?? found.name.slice(0, 500),
    note: own?.note ?? '',
    tags: own?.tags ?? [],
    status: 'completed',
    endReason: 'completed',
    failure: null,
    config: own?.config ?? parseRunConfig({}),
    softwareVersion: own?.softwareVersion ?? softwareVersion,
    datasetHash: own?.datasetHash ?? null,
    device: null,
    parameterCount: own?.parameterCount ?? null,
    createdAtMs: Math.round(startedAtMs),
    startedAtMs: Math.round(startedAtMs),
    endedAtMs: Math.round(endedAtMs),
    deletedAtMs: null,
    queuePosition: null,
    step: found.lastStep,
    // it is over, so its last step is all there was to do
    totalSteps: own ? own.totalSteps : found.lastStep,
    stepsPerEpoch: own?.stepsPerEpoch ?? null,
    trainSeconds: own?.trainSeconds ?? Math.max(0, found.lastSeconds - found.firstSeconds),
    latest: {},
    parent: null,
    ...(own
      ? {}
      : { origin: { kind: 'tensorBoard', source: found.source, hyperparameters: found.hyperparameters } as const }),
  };
}

const pointsPerCommit = 2_000;

async function* pagesOf({ series }: EventRun): AsyncGenerator<SeriesPage> {
  for (const [key, { steps, values }] of series) {
    for (let from = 0; from < steps.length; from += pointsPerCommit) {
      const to = from + pointsPerCommit;
      yield { key, steps: steps.slice(from, to), values: values.slice(from, to) };
    }
  }
}
