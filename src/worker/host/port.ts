import type { WorkerMessage } from '../../core/contract/workerMessages.ts';

/** A program's end of its channel to the host, whichever kind of process it runs in. */
export interface TaskPort<Sent> {
  send(message: Sent): void;
  onMessage(listener: (message: unknown) => void): void;
  /** the host went away */
  onClose(listener: () => void): void;
  close(): void;
}

export type WorkerPort = TaskPort<WorkerMessage>;

interface ParentPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { data: unknown }) => void): void;
}

/** A child of child_process.fork, or an Electron utility process. */
export function openTaskPort<Sent>(): TaskPort<Sent> {
  const parentPort = (process as unknown as { parentPort?: ParentPort }).parentPort;
  if (parentPort) {
    return {
      send: (message) => parentPort.postMessage(message),
      onMessage: (listener) => parentPort.on('message', (event) => listener(event.data)),
      // a utility process is ended by Electron together with its parent
      onClose: () => {},
      close: () => {},
    };
  }
  return {
    send: (message) => {
      // a channel that breaks while a message is in it is reported by onClose; the message has nobody to read it
      if (process.connected) process.send?.(message, undefined, undefined, () => {});
    },
    onMessage: (listener) => process.on('message', listener),
    onClose: (listener) => process.on('disconnect', listener),
    close: () => {
      if (process.connected) process.disconnect();
    },
  };
}

export const openWorkerPort = (): WorkerPort => openTaskPort<WorkerMessage>();
