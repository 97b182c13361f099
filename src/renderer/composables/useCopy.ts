import { useNotificationsStore } from '../stores/notifications.ts';
import { useText } from '../text/useText.ts';

/** Text longer than this is saved as a file: clipboards and spreadsheets choke on it. */
const longestCopiedText = 5_000_000;

export interface Copy {
  /** Puts text on the clipboard; where that is refused, or it is too long, it is saved as a file of this name. */
  text(content: string | Promise<string>, fileName: string): Promise<void>;
  image(content: Promise<Blob>, fileName: string): Promise<void>;
  /** Saves text as a file without asking the clipboard. */
  file(content: string, fileName: string): void;
}

export function useCopy(): Copy {
  const notifications = useNotificationsStore();
  const text = useText().common;

  const save = (content: Blob, fileName: string): void => {
    const url = URL.createObjectURL(content);
    const link = document.createElement('a');
    link.href = url;
    link.download = fileName;
    link.click();
    // the download has begun when the click returns; the browser holds the data from then on
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
    notifications.show({ kind: 'info', title: text.savedAs(fileName) });
  };
  const said = (): void => void notifications.show({ kind: 'success', title: text.copied });

  return {
    text: async (content, fileName) => {
      await notifications.attempt(async () => {
        const whole = await content;
        const asFile = (): void => save(new Blob([whole], { type: 'text/plain' }), fileName);
        if (whole.length > longestCopiedText) return asFile();
        await navigator.clipboard.writeText(whole).then(said, asFile);
      });
    },
    file: (content, fileName) => save(new Blob([content], { type: 'text/plain' }), fileName),
    image: async (content, fileName) => {
      await notifications.attempt(async () => {
        const blob = await content;
        const items = [new ClipboardItem({ [blob.type]: blob })];
        await navigator.clipboard.write(items).then(said, () => save(blob, fileName));
      });
    },
  };
}
