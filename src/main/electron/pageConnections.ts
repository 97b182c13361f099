import { MessageChannelMain, type IpcMain, type IpcMainEvent } from 'electron';
import { portAnswer, portRequest } from '../../core/rpc/pageChannel.ts';
import type { OwnedPort } from '../../core/rpc/port.ts';
import { mainPort } from './messagePortMain.ts';
import { isOwnPage } from './siteProtocol.ts';

/** A page uses one channel; the one before may still be closing after it was loaded anew. */
const maxPortsPerPage = 4;

/**
 * Gives the page of a window a channel when its preload script asks for one. Only the top frame of our own page is
 * heard, and a page that asks again and again loses its oldest channel.
 */
export function connectPages(ipc: IpcMain, serve: (port: OwnedPort) => void): void {
  const open = new Map<number, OwnedPort[]>();
  ipc.on(portRequest, ({ sender, senderFrame }: IpcMainEvent) => {
    if (!senderFrame || senderFrame !== sender.mainFrame || !isOwnPage(senderFrame.url)) return;
    const ports = open.get(sender.id) ?? [];
    open.set(sender.id, ports);
    if (ports.length >= maxPortsPerPage) ports[0]?.close();
    const { port1, port2 } = new MessageChannelMain();
    const port = mainPort(port1);
    ports.push(port);
    port.onClose(() => {
      ports.splice(ports.indexOf(port), 1);
      if (ports.length === 0) open.delete(sender.id);
    });
    serve(port);
    senderFrame.postMessage(portAnswer, null, [port2]);
  });
}
