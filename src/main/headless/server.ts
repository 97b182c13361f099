import { createReadStream } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { WebSocketServer, type WebSocket } from 'ws';
import type { WorkbenchClient, WorkbenchServices } from '../../core/contract/workbench.ts';
import { AppError } from '../../core/errors.ts';
import { maxRequestBytes } from '../../core/rpc/wire.ts';
import { serveWorkbench } from '../rpc/serveWorkbench.ts';
import { webSocketPort } from '../rpc/webSocketPort.ts';
import { securityHeaders } from '../site/securityHeaders.ts';
import { findSiteFile } from '../site/siteFile.ts';
import { createAccess, type Access } from './access.ts';
import { refusalOf } from './loopbackGuard.ts';
import { answerTransfer, transfersPath } from './transfers/transferRoutes.ts';
import {
  openTransferFolders,
  transferLimits,
  type TransferFolders,
  type TransferLimits,
} from './transfers/transferFolders.ts';

export interface ServerOptions {
  services: WorkbenchServices;
  subscribe: WorkbenchClient['on'];
  /** folder of the built renderer */
  siteDir: string;
  /** folder for files that go between browsers and the workbench; emptied at the start and at the end */
  transfersDir: string;
  /** 0 takes a free one */
  port: number;
  /** an unguessable word of URL-safe characters */
  randomToken: () => string;
  /** a request of a connected page was refused */
  onRefused: (error: AppError) => void;
  transferLimits?: Partial<TransferLimits>;
}

export interface Server {
  /** `http://127.0.0.1:PORT/` */
  url: string;
  /** lets programs in, as long as the server lives */
  token: string;
  /** A link that lets one browser in, once. */
  newLink(): string;
  close(): Promise<void>;
}

const socketPath = '/workbench';
const maxSockets = 64;
const pingIntervalMs = 20_000;

/**
 * Serves the renderer and the services on 127.0.0.1, to browsers that came through a link and programs that have the
 * token. Rejects with AppError `conflict` when the port is taken.
 */
export async function startServer(options: ServerOptions): Promise<Server> {
  const http = createServer();
  // a frame may be longer than what it holds: quotes, escapes
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 2 * maxRequestBytes, perMessageDeflate: false });
  const transfers = await openTransferFolders({
    dir: options.transfersDir,
    limits: { ...transferLimits, ...options.transferLimits },
    randomToken: options.randomToken,
    nowMs: Date.now,
  });
  const port = await new Promise<number>((resolve, reject) => {
    http.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, options.port)));
    http.listen(options.port, '127.0.0.1', () => resolve((http.address() as AddressInfo).port));
  }).catch(async (error: unknown) => {
    await transfers.close();
    throw error;
  });
  const access = createAccess(options.randomToken, port);
  const url = `http://127.0.0.1:${port}/`;
  const newLink = (): string => `${url}?token=${access.newLinkToken()}`;

  http.on('request', (request, response) => {
    answer(request, response, { access, siteDir: options.siteDir, transfers, newLink }).catch(() => response.destroy());
  });
  http.on('upgrade', (request, stream, head) => {
    const status = upgradeRefusal(request, access, sockets.clients.size);
    if (status !== null) return refuseUpgrade(stream, status);
    sockets.handleUpgrade(request, stream, head, (socket) => {
      keepAlive(socket);
      serveWorkbench(webSocketPort(socket), options.services, options.subscribe, { onRefused: options.onRefused });
    });
  });

  return {
    url,
    token: access.token,
    newLink,
    async close() {
      for (const socket of sockets.clients) socket.close(1001);
      sockets.close();
      const closed = new Promise((resolve) => http.close(resolve));
      http.closeAllConnections();
      for (const socket of sockets.clients) socket.terminate();
      await closed;
      await transfers.close();
    },
  };
}

function listenError(error: NodeJS.ErrnoException, port: number): AppError {
  const why =
    error.code === 'EADDRINUSE'
      ? `Port ${port} is taken by another program: choose another with --port, or leave it out for a free one.`
      : `The server could not listen on port ${port}: ${error.message}. Choose another with --port.`;
  return new AppError('conflict', why, { details: { port }, cause: error });
}

function targetOf(request: IncomingMessage): URL | null {
  return URL.parse(request.url ?? '/', 'http://127.0.0.1');
}

