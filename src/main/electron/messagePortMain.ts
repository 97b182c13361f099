import type { MessagePortMain } from 'electron';
import type { OwnedPort } from '../../core/rpc/port.ts';

/** The main process's end of a channel to a page as a Port. */
export function mainPort(port: MessagePortMain): OwnedPort {
  const closeListeners = new Set<() => void>();
  let isOpen = true;
  const end = (): void => {
    if (!isOpen) return;
    isOpen = false;
    for (const listener of closeListeners) listener();
    closeListeners.clear();
  };
  port.on('close', end);
  port.start();
  return {
    send(message) {
      if (isOpen) port.postMessage(message);
    },
    onMessage(listener) {
      const onMessage = ({ data }: { data: unknown }): void => listener(data);
      port.on('message', onMessage);
      return () => void port.off('message', onMessage);
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
