import { statSync } from 'node:fs';
import path from 'node:path';
import type { ApplicationInfo } from '../core/contract/application.ts';
import { datasetsEvents, type DatasetsEvents } from '../core/contract/datasets.ts';
import type { RunsEvents } from '../core/contract/runs.ts';
import { settingsEvents, type Settings, type SettingsEvents } from '../core/contract/settings.ts';
import { studiesEvents, type StudiesEvents } from '../core/contract/studies.ts';
import type { WorkbenchClient, WorkbenchServices } from '../core/contract/workbench.ts';
import { readDatasetMeta } from './datasets/datasetFolder.ts';
import { previewDataset } from './datasets/datasetRows.ts';
import { createDatasetService } from './datasets/datasetService.ts';
import { createDatasetImporter } from './datasets/import/importService.ts';
import { createImportedDatasets } from './datasets/importedDatasets.ts';
import { readImportRecord } from './datasets/importRecord.ts';
import { explainWriteFailure } from '../core/explainWriteFailure.ts';
import { readFileSamples } from './results/fileSamples.ts';
import { createModelProcess } from './results/modelProcess.ts';
import { createStartWorker, type WorkerTimeouts } from './process/workerHandle.ts';
import type { LaunchWorker } from './process/workerProcess.ts';
import { createApplicationService, type SystemDialogs } from './services/applicationService.ts';
import { createDatasetsService } from './services/datasetsService.ts';
import { createDeviceCache } from './devices/deviceCache.ts';
import { machineKey } from './devices/machineKey.ts';
import { collectReport } from './reports/collectReport.ts';
import { renderHtml } from './reports/renderHtml.ts';
import { renderMarkdown } from './reports/renderMarkdown.ts';
import { reportJson } from './reports/reportJson.ts';
import { samplePictures } from './reports/samplePictures.ts';
import { tidyCsv } from './reports/tidyCsv.ts';
import { createDevicesService, type ProbeDevices } from './services/devicesService.ts';
import { createImportedWeights } from './services/importedWeights.ts';
import { createPresetsService } from './services/presetsService.ts';
import { createResultsService } from './services/resultsService.ts';
import { createRunFiles } from './services/runFiles.ts';
import { createRunIds } from './services/runId.ts';
import { createRunService } from './services/runService.ts';
import type { Log } from './services/runServiceOptions.ts';
import { createTransfersService } from './services/transfersService.ts';
import { createReportsService, type PrintPdf } from './services/reportsService.ts';
import { createSettingsService } from './services/settingsService.ts';
import { createStudyService } from './services/studyService.ts';
import { dataDirLayout } from './storage/dataDirLayout.ts';
import { folderBytes, measureDiskUse } from './storage/diskUse.ts';
import { openStorage, type Storage } from './storage/openStorage.ts';
import { acquireDataDir, isDataDirInUse, type OwnerLock } from './storage/ownerLock.ts';
import { readEventFolders } from './transfer/tensorboard/readEvents.ts';
import { writeEvents } from './transfer/tensorboard/writeEvents.ts';
import { readLprun } from './transfer/readLprun.ts';
import { writeLprun } from './transfer/writeLprun.ts';
import { asStorageError } from './storage/storageErrors.ts';

export interface AppOptions {
  dataDir: string;
  /** bundled datasets and wasm files */
  resourcesDir: string;
  launchWorker: LaunchWorker;
  /** starts the program that reads the files of an import */
  launchImport: LaunchWorker;
  /** the program for trained models */
  launchModelTask: LaunchWorker;
  workerTimeouts?: WorkerTimeouts;
  /** makes a PDF file of a page */
  printPdf: PrintPdf;
  probeDevices: ProbeDevices;
  /** remembers in the data folder what an examination of the devices found, and examines at once what is not known */
  remembersDevices?: boolean;
  /** what the device `auto` stands for, whatever an examination would find */
  autoDevice?: string | undefined;
  /** wall clock, in milliseconds since 1970 */
  nowMs: () => number;
  /** uniform over [0, 1); only ids are made of it */
  randomFloat: () => number;
  log: Log;
  softwareVersion: string;
  /** how the owner of the data folder is called in the message that another program shows */
  who: string;
  /** changes nothing, so it may be open while another process owns the data folder */
  readOnly?: boolean;
  /** runs that train at a time; the user's setting when left out */
  concurrency?: number;
  /** whether runs that an earlier process queued start by themselves */
  startStoredQueue?: boolean;
  /** what shows the workbench, and what its user should know about that */
  shownBy?: Pick<ApplicationInfo, 'host' | 'notice'>;
  /** left out where there is no window */
  dialogs?: SystemDialogs;
}

