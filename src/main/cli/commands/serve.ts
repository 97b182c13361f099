import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { AppError } from '../../../core/errors.ts';
import type { App } from '../../app.ts';
import type { Server } from '../../headless/server.ts';
import type { CliHost } from '../cliHost.ts';
import { exitCodes } from '../command.ts';
import type { Command, CommandContext } from '../command.ts';
import { dataDirLayout } from '../../storage/dataDirLayout.ts';
import { rendererDir } from '../places.ts';

export const serveCommand: Command = {
  name: 'serve',
  summary: 'Serves the workbench to a browser on this machine until Ctrl-C.',
  details: [
    'It listens on 127.0.0.1 only and prints a link that opens the workbench in one browser, once. From another machine, ' +
      'forward the port: ssh -L 8000:127.0.0.1:PORT, then open the link with port 8000.',
    'Ctrl-C pauses the runs that train at a checkpoint; a second Ctrl-C ends at once. With --json the first line on ' +
      'stdout is {"url": LINK, "token": TOKEN}; programs send the token as "Authorization: Bearer TOKEN".',
  ],
  flags: [
    { name: 'port', kind: 'number', description: 'the port to listen on', defaultText: 'a free one' },
    { name: 'open', kind: 'switch', description: 'open the link in the default browser' },
    { name: 'link', kind: 'switch', description: 'print a new link to the server that runs on this data folder' },
  ],
  examples: ['lp-workbench serve --port 8123', 'lp-workbench serve --link'],
  run: (context) =>
    context.args.isOn('link')
      ? printNewLink(context)
      : serve(context, { notice: null, isOpening: context.args.isOn('open') }),
};

export interface ServeChoices {
  /** what the user should know about why they see it in a browser */
  notice: string | null;
  /** open the link in the default browser */
  isOpening: boolean;
}

/** Serves until the user wishes to stop. The command's `--port` is heard. */
export async function serve(
  { host, args, dataDir, isJson }: CommandContext,
  { notice, isOpening }: ServeChoices,
): Promise<number> {
  const port = portFrom(args.number('port') ?? 0);
  const siteDir = fileURLToPath(rendererDir);
  const { isSiteBuilt } = await import('../../site/siteFile.ts');
  if (!(await isSiteBuilt(siteDir))) {
    throw new AppError('notFound', `The pages of the workbench are not built (${siteDir}): run "npm run build" first.`);
  }
  const { openApp } = await import('../openWorkbench.ts');
  const app = openApp(host, dataDir, {
    who: 'lp-workbench serve',
    startStoredQueue: true,
    shownBy: { host: 'browser', notice },
  });
  try {
    await serveApp(app, { host, dataDir, isJson, isOpening, siteDir, port });
    return exitCodes.done;
  } finally {
    await app.close();
  }
}

interface ServeSettings {
  host: CliHost;
  dataDir: string;
  isJson: boolean;
  isOpening: boolean;
  siteDir: string;
  port: number;
}

async function serveApp(app: App, settings: ServeSettings): Promise<void> {
  const { host, dataDir, siteDir, port } = settings;
  const interrupted = Promise.withResolvers<void>();
  let isInterrupted = false;
  // listened to until the process ends, so that a second wish is heard while runs are being paused
  host.onInterrupt(() => {
    if (isInterrupted) {
      host.err('Stopped at once.\n');
      host.exitNow(exitCodes.interrupted);
    }
    isInterrupted = true;
    interrupted.resolve();
  });
  const [{ startServer }, { writeHostFile }] = await Promise.all([
    import('../../headless/server.ts'),
    import('../../headless/hostFile.ts'),
  ]);
  const server = await startServer({
    services: app,
    subscribe: app.subscribe,
    siteDir,
    transfersDir: dataDirLayout(dataDir).transfers,
    port,
    randomToken: () => randomBytes(32).toString('base64url'),
    onRefused: (error) => host.err(`Note: ${error.message}\n`),
  });
  try {
    const removeHostFile = await writeHostFile(dataDir, { url: server.url, token: server.token, pid: process.pid });
    try {
      announce(server, settings);
      await interrupted.promise;
      host.err('Ending; runs that train are paused at a checkpoint. Press Ctrl-C again to stop at once.\n');
    } finally {
      await removeHostFile();
    }
  } finally {
    await server.close();
  }
}

function announce(server: Server, { host, isJson, isOpening }: ServeSettings): void {
  const link = server.newLink();
  if (isJson) host.out(`${JSON.stringify({ url: link, token: server.token })}\n`);
  else {
    host.out(`The workbench is at ${link}\n`);
    host.err('The link opens it in one browser, once; lp-workbench serve --link prints another. Ctrl-C ends.\n');
  }
  if (isOpening) openInBrowser(host, link);
}

/** A machine without a browser is no failure: the link is on the terminal. */
function openInBrowser(host: CliHost, link: string): void {
  const [program, ...args] =
    host.platform === 'darwin'
      ? ['open', link]
      : host.platform === 'win32'
        ? ['rundll32', 'url.dll,FileProtocolHandler', link]
        : ['xdg-open', link];
  const child = spawn(program!, args, { stdio: 'ignore', detached: true });
  child.on('error', () => host.err('No browser could be opened; open the link by hand.\n'));
  child.unref();
}

async function printNewLink({ host, dataDir, isJson }: CommandContext): Promise<number> {
  const { readHostFile } = await import('../../headless/hostFile.ts');
  const known = await readHostFile(dataDir);
  const answer = known
    ? await fetch(new URL('links', known.url), {
        method: 'POST',
        headers: { Authorization: `Bearer ${known.token}` },
      }).catch(() => null)
    : null;
  if (!answer?.ok) {
    throw new AppError('notFound', `No server runs on the data folder ${dataDir}. Start one with: lp-workbench serve`);
  }
  const { url } = (await answer.json()) as { url: string };
  host.out(isJson ? `${JSON.stringify({ url })}\n` : `${url}\n`);
  return exitCodes.done;
}

function portFrom(port: number): number {
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new AppError('badUsage', `--port must be a whole number from 0 to 65535, got ${port}.`);
}
