import { defineStore } from 'pinia';
import { shallowRef } from 'vue';
import type { Preset } from '../../core/contract/presets.ts';
import { useClient } from '../composables/useClient.ts';
import { onEveryConnection } from './connection.ts';

/** Configurations that the user keeps under a name. */
export const usePresetsStore = defineStore('presets', () => {
  const client = useClient();
  const list = shallowRef<readonly Preset[]>([]);

  async function load(): Promise<void> {
    list.value = await client.presets.list({});
  }
  onEveryConnection(() => {
    load().catch(() => {
      // the list stays as it was; the connection banner tells why
    });
  });

  /** Saves under a name; one of the same name is replaced. Rejects with AppError. */
  async function save(name: string, config: Preset['config']): Promise<void> {
    const saved = await client.presets.save({ name, config });
    const others = list.value.filter((preset) => preset.name !== saved.name);
    list.value = [...others, saved].toSorted((a, b) => a.name.localeCompare(b.name));
  }

  async function remove(name: string): Promise<void> {
    await client.presets.remove({ name });
    list.value = list.value.filter((preset) => preset.name !== name);
  }

  return { list, save, remove };
});
