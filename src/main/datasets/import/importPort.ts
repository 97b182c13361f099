import { importRequestSchema, type ImportReply, type ImportRequest } from './importMessages.ts';

interface ParentPort {
  postMessage(message: unknown): void;
  once(event: 'message', listener: (event: { data: unknown }) => void): void;
}

/** The import process's end of its channel: a child of child_process.fork, or an Electron utility process. */
export interface ImportPort {
  send(reply: ImportReply): void;
  /** Waits for the one thing there is to do. Rejects when it cannot be understood. */
  request(): Promise<ImportRequest>;
}

export function openImportPort(): ImportPort {
  const parentPort = (process as unknown as { parentPort?: ParentPort }).parentPort;
  if (parentPort) {
    return {
      send: (reply) => parentPort.postMessage(reply),
      // a utility process is ended by Electron together with its parent
      request: () =>
        new Promise((resolve) => {
          parentPort.once('message', ({ data }) => resolve(data));
        }).then((message) => importRequestSchema.parse(message)),
    };
  }
  // nobody is left to whom the result would matter
  process.on('disconnect', () => process.exit(1));
  return {
    send(reply) {
      if (process.connected) process.send?.(reply, undefined, undefined, () => {});
    },
    request: () =>
      new Promise((resolve) => {
        process.once('message', resolve);
      }).then((message) => importRequestSchema.parse(message)),
  };
}
