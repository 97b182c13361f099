import { WebSocket } from 'ws';
import { AppError } from '../../core/errors.ts';
import { createClient } from '../../core/rpc/createClient.ts';
import { readHostFile } from '../headless/hostFile.ts';
import { webSocketPort } from '../rpc/webSocketPort.ts';
import type { CliHost } from './cliHost.ts';
import type { Workbench } from './workbench.ts';

const tokenVariable = 'LP_WORKBENCH_TOKEN';
const answerTimeoutMs = 10_000;

/**
 * The application that another program has open: the server on this data folder, or the one at a URL. Rejects with
 * `notFound` when there is none and with `notAllowed` when it does not take the token.
 */
export async function connectWorkbench(host: CliHost, dataDir: string, url: string): Promise<Workbench> {
  const { address, token } = url === '' ? await serverOf(dataDir) : serverAt(url, host.env[tokenVariable]);
  const socket = await openSocket(address, token);
  const port = webSocketPort(socket);
  const client = createClient(port, { onError: (error) => host.err(`Note: ${error.message}\n`) });
  const lost = Promise.withResolvers<never>();
  lost.promise.catch(() => undefined);
  port.onClose(() => {
    const message = `The server at ${address.origin} went away; what it was asked to do is in its data folder.`;
    lost.reject(new AppError('disconnected', message));
  });
  return {
    runs: client.runs,
    results: client.results,
    reports: client.reports,
    studies: client.studies,
    datasets: client.datasets,
    transfers: client.transfers,
    subscribe: client.on,
    lost: lost.promise,
    async close() {
      client.close();
      port.close();
    },
  };
}

interface Server {
  address: URL;
  token: string;
}

async function serverOf(dataDir: string): Promise<Server> {
  const known = await readHostFile(dataDir);
  if (known) return { address: new URL(known.url), token: known.token };
  throw new AppError(
    'notFound',
    `No server has the data folder ${dataDir} open: start one with "lp-workbench serve", or leave out --connect. ` +
      'The window takes no connections.',
  );
}

function serverAt(url: string, token: string | undefined): Server {
  const address = URL.canParse(url) ? new URL(url) : null;
  if (!address || !/^https?:$/.test(address.protocol)) {
    throw new AppError(
      'badUsage',
      `--connect takes the address of a server, like http://127.0.0.1:8000, got "${url}".`,
    );
  }
  const known = token || address.searchParams.get('token');
  if (known) return { address, token: known };
  throw new AppError(
    'badUsage',
    `--connect with a URL needs the server's token in ${tokenVariable} (see serve --json).`,
  );
}

function openSocket(address: URL, token: string): Promise<WebSocket> {
  const target = new URL('/workbench', address);
  target.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
  const socket = new WebSocket(target, {
    headers: { Authorization: `Bearer ${token}` },
    handshakeTimeout: answerTimeoutMs,
    perMessageDeflate: false,
    maxPayload: 2 ** 30,
  });
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(socket));
    socket.once('unexpected-response', (_request, { statusCode }) => {
      const why =
        statusCode === 401
          ? `does not take the token in ${tokenVariable}`
          : `answered with the HTTP status ${statusCode}`;
      reject(new AppError('notAllowed', `The server at ${address.origin} ${why}.`));
      socket.terminate();
    });
    socket.once('error', (error) => {
      const message = `No server answers at ${address.origin} (${error.message}). Start one with: lp-workbench serve`;
      reject(new AppError('notFound', message, { cause: error }));
    });
  });
}