interface Site {
  access: Access;
  siteDir: string;
  transfers: TransferFolders;
  newLink: () => string;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { access, siteDir, transfers, newLink }: Site,
): Promise<void> {
  for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value);
  const refusal = refusalOf({ host: request.headers.host, origin: request.headers.origin });
  if (refusal !== null) return sendText(response, 403, refusal);
  const target = targetOf(request);
  if (target === null) return sendText(response, 400, 'The address cannot be understood.');
  const { pathname, searchParams } = target;

  if (pathname === '/links') {
    if (request.method !== 'POST') return sendText(response, 405, 'Ask for a link with POST.');
    if (!access.hasToken(request.headers)) return sendText(response, 401, 'The token is missing or wrong.');
    return sendJson(response, 200, { url: newLink() });
  }
  if (pathname === transfersPath || pathname.startsWith(`${transfersPath}/`)) {
    if (!isKnown(request, access)) return sendText(response, 401, 'This browser is not admitted.');
    return answerTransfer(request, response, target, transfers);
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return sendText(response, 405, 'Only GET and HEAD are answered.');
  }
  // programs that look at a link before a person does often use HEAD, which must not spend it
  const linkToken = request.method === 'GET' && pathname === '/' ? searchParams.get('token') : null;
  const isAllowed = access.isAllowed(request.headers);
  if (linkToken !== null && (access.admits(linkToken) || isAllowed)) {
    response.setHeader('Set-Cookie', access.setCookie());
    response.setHeader('Location', '/');
    return sendText(response, 303, 'Welcome.');
  }
  if (!isAllowed) return sendHtml(response, 401, closedDoor(linkToken !== null));
  if (pathname === '/session') return sendText(response, 200, 'This browser is admitted.');
  const file = await findSiteFile(siteDir, pathname);
  if (file === null) return sendText(response, 404, 'There is nothing here.');
  response.writeHead(200, {
    'Content-Type': file.contentType,
    'Content-Length': file.bytes,
    'Cache-Control': file.isImmutable ? 'private, max-age=31536000, immutable' : 'no-store',
  });
  if (request.method === 'HEAD') response.end();
  else await pipeline(createReadStream(file.path), response);
}

function send(response: ServerResponse, status: number, contentType: string, body: string): void {
  response.writeHead(status, { 'Content-Type': contentType, 'Cache-Control': 'no-store' });
  response.end(body);
}
const sendText = (response: ServerResponse, status: number, text: string): void =>
  send(response, status, 'text/plain; charset=utf-8', `${text}\n`);
const sendHtml = (response: ServerResponse, status: number, html: string): void =>
  send(response, status, 'text/html; charset=utf-8', html);
const sendJson = (response: ServerResponse, status: number, value: unknown): void =>
  send(response, status, 'application/json; charset=utf-8', JSON.stringify(value));

function closedDoor(hasLink: boolean): string {
  const why = hasLink
    ? 'This link was used already, or the workbench was started anew since. Each link opens the workbench once.'
    : 'The workbench opens through the link that it prints when it starts.';
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="color-scheme" content="light dark">
<title>lp-workbench</title>
<body style="font-family: system-ui, sans-serif; max-width: 36rem; margin: 20vh auto 0; padding: 0 1.5rem; line-height: 1.5">
<h1 style="font-size: 1.25rem">This browser is not admitted</h1>
<p>${why}</p>
<p>For a new link, run this on the machine of the workbench: <code>lp-workbench serve --link</code></p>
</body>
</html>
`;
}

/**
 * Whether a request that changes something comes from an admitted page. A browser says where such a request comes from;
 * a program that does not say so must know the token.
 */
function isKnown({ method, headers }: IncomingMessage, access: Access): boolean {
  const isPlainDownload = method === 'GET' && headers.upgrade === undefined;
  return headers.origin === undefined && !isPlainDownload ? access.hasToken(headers) : access.isAllowed(headers);
}

/** The HTTP status that refuses a WebSocket, or null. */
function upgradeRefusal(request: IncomingMessage, access: Access, openSockets: number): number | null {
  const { host, origin } = request.headers;
  if (refusalOf({ host, origin }) !== null) return 403;
  if (targetOf(request)?.pathname !== socketPath) return 404;
  if (!isKnown(request, access)) return 401;
  return openSockets >= maxSockets ? 503 : null;
}

const statusTexts: Readonly<Record<number, string>> = {
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  503: 'Service Unavailable',
};

function refuseUpgrade(stream: Duplex, status: number): void {
  stream.on('error', () => undefined);
  stream.end(`HTTP/1.1 ${status} ${statusTexts[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

/** Ends a socket whose other end vanished without a word, as a laptop that sleeps does. */
function keepAlive(socket: WebSocket): void {
  let isAlive = true;
  socket.on('pong', () => {
    isAlive = true;
  });
  const timer = setInterval(() => {
    if (!isAlive) return socket.terminate();
    isAlive = false;
    socket.ping();
  }, pingIntervalMs);
  socket.on('close', () => clearInterval(timer));
}
