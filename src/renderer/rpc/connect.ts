import type { AppError } from '../../core/errors.ts';
import { createConnection, type WorkbenchConnection } from './connection.ts';
import { openMessagePort } from './messagePort.ts';
import { openWebSocketPort } from './webSocketPort.ts';

/** What the preload script of the Electron window gives the page. */
export interface DesktopBridge {
  /** the absolute path of a file that the user dropped on the window */
  getPathForFile(file: File): string;
}

/** undefined in a browser */
export function desktopBridge(page: Window = window): DesktopBridge | undefined {
  return (page as { lpWorkbench?: DesktopBridge }).lpWorkbench;
}

/**
 * Connects this page to the workbench that serves it: through the channel of the preload script in Electron, over a
 * WebSocket at the page's own address in a browser. Returns at once.
 */
export function connect(onError: (error: AppError) => void, page: Window = window): WorkbenchConnection {
  const { protocol, host } = page.location;
  const socketUrl = `${protocol === 'https:' ? 'wss' : 'ws'}://${host}/workbench`;
  return createConnection({
    openPort: desktopBridge(page) ? () => openMessagePort(page) : () => openWebSocketPort(socketUrl),
    after: (delayMs, callback) => {
      const timer = setTimeout(callback, delayMs);
      return () => clearTimeout(timer);
    },
    randomFloat: Math.random,
    onError,
  });
}
