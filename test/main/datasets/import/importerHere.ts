import { mkdirSync, readdirSync, readlinkSync } from 'node:fs';
import path from 'node:path';
import type { ImportChoices } from '../../../../src/core/contract/datasetImport.ts';
import { toWire, type AppError } from '../../../../src/core/errors.ts';
import { importRequestSchema, type ImportReply } from '../../../../src/main/datasets/import/importMessages.ts';
import { createDatasetImporter, type DatasetImporter } from '../../../../src/main/datasets/import/importService.ts';
import { runImport } from '../../../../src/main/datasets/import/runImport.ts';
import type { LaunchWorker, ProcessExit } from '../../../../src/main/process/workerProcess.ts';
import type { StoredDataset } from '../../../../src/main/storage/datasetStore.ts';
import { asStorageError } from '../../../../src/main/storage/storageErrors.ts';
import { failureOf } from './importHere.ts';

/** Does the work of the import program in this process, so that hundreds of imports need no hundreds of processes. */
const launchHere: LaunchWorker = () => {
  let onReply: (message: unknown) => void = () => {};
  let onExit: (exit: ProcessExit) => void = () => {};
  const say = (reply: ImportReply): void => onReply(reply);
  const work = async (message: unknown): Promise<void> => {
    const request = importRequestSchema.parse(message);
    try {
      say(
        await runImport(request, performance.now.bind(performance), (progress) => say({ kind: 'progress', progress })),
      );
    } catch (error) {
      const place = request.kind === 'export' ? request.path : request.tempDir;
      say({ kind: 'failed', error: toWire(asStorageError(error, place)) });
    }
  };
  return {
    pid: process.pid,
    send: (message) => void work(message),
    onMessage(listener) {
      onReply = listener;
      return () => {};
    },
    onClose: () => () => {},
    onExit(listener) {
      onExit = listener;
      return () => {};
    },
    kill: () => onExit({ code: 0, signal: null, startError: null, lastLines: [] }),
  };
};

/** The real importer over a folder of its own, with the work done in this process. */
export function importerHere(dataDir: string): {
  importer: DatasetImporter;
  /** The failure of an import, which must have a code and a sentence of ours and leave nothing behind. */
  failureFor(paths: string | string[], choices?: Partial<ImportChoices>): Promise<AppError>;
  /** Throws unless there is no dataset, nothing in their folder, and no file below it open. */
  checkNothingLeft(): void;
} {
  const datasetsDir = path.join(dataDir, 'datasets');
  mkdirSync(datasetsDir, { recursive: true });
  const stored = new Map<string, StoredDataset>();
  const importer = createDatasetImporter({
    datasetsDir,
    transfersDir: path.join(dataDir, 'transfers'),
    store: {
      get: (id) => stored.get(id),
      list: () => [...stored.values()],
      put: (dataset) => void stored.set(dataset.meta.id, dataset),
    },
    reservedIds: [],
    launch: launchHere,
    nowMs: () => 0,
    explain: asStorageError,
  });
  const openFiles = (): string[] =>
    process.platform === 'linux'
      ? readdirSync('/proc/self/fd').flatMap((descriptor) => {
          try {
            const file = readlinkSync(`/proc/self/fd/${descriptor}`);
            return file.startsWith(dataDir) ? [file] : [];
          } catch {
            // the descriptor by which the folder was read
            return [];
          }
        })
      : [];
  const checkNothingLeft = (): void => {
    const left = [...readdirSync(datasetsDir), ...stored.keys(), ...openFiles()];
    if (left.length > 0) throw new Error(`left behind: ${left.join(', ')}`);
  };
  return {
    importer,
    checkNothingLeft,
    async failureFor(paths, choices = {}) {
      const failure = await failureOf(
        importer.import({ ...choices, paths: typeof paths === 'string' ? [paths] : paths }),
      );
      checkNothingLeft();
      return failure;
    },
  };
}
