import { MessageChannelMain, type IpcMain, type IpcMainEvent } from 'electron';
import { portAnswer, portRequest } from '../../core/rpc/pageChannel.ts';
import type { OwnedPort } from '../../core/rpc/port.ts';
import { mainPort } from './messagePortMain.ts';
import { isOwnPage } from './siteProtocol.ts';

/**
 * Gives the page of a window a channel when its preload script asks for one. Only the top frame of our own page is
 * heard, and a page has one channel: asking again ends the one before.
 */
export function connectPages(ipc: IpcMain, serve: (port: OwnedPort) => void): void {
  const open = new Map<number, OwnedPort>();
  ipc.on(portRequest, ({ sender, senderFrame }: IpcMainEvent) => {
    if (!senderFrame || senderFrame !== sender.mainFrame || !isOwnPage(senderFrame.url)) return;
    open.get(sender.id)?.close();
    const { port1, port2 } = new MessageChannelMain();
    const port = mainPort(port1);
    open.set(sender.id, port);
    port.onClose(() => {
      if (open.get(sender.id) === port) open.delete(sender.id);
    });
    serve(port);
    senderFrame.postMessage(portAnswer, null, [port2]);
  });
}
