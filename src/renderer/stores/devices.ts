import { defineStore } from 'pinia';
import { shallowRef } from 'vue';
import type { DeviceInfo } from '../../core/contract/devices.ts';
import { asAppError, type AppError } from '../../core/errors.ts';
import { useClient } from '../composables/useClient.ts';

/** What can train here. Examined when it is first wanted, because that takes a process of its own. */
export const useDevicesStore = defineStore('devices', () => {
  const client = useClient();
  const list = shallowRef<readonly DeviceInfo[]>([]);
  const isLoaded = shallowRef(false);
  const isExamining = shallowRef(false);
  const error = shallowRef<AppError | null>(null);

  async function examine(refresh: boolean): Promise<void> {
    if (isExamining.value) return;
    isExamining.value = true;
    try {
      list.value = await client.devices.list({ refresh });
      isLoaded.value = true;
      error.value = null;
    } catch (caught) {
      error.value = asAppError(caught);
    } finally {
      isExamining.value = false;
    }
  }

  return {
    list,
    isLoaded,
    isExamining,
    error,
    /** Asks once. */
    want: () => (isLoaded.value ? Promise.resolve() : examine(false)),
    /** Examines the machine again. */
    refresh: () => examine(true),
  };
});
