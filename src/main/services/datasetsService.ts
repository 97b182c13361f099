import {
  datasetsContract,
  type DatasetMeta,
  type DatasetPreview,
  type DatasetsService,
} from '../../core/contract/datasets.ts';
import type { DatasetService } from '../datasets/datasetService.ts';
import type { DatasetStore } from '../storage/datasetStore.ts';
import { implementContract } from './implementContract.ts';

export interface DatasetsServiceOptions {
  datasets: Pick<DatasetService, 'list' | 'ensure'>;
  store: Pick<DatasetStore, 'list'>;
  readMeta: (dir: string) => Promise<DatasetMeta>;
  preview: (dir: string, meta: DatasetMeta, count: number) => Promise<DatasetPreview>;
}

/** What the user sees of datasets: which there are, what they hold, some of their samples. */
export function createDatasetsService({ datasets, store, readMeta, preview }: DatasetsServiceOptions): DatasetsService {
  return implementContract(datasetsContract, {
    list: () => {
      const stored = new Map(store.list().map(({ meta }) => [meta.id, meta]));
      return datasets.list().map((dataset) => ({ ...dataset, meta: stored.get(dataset.id) ?? null }));
    },
    describe: async ({ id }) => readMeta((await datasets.ensure(id)).dir),
    preview: async ({ id, count }) => {
      const { dir } = await datasets.ensure(id);
      return preview(dir, await readMeta(dir), count);
    },
  });
}