type RunEvent = keyof RunsEvents;

/** The application over one data folder, whatever window, server or command line shows it. */
export interface App extends WorkbenchServices {
  subscribe: WorkbenchClient['on'];
  /** the settings now */
  currentSettings(): Settings;
  /** Ends workers at a checkpoint, closes the database and gives the data folder free. Calling it twice does nothing. */
  close(): Promise<void>;
}

const backupIntervalMs = 10 * 60_000;

/**
 * Opens a data folder and puts the services together over it.
 * Throws `dataDirInUse`, `dataDirNotWritable`, `diskFull`, `databaseCorrupt`, `databaseTooNew` or `migrationFailed`.
 */
export function createApp(options: AppOptions): App {
  const { dataDir, resourcesDir, nowMs, log, readOnly = false } = options;
  const layout = dataDirLayout(dataDir);
  const lock: OwnerLock | null = readOnly ? null : acquireDataDir(dataDir, options.who, nowMs());
  let opened: Storage | undefined;
  try {
    opened = openStorage({ dataDir, readOnly });
    return assemble(opened);
  } catch (error) {
    void opened?.close();
    lock?.release();
    throw error;
  }

  function assemble(storage: Storage): App {
    if (storage.warning) log.warn(storage.warning);
    const datasets = createDatasetService({
      datasetsDir: layout.datasets,
      resourcesDir,
      store: storage.datasets,
      nowMs,
      explain: asStorageError,
    });
    const datasetsHost = createDatasetsService({
      datasets,
      store: storage.datasets,
      readMeta: readDatasetMeta,
      readRecord: readImportRecord,
      measure: folderBytes,
      preview: previewDataset,
      importer: createDatasetImporter({
        datasetsDir: layout.datasets,
        transfersDir: layout.transfers,
        store: storage.datasets,
        reservedIds: datasets.builtinIds,
        launch: options.launchImport,
        nowMs,
        explain: asStorageError,
      }),
      imported: createImportedDatasets(layout.datasets, storage.datasets, asStorageError),
      isReadOnly: readOnly,
      log,
    });
    const settings = createSettingsService(storage.settings, log);
    const devices = createDevicesService({
      probeDevices: options.probeDevices,
      ...(options.remembersDevices
        ? { cache: createDeviceCache(layout.devices, () => machineKey(options.softwareVersion)) }
        : {}),
      ...(options.autoDevice ? { autoDevice: options.autoDevice } : {}),
      preferred: () => settings.current().device,
      onExamine: () => log.info('Examining the devices of this machine; that takes some seconds and is remembered.'),
    });
    let isBackupDue = false;
    const backUpWhenDue = async (): Promise<void> => {
      if (!isBackupDue || nowMs() - modifiedMs(layout.backup) < backupIntervalMs) return;
      isBackupDue = false;
      await storage.backUp().catch((error: unknown) => {
        log.warn(`The database could not be backed up: ${(error as Error).message}`);
      });
    };
    const files = createRunFiles(layout.runs);
    const weights = createImportedWeights(layout.weights);
    const models = createModelProcess(options.launchModelTask);
    const tempDir = path.join(layout.root, 'temporary');
    const service = createRunService({
      storage,
      datasets,
      files,
      startWorker: createStartWorker(options.launchWorker, options.workerTimeouts),
      chooseDevice: devices.choose,
      initialWeightsDir: weights.dirOf,
      onDeviceGone: devices.distrust,
      wasmDir: path.join(resourcesDir, 'wasm'),
      nowMs,
      newId: createRunIds(nowMs, options.randomFloat),
      log,
      softwareVersion: options.softwareVersion,
      concurrency: () => options.concurrency ?? settings.current().concurrency,
      isOwnerGone: readOnly && !isDataDirInUse(dataDir),
      startStoredQueue: options.startStoredQueue ?? false,
      onRunEnded: () => {
        isBackupDue = true;
        void backUpWhenDue();
      },
    });
    const studies = createStudyService({
      storage,
      runService: service,
      nowMs,
      newId: createRunIds(nowMs, options.randomFloat),
      log,
      isOwnerGone: readOnly && !isDataDirInUse(dataDir),
    });
    const { transfers, removePartial } = createTransfersService({
      storage,
      files,
      models,
      weights,
      renderReport: async (runId) => (await reports.preview({ subject: { runIds: [runId] } })).html,
      writeLprun,
      readLprun,
      writeEvents,
      readEventFolders,
      tempDir,
      softwareVersion: options.softwareVersion,
      nowMs,
      newId: createRunIds(nowMs, options.randomFloat),
      announce: service.announce,
      announceRemoved: service.announceRemoved,
      explain: explainWriteFailure,
    });
    if (!readOnly) removePartial();
    const orphans = readOnly ? 0 : service.recoverOrphans();
    if (!readOnly) {
      if (orphans > 0) log.warn(`${orphans} ${orphans === 1 ? 'run was' : 'runs were'} interrupted; see runs list.`);
      studies.recover(options.startStoredQueue ?? false);
      service.start();
      // a window or a server is there for a while: what its first run will ask is found out beforehand
      if (options.startStoredQueue && options.remembersDevices && devices.isUnexamined()) {
        devices.devices.list({ refresh: false }).catch((error: unknown) => log.warn((error as Error).message));
      }
      // more runs may train at a time than before
      settings.onChange(service.start);
    }
    const results = createResultsService({
      getRun: (runId) => service.runs.get({ runId }),
      checkpoints: (runId) => service.runs.checkpoints({ runId }),
      ensureDataset: datasets.ensure,
      readMeta: readDatasetMeta,
      models,
      readSamples: readFileSamples,
      runDir: (runId) => path.join(layout.runs, runId),
      tempDir,
      wasmDir: path.join(resourcesDir, 'wasm'),
      explain: explainWriteFailure,
    });
    const reports = createReportsService({
      services: { runs: service.runs, results, studies: studies.studies, datasets: datasetsHost.datasets },
      collect: collectReport,
      renderHtml,
      renderMarkdown,
      reportJson,
      samplePictures,
      tidyCsv,
      printPdf: options.printPdf,
      store: storage.settings,
      nowMs,
      softwareVersion: options.softwareVersion,
      explain: explainWriteFailure,
    });
    let closed: Promise<void> | undefined;
    const close = async (): Promise<void> => {
      try {
        studies.close();
        await Promise.all([service.shutdown(), datasetsHost.close()]);
        await backUpWhenDue();
      } finally {
        await storage.close().finally(() => lock?.release());
      }
    };
    const { host, notice } = options.shownBy ?? { host: 'browser', notice: null };
    const subscribe: App['subscribe'] = (event, listener) => {
      if (event in settingsEvents) return settings.subscribe(event as keyof SettingsEvents, listener as never);
      if (event in studiesEvents) return studies.subscribe(event as keyof StudiesEvents, listener as never);
      if (event in datasetsEvents) return datasetsHost.subscribe(event as keyof DatasetsEvents, listener as never);
      return service.subscribe(event as RunEvent, listener as never);
    };
    return {
      runs: service.runs,
      studies: studies.studies,
      datasets: datasetsHost.datasets,
      devices: devices.devices,
      settings: settings.settings,
      presets: createPresetsService(storage.settings, nowMs),
      results,
      transfers,
      reports,
      application: createApplicationService({
        info: {
          version: options.softwareVersion,
          dataDir: layout.root,
          platform: process.platform,
          host,
          notice: notice ?? storage.warning,
          startedAtMs: nowMs(),
          interruptedRuns: orphans,
        },
        measureDiskUse: () => measureDiskUse(layout),
        dialogs: options.dialogs,
      }),
      subscribe,
      currentSettings: settings.current,
      close: () => (closed ??= close()),
    };
  }
}

function modifiedMs(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? -Infinity;
}
