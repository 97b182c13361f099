import { defineStore } from 'pinia';
import { computed, markRaw, shallowRef } from 'vue';
import type { Study } from '../../core/contract/studies.ts';
import { asAppError, type AppError } from '../../core/errors.ts';
import { useClient } from '../composables/useClient.ts';
import { onEveryConnection } from './connection.ts';

/** Every study of the data folder, kept current by the host's events. */
export const useStudiesStore = defineStore('studies', () => {
  const client = useClient();
  const byId = shallowRef<ReadonlyMap<string, Study>>(new Map());
  const isLoaded = shallowRef(false);
  const loadError = shallowRef<AppError | null>(null);

  const accept = (study: Study): void => {
    byId.value = new Map(byId.value).set(study.id, markRaw(study));
  };
  client.on('studyChanged', accept);
  client.on('studyRemoved', ({ studyId }) => {
    const next = new Map(byId.value);
    next.delete(studyId);
    byId.value = next;
  });

  async function load(): Promise<void> {
    try {
      const listed = await client.studies.list({});
      byId.value = new Map(listed.map((study) => [study.id, markRaw(study)]));
      loadError.value = null;
      isLoaded.value = true;
    } catch (error) {
      loadError.value = asAppError(error);
    }
  }
  onEveryConnection(() => void load());

  /** newest first */
  const all = computed(() => [...byId.value.values()].toSorted((a, b) => b.createdAtMs - a.createdAtMs));
  const get = (id: string): Study | undefined => byId.value.get(id);

  return { byId, all, isLoaded, loadError, load, get, accept };
});
