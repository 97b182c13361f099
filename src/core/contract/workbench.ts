import { applicationContract, type ApplicationService } from './application.ts';
import { datasetsContract, datasetsEvents, type DatasetsEvents, type DatasetsService } from './datasets.ts';
import { devicesContract, type DevicesService } from './devices.ts';
import { presetsContract, type PresetsService } from './presets.ts';
import { runsContract, runsEvents, type RunsEvents, type RunsService } from './runs.ts';
import { reportsContract, type ReportsService } from './reports.ts';
import { resultsContract, type ResultsService } from './results.ts';
import type { Contract, EventContract, Unsubscribe } from './service.ts';
import { studiesContract, studiesEvents, type StudiesEvents, type StudiesService } from './studies.ts';
import { transfersContract, type TransfersService } from './transfers.ts';
import { settingsContract, settingsEvents, type SettingsEvents, type SettingsService } from './settings.ts';

/** Everything a host offers to whoever shows it. */
export const workbenchContract = {
  runs: runsContract,
  datasets: datasetsContract,
  devices: devicesContract,
  settings: settingsContract,
  presets: presetsContract,
  studies: studiesContract,
  results: resultsContract,
  transfers: transfersContract,
  reports: reportsContract,
  application: applicationContract,
} as const satisfies Record<string, Contract>;

export const workbenchEvents = {
  ...runsEvents,
  ...settingsEvents,
  ...datasetsEvents,
  ...studiesEvents,
} as const satisfies EventContract;
export type WorkbenchEvents = RunsEvents & SettingsEvents & DatasetsEvents & StudiesEvents;

export interface WorkbenchServices {
  runs: RunsService;
  datasets: DatasetsService;
  devices: DevicesService;
  settings: SettingsService;
  presets: PresetsService;
  studies: StudiesService;
  results: ResultsService;
  transfers: TransfersService;
  reports: ReportsService;
  application: ApplicationService;
}

/** The services of a host and its events, near or far. Failures reject with AppError. */
export interface WorkbenchClient extends WorkbenchServices {
  on<Name extends keyof WorkbenchEvents>(event: Name, listener: (payload: WorkbenchEvents[Name]) => void): Unsubscribe;
}
