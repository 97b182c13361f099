import type { OwnedPort } from '../../core/rpc/port.ts';

/** The words that the page and the preload script exchange; see src/main/electron/preload.ts. */
const requestWord = 'lp-workbench:request-port';
const answerWord = 'lp-workbench:port';

/** Asks the preload script of the Electron window for a channel to the main process. */
export function openMessagePort(page: Window): Promise<OwnedPort> {
  return new Promise((resolve) => {
    const onAnswer = ({ source, data, ports }: MessageEvent): void => {
      const [port] = ports;
      if (source !== page || data !== answerWord || !port) return;
      page.removeEventListener('message', onAnswer);
      resolve(adopt(port));
    };
    page.addEventListener('message', onAnswer);
    page.postMessage(requestWord, page.location.origin);
  });
}

function adopt(port: MessagePort): OwnedPort {
  const listeners = new Set<(message: unknown) => void>();
  const closeListeners = new Set<() => void>();
  let isOpen = true;
  const end = (): void => {
    if (!isOpen) return;
    isOpen = false;
    for (const listener of closeListeners) listener();
  };
  port.addEventListener('message', ({ data }) => {
    for (const listener of listeners) listener(data);
  });
  port.addEventListener('close', end);
  port.start();
  return {
    send: (message) => port.postMessage(message),
    onMessage(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    onClose(listener) {
      closeListeners.add(listener);
      return () => void closeListeners.delete(listener);
    },
    close() {
      port.close();
      end();
    },
  };
}
