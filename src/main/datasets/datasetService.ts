import path from 'node:path';
import type { DatasetMeta, DatasetRef } from '../../core/contract/datasets.ts';
import { AppError } from '../../core/errors.ts';
import { nearestName } from '../../core/text/nearestName.ts';
import type { DatasetStore } from '../storage/datasetStore.ts';
import type { BuiltinDataset } from './builtinDataset.ts';
import { importedRecipe, isImportedFolderWhole } from './importedFolder.ts';
import { isDatasetFolderWhole, writeDatasetFolder } from './datasetFolder.ts';
import { digits } from './digits.ts';
import { blobs, quadraticNoise, spirals } from './generated.ts';

export interface KnownDataset {
  id: string;
  name: string;
  description: string;
}

export interface DatasetService {
  /** ids that imported datasets cannot have */
  builtinIds: readonly string[];
  list(): KnownDataset[];
  /** Throws AppError `unknownDataset`, naming the nearest. */
  check(id: string): void;
  /** Makes sure that the dataset's folder is there and says where. Throws `unknownDataset`, `diskFull`, `datasetCorrupt`. */
  ensure(id: string): Promise<DatasetRef>;
}

export interface DatasetServiceOptions {
  datasetsDir: string;
  resourcesDir: string;
  store: DatasetStore;
  nowMs: () => number;
  /** gives failures of the file system a code and a sentence */
  explain: (error: unknown, place: string) => unknown;
}

export function createDatasetService(options: DatasetServiceOptions): DatasetService {
  const { datasetsDir, resourcesDir, store, nowMs, explain } = options;
  const builtins = [digits(resourcesDir), spirals, blobs, quadraticNoise];
  const underWay = new Map<string, Promise<DatasetRef>>();
  const refOf = (id: string, hash: string): DatasetRef => ({ id, hash, dir: path.join(datasetsDir, hash) });

  const imported = (): DatasetMeta[] =>
    store.list().flatMap(({ meta, recipe }) => (recipe === importedRecipe ? [meta] : []));

  /** A built-in dataset, or the facts of an imported one. */
  const find = (id: string): BuiltinDataset | DatasetMeta => {
    const stored = imported();
    const found = [...builtins, ...stored].find((dataset) => dataset.id === id);
    if (found) return found;
    const ids = [...builtins, ...stored].map((dataset) => dataset.id);
    const near = nearestName(id, ids);
    throw new AppError(
      'unknownDataset',
      `There is no dataset "${id}"${near ? `; did you mean "${near}"?` : '.'} Known: ${ids.join(', ')}.`,
      { details: { id, nearest: near ?? null, known: ids } },
    );
  };

  const ensureImported = async (meta: DatasetMeta): Promise<DatasetRef> => {
    const ref = refOf(meta.id, meta.hash);
    if (await isImportedFolderWhole(ref)) return ref;
    throw new AppError(
      'datasetCorrupt',
      `The files of the dataset "${meta.id}" in ${ref.dir} are missing or damaged: delete the dataset and import it again from ${meta.source}.`,
      { details: { id: meta.id, path: ref.dir } },
    );
  };

  const materialise = async (dataset: BuiltinDataset): Promise<DatasetRef> => {
    const stored = store.get(dataset.id);
    if (stored?.recipe === dataset.recipe) {
      const ref = refOf(dataset.id, stored.meta.hash);
      if (await isDatasetFolderWhole(ref)) return ref;
    }
    const { facts, content } = await dataset.make();
    try {
      const meta = await writeDatasetFolder(datasetsDir, facts, content);
      store.put({ meta, recipe: dataset.recipe, createdAtMs: nowMs() });
      return refOf(dataset.id, meta.hash);
    } catch (error) {
      throw explain(error, datasetsDir);
    }
  };

  return {
    builtinIds: builtins.map(({ id }) => id),
    list: () => [...builtins, ...imported()].map(({ id, name, description }) => ({ id, name, description })),
    check: (id) => void find(id),
    async ensure(id) {
      const dataset = find(id);
      const running = underWay.get(id);
      if (running) return running;
      const made = ('hash' in dataset ? ensureImported(dataset) : materialise(dataset)).finally(() =>
        underWay.delete(id),
      );
      underWay.set(id, made);
      return made;
    },
  };
}
