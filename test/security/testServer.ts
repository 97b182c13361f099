import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import type { AppError } from '../../src/core/errors.ts';
import type { App } from '../../src/main/app.ts';
import { processHost } from '../../src/main/cli/cliHost.ts';
import { openApp } from '../../src/main/cli/openWorkbench.ts';
import type { TransferLimits } from '../../src/main/headless/transfers/transferFolders.ts';
import { startServer, type Server } from '../../src/main/headless/server.ts';

export const page = '<!doctype html><title>workbench</title><h1>The workbench</h1>';
export const secret = 'what lies outside';

export interface TestServer {
  server: Server;
  app: App;
  port: number;
  folder: string;
  /** what the host refused */
  refused: AppError[];
  close(): Promise<void>;
}

/** A real server over a real data folder, whose pages are few: index.html, one script, and traps around them. */
export async function startTestServer(transferLimits: Partial<TransferLimits> = {}): Promise<TestServer> {
  const folder = await mkdtemp(join(tmpdir(), 'lp-workbench-security-'));
  const siteDir = join(folder, 'site');
  await mkdir(join(siteDir, 'assets'), { recursive: true });
  await writeFile(join(siteDir, 'index.html'), page);
  await writeFile(join(siteDir, 'assets', 'index-abc.js'), 'export {};');
  await writeFile(join(siteDir, '.hidden.json'), secret);
  await writeFile(join(folder, 'secret.json'), secret);
  await symlink(join(folder, 'secret.json'), join(siteDir, 'link.json'));
  await symlink(folder, join(siteDir, 'up'));
  const app = openApp({ ...processHost(), err: () => {} }, join(folder, 'data'), {});
  const refused: AppError[] = [];
  const server = await startServer({
    services: app,
    subscribe: app.subscribe,
    siteDir,
    transfersDir: join(folder, 'data', 'transfers'),
    transferLimits,
    port: 0,
    randomToken: () => randomBytes(32).toString('base64url'),
    onRefused: (error) => refused.push(error),
  });
  return {
    server,
    app,
    port: Number(new URL(server.url).port),
    folder,
    refused,
    async close() {
      await server.close();
      await app.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

/** Sends exactly this path and these headers; nothing is normalised on the way. */
export function ask(
  port: number,
  path: string,
  { body, ...options }: { method?: string; headers?: Record<string, string>; body?: Uint8Array } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, agent: false, ...options }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (more: string) => {
        text += more;
      });
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body: text }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Lets a browser in through a fresh link and answers its cookie. */
export async function admit({ server, port }: TestServer): Promise<string> {
  const { pathname, search } = new URL(server.newLink());
  const { headers } = await ask(port, pathname + search);
  return headers['set-cookie']![0]!.split(';')[0]!;
}

/** The status with which a WebSocket was refused, or 101. */
export function knock(port: number, headers: Record<string, string>, path = '/workbench'): Promise<number> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers });
  return new Promise((resolve, reject) => {
    socket.once('open', () => {
      socket.terminate();
      resolve(101);
    });
    socket.once('unexpected-response', (_request, { statusCode }) => {
      socket.terminate();
      resolve(statusCode!);
    });
    socket.once('error', reject);
  });
}

export function openSocket(port: number, headers: Record<string, string>): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/workbench`, { headers });
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(socket));
    socket.once('error', reject);
  });
}
