import { useRouter } from 'vue-router';
import { useDatasetImportStore } from '../stores/datasetImport.ts';
import { useNotificationsStore } from '../stores/notifications.ts';
import { useText } from '../text/useText.ts';
import type { ImportInput } from '../transfer/droppedFiles.ts';

/** Begins an import of files and shows it. A failure is told to the user. */
export function useImportFiles(): (input: ImportInput | Promise<ImportInput>) => Promise<void> {
  const store = useDatasetImportStore();
  const notifications = useNotificationsStore();
  const router = useRouter();
  const text = useText().imports;
  return async (input) => {
    await notifications.attempt(async () => {
      const given = await input;
      await router.push('/datasets/import');
      await store.begin(given);
    }, text.failed);
  };
}
