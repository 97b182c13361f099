import { shallowRef, type Ref } from 'vue';
import type { ImportProgress } from '../../../core/contract/datasetImport.ts';
import type { ExportFormat } from '../../../core/contract/datasets.ts';
import { asAppError } from '../../../core/errors.ts';
import { useClient } from '../../composables/useClient.ts';
import { desktopBridge } from '../../rpc/desktopBridge.ts';
import { useNotificationsStore } from '../../stores/notifications.ts';
import { formatBytes } from '../../text/format.ts';
import { useText } from '../../text/useText.ts';
import { openTransfer } from '../../transfer/transferClient.ts';

export interface DatasetExport {
  /** null while nothing is being exported */
  progress: Readonly<Ref<ImportProgress | null>>;
  isRunning: Readonly<Ref<boolean>>;
  /** Writes a file where the user says, in a browser as a download. Answers whether there is one now; a failure is shown. */
  start(id: string, format: ExportFormat): Promise<boolean>;
  cancel(): void;
}

export function useExportDataset(): DatasetExport {
  const client = useClient();
  const notifications = useNotificationsStore();
  const text = useText().datasets.exporting;
  const progress = shallowRef<ImportProgress | null>(null);
  const isRunning = shallowRef(false);
  let importId = '';

  const write = async (id: string, format: ExportFormat, path: string): Promise<{ path: string; bytes: number }> => {
    importId = crypto.randomUUID();
    const stop = client.on('importProgress', ({ importId: ofId, ...rest }) => {
      if (ofId === importId) progress.value = rest;
    });
    isRunning.value = true;
    try {
      // the system's own dialog asks before a file is replaced
      return await client.datasets.export({ id, importId, format, path, overwrite: true });
    } finally {
      stop();
      isRunning.value = false;
      progress.value = null;
    }
  };

  const save = async (id: string, format: ExportFormat): Promise<boolean> => {
    const { path } = await client.application.chooseSaveFile({ suggestedName: `${id}.${format}` });
    if (path === null) return false;
    const written = await write(id, format, path);
    notifications.show({ kind: 'success', title: text.done(written.path, formatBytes(written.bytes)) });
    return true;
  };

  const download = async (id: string, format: ExportFormat): Promise<boolean> => {
    const name = `${id}.${format}`;
    const transfer = await openTransfer();
    try {
      const { bytes } = await write(id, format, `${transfer.dir}/${name}`);
      const link = document.createElement('a');
      link.href = transfer.leaveAt(name);
      link.download = name;
      link.click();
      notifications.show({ kind: 'success', title: text.downloading(name, formatBytes(bytes)) });
      return true;
    } catch (error) {
      await transfer.close();
      throw error;
    }
  };

  return {
    progress,
    isRunning,
    async start(id, format) {
      try {
        return await (desktopBridge() ? save(id, format) : download(id, format));
      } catch (error) {
        if (asAppError(error).code !== 'cancelled') notifications.showError(error, text.failed);
        return false;
      }
    },
    cancel: () => void client.datasets.cancelImport({ importId }).catch(() => undefined),
  };
}
