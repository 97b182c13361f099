import type { RawData, WebSocket } from 'ws';
import type { OwnedPort } from '../../core/rpc/port.ts';

/** Above this, hints are held back. */
const congestedBytes = 2 ** 20;
/** A client that lets this much lie is gone for all that matters; it connects again and reads anew. */
const hopelessBytes = 256 * 2 ** 20;

/** A WebSocket that carries one JSON message per frame as a Port. What is not JSON arrives as undefined. */
export function webSocketPort(socket: WebSocket): OwnedPort {
  const closeListeners = new Set<() => void>();
  // the reason of an error is of no use to anyone here; `close` always follows it
  socket.on('error', () => undefined);
  socket.on('close', () => {
    for (const listener of closeListeners) listener();
    closeListeners.clear();
  });
  return {
    send(message) {
      if (socket.readyState !== socket.OPEN) return;
      socket.send(JSON.stringify(message));
      if (socket.bufferedAmount > hopelessBytes) socket.terminate();
    },
    onMessage(listener) {
      const onFrame = (data: RawData, isBinary: boolean): void => listener(isBinary ? undefined : parse(data));
      socket.on('message', onFrame);
      return () => void socket.off('message', onFrame);
    },
    onClose(listener) {
      closeListeners.add(listener);
      return () => void closeListeners.delete(listener);
    },
    isCongested: () => socket.bufferedAmount > congestedBytes,
    close: () => socket.close(1000),
  };
}

function parse(data: RawData): unknown {
  try {
    return JSON.parse(String(data));
  } catch {
    return undefined;
  }
}
