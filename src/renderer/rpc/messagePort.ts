import { portAnswer, portRequest } from '../../core/rpc/pageChannel.ts';
import type { OwnedPort } from '../../core/rpc/port.ts';

/** Asks the preload script of the Electron window for a channel to the main process. */
export function openMessagePort(page: Window): Promise<OwnedPort> {
  return new Promise((resolve) => {
    const onAnswer = ({ source, data, ports }: MessageEvent): void => {
      const [port] = ports;
      if (source !== page || data !== portAnswer || !port) return;
      page.removeEventListener('message', onAnswer);
      resolve(adopt(port));
    };
    page.addEventListener('message', onAnswer);
    page.postMessage(portRequest, page.location.origin);
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
