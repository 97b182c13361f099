import { randomBytes } from 'node:crypto';
import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import {
  importChoicesSchema,
  type ImportChoices,
  type ImportWarning,
  type Inspection,
} from '../../../core/contract/datasetImport.ts';
import type { DatasetMeta, DatasetRef, ExportFormat } from '../../../core/contract/datasets.ts';
import { parseParams } from '../../../core/contract/parseParams.ts';
import type { LaunchWorker } from '../../process/workerProcess.ts';
import type { DatasetStore } from '../../storage/datasetStore.ts';
import { importedRecipe, isImportedFolderWhole } from '../importedFolder.ts';
import { replaceMeta } from '../replaceMeta.ts';
import { datasetIdFor } from './datasetId.ts';
import { callImportProcess, type FinalReply, type ImportOptions } from './importProcess.ts';
import type { ImportRequest } from './importMessages.ts';
import { createTempFolders } from './tempFolders.ts';
import { syncFolder } from '../syncFolder.ts';

export interface ImportedDataset {
  meta: DatasetMeta;
  warnings: ImportWarning[];
  /** false when the same data was there already */
  isNew: boolean;
}

export interface ExportTarget {
  path: string;
  format: ExportFormat;
  overwrite: boolean;
}

/** Brings files into the workbench and out of it again. A failed or cancelled call leaves nothing behind. */
export interface DatasetImporter {
  /** Looks at files: what they are, what would be guessed, what is odd. Throws `fileUnreadable` and its kin, `cancelled`. */
  inspect(choices: ImportChoices, options?: ImportOptions): Promise<Inspection>;
  /** Imports files; what the choices leave out is guessed. Throws what `inspect` throws, and `diskFull`. */
  import(choices: ImportChoices, options?: ImportOptions): Promise<ImportedDataset>;
  /** Writes a dataset to a file. Throws `conflict` when it is there already, `diskFull`, `dataDirNotWritable`. */
  export(dataset: DatasetRef, target: ExportTarget, options?: ImportOptions): Promise<{ path: string; bytes: number }>;
}

export interface DatasetImporterOptions {
  datasetsDir: string;
  store: Pick<DatasetStore, 'get' | 'list' | 'put'>;
  /** ids that are taken by datasets that are not stored */
  reservedIds: readonly string[];
  /** files below it are there for the time of an import */
  transfersDir: string;
  launch: LaunchWorker;
  nowMs: () => number;
  explain: (error: unknown, place: string) => unknown;
}

export function createDatasetImporter(options: DatasetImporterOptions): DatasetImporter {
  const { datasetsDir, store, launch, nowMs, explain } = options;
  const folders = createTempFolders(datasetsDir);
  let lastKept: Promise<unknown> = Promise.resolve();

  const inTempDir = async <Result>(use: (dir: string) => Promise<Result>): Promise<Result> => {
    try {
      return await folders.use(use);
    } catch (error) {
      throw explain(error, datasetsDir);
    }
  };
  const call = async <Kind extends FinalReply['kind']>(
    kind: Kind,
    request: ImportRequest,
    callOptions: ImportOptions,
  ): Promise<Extract<FinalReply, { kind: Kind }>> => {
    const reply = await callImportProcess(launch, request, callOptions);
    if (reply.kind !== kind) throw new Error('the import process answered another question');
    return reply as Extract<FinalReply, { kind: Kind }>;
  };

  const areTemporary = ({ paths }: ImportChoices): boolean =>
    paths.some((file) => path.resolve(file).startsWith(options.transfersDir + path.sep));

  const idFor = (choices: ImportChoices): { id: string; name: string } =>
    datasetIdFor(choices, [...options.reservedIds, ...store.list().map(({ meta }) => meta.id)]);

  const keep = async (
    choices: ImportChoices,
    written: DatasetMeta,
    dir: string,
  ): Promise<{ meta: DatasetMeta; isNew: boolean }> => {
    const target = path.join(datasetsDir, written.hash);
    const same = store.list().find(({ meta, recipe }) => meta.hash === written.hash && recipe === importedRecipe);
    if (same && (await isImportedFolderWhole({ id: same.meta.id, dir: target, hash: written.hash }))) {
      if (same.meta.linked?.root === written.linked?.root) return { meta: same.meta, isNew: false };
      // the same images in another folder: the one that was named last is the one that is there
      const moved = { ...same.meta, linked: written.linked };
      await replaceMeta(target, moved);
      store.put({ ...same, meta: moved });
      return { meta: moved, isNew: false };
    }
    // another import may have taken the name meanwhile
    const meta = { ...written, id: same?.meta.id ?? idFor(choices).id };
    if (meta.id !== written.id) await replaceMeta(dir, meta);
    await rm(target, { recursive: true, force: true });
    await rename(dir, target);
    await syncFolder(datasetsDir);
    store.put({ meta, recipe: importedRecipe, createdAtMs: nowMs() });
    return { meta, isNew: true };
  };
  /** Imports that end together are kept one after the other. */
  const keepInTurn: typeof keep = (...args) => {
    const kept = lastKept.then(() => keep(...args));
    lastKept = kept.catch(() => undefined);
    return kept;
  };

  return {
    inspect(input, callOptions = {}) {
      const choices = parseParams('inspect', importChoicesSchema, input);
      return inTempDir(async (tempDir) => {
        const request: ImportRequest = { kind: 'inspect', choices, tempDir, areTemporary: areTemporary(choices) };
        const { inspection } = await call('inspected', request, callOptions);
        return inspection;
      });
    },
    import(input, callOptions = {}) {
      const choices = parseParams('import', importChoicesSchema, input);
      return inTempDir(async (tempDir) => {
        const request: ImportRequest = {
          kind: 'import',
          choices,
          tempDir,
          areTemporary: areTemporary(choices),
          ...idFor(choices),
        };
        const reply = await call('imported', request, callOptions);
        const { meta, isNew } = await keepInTurn(choices, reply.meta, reply.dir);
        const kept = meta.linked ? `its images are read from ${meta.linked.root}` : 'nothing new was kept';
        const same: ImportWarning[] = isNew
          ? []
          : [{ kind: 'sameData', message: `This data is there already as "${meta.id}"; ${kept}.` }];
        return { meta, isNew, warnings: [...reply.warnings, ...same] };
      });
    },
    async export(dataset, target, callOptions = {}) {
      const file = path.resolve(target.path);
      const partial = `${file}.${randomBytes(6).toString('hex')}.part`;
      try {
        const request: ImportRequest = { kind: 'export', dir: dataset.dir, ...target, path: file, partial };
        const { path: written, bytes } = await call('exported', request, callOptions);
        return { path: written, bytes };
      } catch (error) {
        throw explain(error, file);
      } finally {
        await rm(partial, { force: true });
      }
    },
  };
}
