import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'ws';
import type { OwnedPort } from '../../src/core/rpc/port.ts';
import { processHost } from '../../src/main/cli/cliHost.ts';
import { openApp } from '../../src/main/cli/openWorkbench.ts';
import { startServer } from '../../src/main/headless/server.ts';
import { serveWorkbench } from '../../src/main/rpc/serveWorkbench.ts';
import { webSocketPort } from '../../src/main/rpc/webSocketPort.ts';
import { openPagePort } from '../main/electron/pagePort.ts';
import { openWindow } from '../main/electron/openWindow.ts';
import { createMemoryPorts } from './memoryPorts.ts';

/** A workbench over a data folder and the client's end of a channel to it. */
export interface Opened {
  port: OwnedPort;
  close(): Promise<void>;
}

export type OpenTransport = (dataDir: string) => Promise<Opened>;

const quietHost = { ...processHost(), err: (): void => {} };

export const overMemory: OpenTransport = async (dataDir) => {
  const app = openApp(quietHost, dataDir, {});
  const [ours, theirs] = createMemoryPorts();
  serveWorkbench(theirs, app, app.subscribe);
  return { port: ours, close: app.close };
};

export const overFork: OpenTransport = async (dataDir) => {
  const program = fileURLToPath(new URL('forkHost.ts', import.meta.url));
  const child = fork(program, [dataDir], { serialization: 'advanced', stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  const close = (): void => {
    if (child.connected) child.disconnect();
  };
  const port: OwnedPort = {
    send: (message) => void (child.connected && child.send(message as object)),
    onMessage(listener) {
      child.on('message', listener);
      return () => void child.off('message', listener);
    },
    onClose(listener) {
      child.on('disconnect', listener);
      return () => void child.off('disconnect', listener);
    },
    close,
  };
  return {
    port,
    async close() {
      close();
      await exited;
    },
  };
};

export const overWebSocket: OpenTransport = async (dataDir) => {
  const app = openApp(quietHost, dataDir, {});
  const server = await startServer({
    services: app,
    subscribe: app.subscribe,
    siteDir: dataDir,
    transfersDir: join(dataDir, 'transfers'),
    port: 0,
    randomToken: () => randomBytes(32).toString('base64url'),
    onRefused: () => {},
  });
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}workbench`, {
    headers: { Authorization: `Bearer ${server.token}` },
  });
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  return {
    port: webSocketPort(socket),
    async close() {
      await server.close();
      await app.close();
    },
  };
};

export const overElectron =
  (program: string): OpenTransport =>
  async (dataDir) => {
    const window = await openWindow(program, dataDir);
    return {
      port: await openPagePort(window.page),
      async close() {
        await window.end();
      },
    };
  };
