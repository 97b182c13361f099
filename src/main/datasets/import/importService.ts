import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import {
  importChoicesSchema,
  type ImportChoices,
  type ImportWarning,
  type Inspection,
} from '../../../core/contract/datasetImport.ts';
import type { DatasetMeta } from '../../../core/contract/datasets.ts';
import { parseParams } from '../../../core/contract/parseParams.ts';
import type { LaunchWorker } from '../../process/workerProcess.ts';
import type { DatasetStore } from '../../storage/datasetStore.ts';
import { importedRecipe, isImportedFolderWhole } from '../importedFolder.ts';
import { datasetIdFor } from './datasetId.ts';
import { callImportProcess, type ImportOptions } from './importProcess.ts';

export interface ImportedDataset {
  meta: DatasetMeta;
  warnings: ImportWarning[];
  /** false when the same data was there already */
  isNew: boolean;
}

/** Brings files into the workbench. A failed or cancelled call leaves nothing behind. */
export interface DatasetImporter {
  /** Looks at files: what they are, what would be guessed, what is odd. Throws `fileUnreadable` and its kin, `cancelled`. */
  inspect(choices: ImportChoices, options?: ImportOptions): Promise<Inspection>;
  /** Imports files; what the choices leave out is guessed. Throws what `inspect` throws, and `diskFull`. */
  import(choices: ImportChoices, options?: ImportOptions): Promise<ImportedDataset>;
}

export interface DatasetImporterOptions {
  datasetsDir: string;
  store: Pick<DatasetStore, 'get' | 'list' | 'put'>;
  /** ids that are taken by datasets that are not stored */
  reservedIds: readonly string[];
  launch: LaunchWorker;
  nowMs: () => number;
  explain: (error: unknown, place: string) => unknown;
}

const tempPrefix = '.import-';

export function createDatasetImporter(options: DatasetImporterOptions): DatasetImporter {
  const { datasetsDir, store, launch, nowMs, explain } = options;
  const inUse = new Set<string>();

  /** Folders of imports whose process and program went away without cleaning up. */
  const removeLeftovers = async (): Promise<void> => {
    for (const name of await readdir(datasetsDir)) {
      const dir = path.join(datasetsDir, name);
      if (name.startsWith(tempPrefix) && !inUse.has(dir)) await rm(dir, { recursive: true, force: true });
    }
  };

  const withTempDir = async <Result>(use: (dir: string) => Promise<Result>): Promise<Result> => {
    const dir = path.join(datasetsDir, `${tempPrefix}${randomBytes(6).toString('hex')}`);
    inUse.add(dir);
    try {
      await mkdir(dir, { recursive: true });
      await removeLeftovers();
      return await use(dir);
    } catch (error) {
      throw explain(error, datasetsDir);
    } finally {
      await rm(dir, { recursive: true, force: true });
      inUse.delete(dir);
    }
  };

  const keep = async (meta: DatasetMeta, dir: string): Promise<{ meta: DatasetMeta; isNew: boolean }> => {
    const target = path.join(datasetsDir, meta.hash);
    const same = store.list().find((dataset) => dataset.meta.hash === meta.hash);
    if (same && (await isImportedFolderWhole({ id: same.meta.id, dir: target, hash: meta.hash }))) {
      return { meta: same.meta, isNew: false };
    }
    await rm(target, { recursive: true, force: true });
    await rename(dir, target);
    await syncFolder(datasetsDir);
    const kept = same ? { ...meta, id: same.meta.id } : meta;
    store.put({ meta: kept, recipe: importedRecipe, createdAtMs: nowMs() });
    return { meta: kept, isNew: true };
  };

  return {
    inspect(input, callOptions = {}) {
      const choices = parseParams('inspect', importChoicesSchema, input);
      return withTempDir(async (tempDir) => {
        const reply = await callImportProcess(launch, { kind: 'inspect', choices, tempDir }, callOptions);
        if (reply.kind !== 'inspected') throw new Error('the import process answered another question');
        return reply.inspection;
      });
    },
    import(input, callOptions = {}) {
      const choices = parseParams('import', importChoicesSchema, input);
      return withTempDir(async (tempDir) => {
        const taken = [...options.reservedIds, ...store.list().map(({ meta }) => meta.id)];
        const { id, name } = datasetIdFor(choices, taken);
        const reply = await callImportProcess(launch, { kind: 'import', choices, tempDir, id, name }, callOptions);
        if (reply.kind !== 'imported') throw new Error('the import process answered another question');
        const { meta, isNew } = await keep(reply.meta, reply.dir);
        const same: ImportWarning[] = isNew
          ? []
          : [{ kind: 'sameData', message: `This data is there already as "${meta.id}"; nothing new was kept.` }];
        return { meta, isNew, warnings: [...reply.warnings, ...same] };
      });
    },
  };
}

async function syncFolder(dir: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(dir, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
