import { useApplicationStore } from '../stores/application.ts';
import { useNotificationsStore } from '../stores/notifications.ts';
import { desktopBridge } from '../rpc/desktopBridge.ts';
import { useText } from '../text/useText.ts';
import { openTransfer } from '../transfer/transferClient.ts';
import { useClient } from './useClient.ts';

export interface SavedThing {
  /** suggested name, with its ending */
  name: string;
  /** a folder cannot be downloaded: in a browser it is written beside the user's data, and its place is told */
  isFolder?: boolean;
  /** Writes it at the path; answers sentences on what could not be written. */
  write(path: string): Promise<readonly string[]>;
}

/** Writes something where the user says, in a browser as a download. Answers whether it was written; a failure is shown. */
export function useSaveFile(): (thing: SavedThing) => Promise<boolean> {
  const client = useClient();
  const application = useApplicationStore();
  const notifications = useNotificationsStore();
  const text = useText().reports.saving;

  const tell = (title: string, notes: readonly string[]): void => {
    notifications.show({ kind: notes.length > 0 ? 'warning' : 'success', title, text: notes.join(' ') });
  };
  const saveAt = async ({ write }: SavedThing, path: string): Promise<boolean> => {
    tell(text.done(path), await write(path));
    return true;
  };
  const download = async ({ name, write }: SavedThing): Promise<boolean> => {
    const transfer = await openTransfer();
    try {
      const notes = await write(`${transfer.dir}/${name}`);
      const link = document.createElement('a');
      link.href = transfer.leaveAt(name);
      link.download = name;
      link.click();
      tell(text.downloading(name), notes);
      return true;
    } catch (error) {
      await transfer.close();
      throw error;
    }
  };

  return async (thing) => {
    try {
      if (desktopBridge()) {
        const { path } = await client.application.chooseSaveFile({ suggestedName: thing.name });
        return path !== null && (await saveAt(thing, path));
      }
      if (!thing.isFolder) return await download(thing);
      const { dataDir } = application.info ?? (await client.application.info({}));
      return await saveAt(thing, `${dataDir}/exports/${thing.name}`);
    } catch (error) {
      notifications.showError(error, text.failed);
      return false;
    }
  };
}

/** A name for a file out of a title: what every system takes, and short. */
export function fileNameOf(title: string): string {
  const plain = title
    .normalize('NFC')
    .replaceAll(/[^\p{L}\p{N}._-]+/gu, '-')
    .replaceAll(/^[-.]+|[-.]+$/g, '');
  return Array.from(plain).slice(0, 60).join('') || 'lp-workbench';
}

/** The time now as part of a name: `2026-01-31-12-00-59`. */
export const timeInName = (): string => new Date().toISOString().slice(0, 19).replaceAll(/[:T]/g, '-');
