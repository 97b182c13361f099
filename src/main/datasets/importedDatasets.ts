import { randomBytes } from 'node:crypto';
import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { activeStatuses } from '../../core/contract/runs.ts';
import type { DatasetMeta } from '../../core/contract/datasets.ts';
import { AppError } from '../../core/errors.ts';
import { nearestName } from '../../core/text/nearestName.ts';
import type { DatasetStore, StoredDataset } from '../storage/datasetStore.ts';
import { importedRecipe } from './importedFolder.ts';
import { tempPrefix } from './import/tempFolders.ts';
import { replaceMeta } from './replaceMeta.ts';

/** What can be done to datasets that a user imported. */
export interface ImportedDatasets {
  /** Gives another name to show. Throws `unknownDataset`, or `wrongState` for a built-in dataset. */
  rename(id: string, name: string): Promise<DatasetMeta>;
  /** Throws what `rename` throws, and `conflict` while runs use it. */
  delete(id: string, force: boolean): Promise<void>;
}

const shownRuns = 5;

function named(names: readonly string[]): string {
  const shown = names.slice(0, shownRuns).map((name) => `"${name}"`);
  return names.length > shownRuns ? `${shown.join(', ')} and ${names.length - shownRuns} more` : shown.join(', ');
}

export function createImportedDatasets(
  datasetsDir: string,
  store: Pick<DatasetStore, 'get' | 'list' | 'put' | 'delete' | 'runsOf'>,
  explain: (error: unknown, place: string) => unknown,
): ImportedDatasets {
  const find = (id: string, what: string): StoredDataset => {
    const found = store.get(id);
    if (found?.recipe === importedRecipe) return found;
    if (found) {
      throw new AppError('wrongState', `"${id}" is a built-in dataset and cannot be ${what}.`, { details: { id } });
    }
    const ids = store.list().flatMap(({ meta, recipe }) => (recipe === importedRecipe ? [meta.id] : []));
    const near = nearestName(id, ids);
    throw new AppError(
      'unknownDataset',
      `There is no imported dataset "${id}"${near ? `; did you mean "${near}"?` : '.'} ${ids.length === 0 ? 'None was imported yet.' : `Known: ${ids.join(', ')}.`}`,
      { details: { id, nearest: near ?? null, known: ids } },
    );
  };

  const checkUnused = (id: string, force: boolean): void => {
    const runs = store.runsOf(id);
    const names = runs.map(({ name }) => name);
    const busy = runs.filter(({ status }) => status === 'queued' || activeStatuses.includes(status));
    if (busy.length > 0) {
      throw new AppError(
        'conflict',
        `The dataset "${id}" cannot be deleted while runs train on it or wait to: ${named(busy.map(({ name }) => name))}. Stop them first.`,
        { details: { id, runs: names, busy: true } },
      );
    }
    if (runs.length === 0 || force) return;
    throw new AppError(
      'conflict',
      `${runs.length === 1 ? 'A run was' : `${runs.length} runs were`} trained on the dataset "${id}": ${named(names)}. ` +
        'Without it they keep their curves but cannot go on or be repeated. Delete it anyway with force.',
      { details: { id, runs: names, busy: false } },
    );
  };

  return {
    async rename(id, name) {
      const stored = find(id, 'renamed');
      const meta = { ...stored.meta, name };
      const dir = path.join(datasetsDir, meta.hash);
      try {
        await replaceMeta(dir, meta);
        store.put({ ...stored, meta });
      } catch (error) {
        throw explain(error, dir);
      }
      return meta;
    },
    async delete(id, force) {
      const { meta } = find(id, 'deleted');
      checkUnused(id, force);
      const dir = path.join(datasetsDir, meta.hash);
      const doomed = path.join(datasetsDir, `${tempPrefix}deleted-${randomBytes(6).toString('hex')}`);
      try {
        // under this name it is cleared away later even if this process does not come to it
        const isThere = await rename(dir, doomed).then(
          () => true,
          (error: NodeJS.ErrnoException) => {
            if (error.code === 'ENOENT') return false;
            throw error;
          },
        );
        store.delete(id);
        if (isThere) await rm(doomed, { recursive: true, force: true });
      } catch (error) {
        throw explain(error, dir);
      }
    },
  };
}
