import type { DatasetService } from '../datasets/datasetService.ts';
import type { StartWorker } from '../process/workerHandle.ts';
import type { Storage } from '../storage/openStorage.ts';
import type { DevicesServiceHost } from './devicesService.ts';
import type { RunFiles } from './runFiles.ts';

export interface Log {
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

export interface RunServiceOptions {
  storage: Pick<Storage, 'runs' | 'metrics' | 'checkpoints' | 'logs' | 'isReadOnly'>;
  datasets: Pick<DatasetService, 'check' | 'ensure'>;
  files: RunFiles;
  startWorker: StartWorker;
  /** what the device of a run's configuration stands for now */
  chooseDevice: DevicesServiceHost['choose'];
  /** hears that the device which was chosen could not be opened */
  onDeviceGone: DevicesServiceHost['distrust'];
  wasmDir: string;
  /** folder of imported weights, by their hash */
  initialWeightsDir: (hash: string) => string;
  nowMs: () => number;
  newId: () => string;
  log: Log;
  softwareVersion: string;
  /** runs that train at a time, asked anew whenever one may start */
  concurrency: () => number;
  /** no process owns the data folder, so what is stored as running is not */
  isOwnerGone: boolean;
  /** whether runs that were queued by an earlier process start by themselves */
  startStoredQueue: boolean;
  /** a run left its worker, for whatever reason */
  onRunEnded: () => void;
}
