import type { OwnedPort } from '../../src/core/rpc/port.ts';

/** Two ends of a channel within one process. Messages are cloned and delivered in order, in a later turn. */
export function createMemoryPorts(): [OwnedPort, OwnedPort] {
  const closeListeners = new Set<() => void>();
  let isOpen = true;
  const close = (): void => {
    if (!isOpen) return;
    isOpen = false;
    for (const listener of closeListeners) listener();
  };
  const inboxes = [new Set<(message: unknown) => void>(), new Set<(message: unknown) => void>()] as const;
  const end = (own: (typeof inboxes)[number], other: (typeof inboxes)[number]): OwnedPort => ({
    send(message) {
      const copy: unknown = structuredClone(message);
      setImmediate(() => {
        if (isOpen) for (const listener of other) listener(copy);
      });
    },
    onMessage(listener) {
      own.add(listener);
      return () => void own.delete(listener);
    },
    onClose(listener) {
      closeListeners.add(listener);
      return () => void closeListeners.delete(listener);
    },
    close,
  });
  return [end(inboxes[0], inboxes[1]), end(inboxes[1], inboxes[0])];
}
