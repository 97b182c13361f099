import { defineStore } from 'pinia';
import { markRaw, shallowRef } from 'vue';
import type { DatasetDetails, DatasetMeta, DatasetPreview, DatasetSummary } from '../../core/contract/datasets.ts';
import { asAppError, type AppError } from '../../core/errors.ts';
import { useClient } from '../composables/useClient.ts';
import { onEveryConnection } from './connection.ts';

/** Samples that a preview shows. */
const previewCount = 200;

/** The datasets of the workbench, their facts and previews, each asked for once. */
export const useDatasetsStore = defineStore('datasets', () => {
  const client = useClient();
  const list = shallowRef<readonly DatasetSummary[]>([]);
  const isLoaded = shallowRef(false);
  const loadError = shallowRef<AppError | null>(null);
  const metas = shallowRef<ReadonlyMap<string, DatasetMeta>>(new Map());
  const metaErrors = shallowRef<ReadonlyMap<string, AppError>>(new Map());
  const metaRequests = new Map<string, Promise<void>>();
  const previews = new Map<string, Promise<DatasetPreview>>();

  const keep = (meta: DatasetMeta): void => {
    metas.value = new Map(metas.value).set(meta.id, markRaw(meta));
  };

  async function load(): Promise<void> {
    try {
      list.value = await client.datasets.list({});
      for (const { meta } of list.value) if (meta) keep(meta);
      loadError.value = null;
      isLoaded.value = true;
    } catch (error) {
      loadError.value = asAppError(error);
    }
  }
  onEveryConnection(() => void load());
  client.on('datasetsChanged', () => {
    previews.clear();
    metas.value = new Map();
    metaErrors.value = new Map();
    void load();
  });

  /** Has the facts of a dataset fetched, which may make or unpack it first. They appear in `metas`, or in `metaErrors`. */
  function want(id: string): Promise<void> {
    if (metas.value.has(id)) return Promise.resolve();
    const known = metaRequests.get(id);
    if (known) return known;
    const request = client.datasets
      .describe({ id })
      .then(keep, (error: unknown) => {
        metaErrors.value = new Map(metaErrors.value).set(id, asAppError(error));
      })
      .finally(() => metaRequests.delete(id));
    metaRequests.set(id, request);
    return request;
  }

  /** Samples spread over a dataset. Rejects with AppError; a failure is not kept. */
  function preview(id: string): Promise<DatasetPreview> {
    const known = previews.get(id);
    if (known) return known;
    const request = client.datasets.preview({ id, count: previewCount }).then((found) => {
      keep(found.meta);
      return markRaw(found);
    });
    previews.set(id, request);
    request.catch(() => previews.delete(id));
    return request;
  }

  /** How a dataset was made and who uses it, as of now. Rejects with AppError. */
  const details = async (id: string): Promise<DatasetDetails> => markRaw(await client.datasets.details({ id }));
  async function rename(id: string, name: string): Promise<void> {
    await client.datasets.rename({ id, name });
  }
  /** Deletes also what runs were trained on: the user was told. */
  async function remove(id: string): Promise<void> {
    await client.datasets.delete({ id, force: true });
  }

  return { list, isLoaded, loadError, metas, metaErrors, load, want, preview, details, rename, remove };
});
