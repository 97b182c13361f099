import { defineStore } from 'pinia';
import { shallowRef } from 'vue';
import type { ApplicationInfo, DiskUse } from '../../core/contract/application.ts';
import { asAppError, type AppError } from '../../core/errors.ts';
import { useClient } from '../composables/useClient.ts';
import { onEveryConnection } from './connection.ts';

/** What is known of the program behind the window and of the disk it writes to. */
export const useApplicationStore = defineStore('application', () => {
  const client = useClient();
  const info = shallowRef<ApplicationInfo | null>(null);
  const diskUse = shallowRef<DiskUse | null>(null);
  const diskError = shallowRef<AppError | null>(null);
  const isMeasuring = shallowRef(false);

  onEveryConnection(() => {
    client.application.info({}).then(
      (found) => {
        info.value = found;
      },
      () => {
        // the connection banner tells why
      },
    );
  });

  /** Walking the folders of many runs takes a while, so it is done when asked for. */
  async function measure(): Promise<void> {
    if (isMeasuring.value) return;
    isMeasuring.value = true;
    try {
      diskUse.value = await client.application.diskUse({});
      diskError.value = null;
    } catch (error) {
      diskError.value = asAppError(error);
    } finally {
      isMeasuring.value = false;
    }
  }

  return { info, diskUse, diskError, isMeasuring, measure };
});
