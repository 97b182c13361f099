import type { ImportRecord } from '../../core/contract/datasetImport.ts';
import {
  datasetsContract,
  type DatasetMeta,
  type DatasetPreview,
  type DatasetsEvents,
  type DatasetsService,
} from '../../core/contract/datasets.ts';
import { AppError } from '../../core/errors.ts';
import type { DatasetService } from '../datasets/datasetService.ts';
import type { ImportedDatasets } from '../datasets/importedDatasets.ts';
import type { ImportOptions } from '../datasets/import/importProcess.ts';
import type { DatasetImporter } from '../datasets/import/importService.ts';
import type { DatasetStore } from '../storage/datasetStore.ts';
import { createEvents, type Events } from './events.ts';
import { implementContract } from './implementContract.ts';
import type { Log } from './runServiceOptions.ts';

export interface DatasetsServiceOptions {
  datasets: Pick<DatasetService, 'list' | 'ensure' | 'builtinIds'>;
  store: Pick<DatasetStore, 'get' | 'list' | 'runsOf'>;
  readMeta: (dir: string) => Promise<DatasetMeta>;
  readRecord: (dir: string) => Promise<ImportRecord>;
  /** bytes that the files of a folder take */
  measure: (dir: string) => Promise<number>;
  preview: (dir: string, meta: DatasetMeta, count: number) => Promise<DatasetPreview>;
  importer: DatasetImporter;
  imported: ImportedDatasets;
  isReadOnly: boolean;
  log: Log;
}

export interface DatasetsServiceHost {
  datasets: DatasetsService;
  subscribe: Events<DatasetsEvents>['subscribe'];
  /** Cancels imports under way and waits until they are gone. */
  close(): Promise<void>;
}

/** Imports that run at a time: each may take a core and hundreds of megabytes. */
const maxRunning = 8;

/** What the user sees and does of datasets: which there are, what they hold, bringing them in and out. */
export function createDatasetsService(options: DatasetsServiceOptions): DatasetsServiceHost {
  const { datasets, store, readMeta, preview, importer, imported, log } = options;
  const events = createEvents<DatasetsEvents>((error) => log.error(`A subscriber failed: ${String(error)}`));
  const running = new Map<string, { abort: AbortController; ended: Promise<unknown> }>();

  const refuseReadOnly = (): void => {
    if (!options.isReadOnly) return;
    throw new AppError('notAllowed', 'The data folder is open for reading only: no dataset can be changed here.');
  };

  /** Does one long piece of work under an id, by which it tells its progress and can be cancelled. */
  const run = async <Result>(importId: string, work: (options: ImportOptions) => Promise<Result>): Promise<Result> => {
    if (running.has(importId)) throw new AppError('conflict', `An import "${importId}" runs already.`);
    if (running.size >= maxRunning) {
      throw new AppError('notAllowed', `${maxRunning} imports run already: wait for one to end, or cancel one.`);
    }
    const abort = new AbortController();
    const done = work({
      signal: abort.signal,
      onProgress: (progress) => events.emit('importProgress', { ...progress, importId }),
    });
    running.set(importId, { abort, ended: done.catch(() => undefined) });
    try {
      return await done;
    } finally {
      running.delete(importId);
    }
  };
  const changed = <Result>(result: Result): Result => {
    events.emit('datasetsChanged', {});
    return result;
  };
  let exports = 0;

  return {
    datasets: implementContract(datasetsContract, {
      list: () => {
        const stored = new Map(store.list().map(({ meta }) => [meta.id, meta]));
        return datasets.list().map((dataset) => ({
          ...dataset,
          isBuiltin: datasets.builtinIds.includes(dataset.id),
          meta: stored.get(dataset.id) ?? null,
        }));
      },
      describe: async ({ id }) => readMeta((await datasets.ensure(id)).dir),
      preview: async ({ id, count }) => {
        const { dir } = await datasets.ensure(id);
        return preview(dir, await readMeta(dir), count);
      },
      inspect: ({ importId, choices }) => {
        refuseReadOnly();
        return run(importId, (callOptions) => importer.inspect(choices, callOptions));
      },
      import: async ({ importId, choices }) => {
        refuseReadOnly();
        return changed(await run(importId, (callOptions) => importer.import(choices, callOptions)));
      },
      cancelImport: async ({ importId }) => {
        const found = running.get(importId);
        found?.abort.abort();
        await found?.ended;
        return { wasRunning: found !== undefined };
      },
      details: async ({ id }) => {
        const { dir } = await datasets.ensure(id);
        const isBuiltin = datasets.builtinIds.includes(id);
        return {
          meta: await readMeta(dir),
          record: isBuiltin ? null : await options.readRecord(dir),
          createdAtMs: store.get(id)?.createdAtMs ?? null,
          dir,
          bytes: await options.measure(dir),
          runs: store.runsOf(id).map(({ name }) => name),
        };
      },
      export: async ({ id, importId, ...target }) => {
        const dataset = await datasets.ensure(id);
        return run(importId ?? `export ${++exports}`, (callOptions) => importer.export(dataset, target, callOptions));
      },
      rename: async ({ id, name }) => {
        refuseReadOnly();
        return changed(await imported.rename(id, name));
      },
      delete: async ({ id, force }) => {
        refuseReadOnly();
        await imported.delete(id, force);
        return changed({});
      },
    }),
    subscribe: events.subscribe,
    async close() {
      const all = [...running.values()];
      for (const { abort } of all) abort.abort();
      await Promise.all(all.map(({ ended }) => ended));
    },
  };
}
