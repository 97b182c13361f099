import type { OwnedPort } from '../../core/rpc/port.ts';

/** Connects to a host over a WebSocket that carries JSON. Rejects when the host does not take the connection. */
export function openWebSocketPort(url: string): Promise<OwnedPort> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url);
    const listeners = new Set<(message: unknown) => void>();
    const closeListeners = new Set<() => void>();
    socket.addEventListener('message', ({ data }) => {
      const message = parse(data);
      for (const listener of listeners) listener(message);
    });
    socket.addEventListener('close', () => {
      reject(new Error(`The connection to ${url} was refused or lost.`));
      for (const listener of closeListeners) listener();
      closeListeners.clear();
    });
    socket.addEventListener('open', () =>
      resolve({
        send: (message) => {
          if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
        },
        onMessage(listener) {
          listeners.add(listener);
          return () => void listeners.delete(listener);
        },
        onClose(listener) {
          closeListeners.add(listener);
          return () => void closeListeners.delete(listener);
        },
        close: () => socket.close(),
      }),
    );
  });
}

/** undefined, which no listener takes for a message, when it is not JSON */
function parse(data: unknown): unknown {
  if (typeof data !== 'string') return undefined;
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}
