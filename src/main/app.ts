import path from 'node:path';
import type { RunsEvents, RunsService } from '../core/contract/runs.ts';
import type { Events } from './services/events.ts';
import { createDatasetService, type DatasetService } from './datasets/datasetService.ts';
import { createStartWorker, defaultWorkerTimeouts, type WorkerTimeouts } from './process/workerHandle.ts';
import type { LaunchWorker } from './process/workerProcess.ts';
import { createRunFiles } from './services/runFiles.ts';
import { createRunService } from './services/runService.ts';
import type { Log } from './services/runServiceOptions.ts';
import { dataDirLayout } from './storage/dataDirLayout.ts';
import { openStorage } from './storage/openStorage.ts';
import { acquireDataDir, isDataDirInUse } from './storage/ownerLock.ts';
import { asStorageError } from './storage/storageErrors.ts';

export interface AppOptions {
  dataDir: string;
  /** the folder that holds datasets/ and wasm/ */
  resourcesDir: string;
  launchWorker: LaunchWorker;
  /** wall clock, milliseconds since 1970 */
  clock: { nowMs(): number };
  log: Log;
  newId: () => string;
  /** what this program calls itself when another wants the data folder: "lp-workbench train" */
  who: string;
  softwareVersion: string;
  /** look only: no lock is taken and nothing is written, so another program may train meanwhile */
  readOnly?: boolean;
  /** runs that train at a time; default 1 */
  concurrency?: number;
  /** whether runs queued by an earlier process start by themselves; default true */
  startStoredQueue?: boolean;
  workerTimeouts?: WorkerTimeouts;
}

export interface App {
  runs: RunsService;
  /** Answers the undo. */
  subscribe: Events<RunsEvents>['subscribe'];
  datasets: DatasetService;
  /** Ends workers at a checkpoint (their runs are paused), backs the database up and gives the data folder free. */
  close(): Promise<void>;
}

/** After a run a backup is made when the last one is older than this. */
const backupIntervalMs = 10 * 60_000;

/**
 * Opens a data folder with everything that works on it. Throws AppError `dataDirInUse`, `dataDirNotWritable`,
 * `databaseCorrupt`, `databaseTooNew`, `migrationFailed` or `diskFull`, and leaves nothing open then.
 */
export function createApp(options: AppOptions): App {
  const { dataDir, resourcesDir, clock, log, readOnly = false } = options;
  const layout = dataDirLayout(dataDir);
  const nowMs = (): number => clock.nowMs();
  const lock = readOnly ? null : acquireDataDir(dataDir, options.who, nowMs());
  try {
    const storage = openStorage({ dataDir, readOnly });
    if (storage.warning) log.warn(storage.warning);
    let isBackupDue = false;
    let lastBackupMs = nowMs();
    const backUp = async (): Promise<void> => {
      isBackupDue = false;
      lastBackupMs = nowMs();
      await storage.backUp().catch((error: unknown) => log.warn(`No backup was made: ${(error as Error).message}`));
    };
    const datasets = createDatasetService({
      datasetsDir: layout.datasets,
      resourcesDir,
      store: storage.datasets,
      nowMs,
      explain: asStorageError,
    });
    const service = createRunService({
      storage,
      datasets,
      files: createRunFiles(layout.runs),
      startWorker: createStartWorker(options.launchWorker, options.workerTimeouts ?? defaultWorkerTimeouts),
      wasmDir: path.join(resourcesDir, 'wasm'),
      nowMs,
      newId: options.newId,
      log,
      softwareVersion: options.softwareVersion,
      concurrency: options.concurrency ?? 1,
      isOwnerGone: readOnly && !isDataDirInUse(dataDir),
      startStoredQueue: options.startStoredQueue ?? true,
      onRunEnded() {
        isBackupDue = true;
        if (nowMs() - lastBackupMs >= backupIntervalMs) void backUp();
      },
    });
    if (!readOnly) {
      const found = service.recoverOrphans();
      if (found > 0) log.warn(`${found} runs were interrupted when lp-workbench last ended; they can be resumed.`);
      service.start();
    }
    let closing: Promise<void> | undefined;
    const close = async (): Promise<void> => {
      try {
        await service.shutdown();
        if (isBackupDue) await backUp();
        await storage.close();
      } finally {
        lock?.release();
      }
    };
    return {
      runs: service.runs,
      subscribe: service.subscribe,
      datasets,
      close() {
        closing ??= close();
        return closing;
      },
    };
  } catch (error) {
    lock?.release();
    throw error;
  }
}
