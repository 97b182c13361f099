import './zodWithoutEval.ts';
import type { Unsubscribe } from '../../core/contract/service.ts';
import type { WorkbenchClient } from '../../core/contract/workbench.ts';
import { AppError } from '../../core/errors.ts';
import { createClient } from '../../core/rpc/createClient.ts';
import type { OwnedPort } from '../../core/rpc/port.ts';
import { desktopBridge } from './desktopBridge.ts';
import { openMessagePort } from './messagePort.ts';
import { openWebSocketPort } from './webSocketPort.ts';

/** One connection to the host; when it is lost, `connect` makes the next. */
export interface Link {
  client: WorkbenchClient;
  /** Called once when the host is gone. */
  onClose(listener: () => void): Unsubscribe;
}

/**
 * Connects this page to the workbench that shows it: through the channel of the preload script in Electron, over a
 * WebSocket at the page's own address in a browser. `onError` hears of listeners that throw. Rejects with `disconnected`
 * when nobody answers and with `notAllowed` when the browser's permission has ended with an earlier host.
 */
export async function connect(onError: (error: AppError) => void, page: Window = window): Promise<Link> {
  const port = desktopBridge(page) ? await openMessagePort(page) : await openSocket(page);
  return { client: createClient(port, { onError }), onClose: port.onClose };
}

async function openSocket({ location }: Window): Promise<OwnedPort> {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  try {
    return await openWebSocketPort(`${scheme}://${location.host}/workbench`);
  } catch (error) {
    // a refused WebSocket tells no reason, a refused page does
    const status = await fetch('/session').then(
      (response) => response.status,
      () => null,
    );
    if (status === 401) {
      throw new AppError(
        'notAllowed',
        'The workbench was started anew and no longer knows this browser: open the link that it printed.',
        { cause: error },
      );
    }
    throw new AppError('disconnected', 'The workbench does not answer; its terminal may have been closed.', {
      cause: error,
    });
  }
}
