import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium, type BrowserContext, type Page } from 'playwright-core';
import { ensureBuilt } from '../ensureBuilt.ts';
import { findRuntime } from '../main/electron/findRuntime.ts';
import { openWindow } from '../main/electron/openWindow.ts';
import { workersOf } from '../process/trainingProgram.ts';

const bin = fileURLToPath(new URL('../../src/main/cli/bin.mjs', import.meta.url));
const actionTimeoutMs = 20_000;

/** The workbench as a user sees it, on one data folder, until it is ended. */
export interface OpenedWorkbench {
  page: Page;
  /** errors and warnings of the console, and exceptions nobody caught */
  complaints: string[];
  /** the process that has the data folder */
  hostPid: number;
  /** process ids of the workers that train now */
  workerPids(): Promise<number[]>;
  /** Ends the page as a crash does, and answers how to read the text of the page that stands in for it. */
  crashPage(): Promise<() => Promise<string>>;
  /** Does what leads to a file being saved, and has it saved there: as a download, or by the system's dialog. */
  saveTo(file: string, act: () => Promise<void>): Promise<void>;
  /** Does what leads to files or a folder being asked for, and chooses these. */
  choose(paths: string[], act: () => Promise<void>): Promise<void>;
  /** Ends it in an orderly way. */
  end(): Promise<void>;
}

/** A way to show the workbench; without `open` it cannot be shown here, and `reason` says why. */
export interface Surface {
  name: string;
  open: ((dataDir: string, look?: Look) => Promise<OpenedWorkbench>) | null;
  reason: string;
}

export interface Look {
  width: number;
  height: number;
  scheme: 'light' | 'dark';
}

const usualLook: Look = { width: 1280, height: 720, scheme: 'light' };

/** Collects what the page complains about. Requests that a lost host leaves unanswered are no fault of the page. */
function listen(page: Page, complaints: string[]): void {
  page.setDefaultTimeout(actionTimeoutMs);
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
}

const candidates = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** The browser of this machine, if it has one. */
export function chromiumProgram(): string | undefined {
  return [process.env['LP_WORKBENCH_CHROMIUM'], ...candidates].find((file) => file && existsSync(file));
}

export interface ServedWorkbench {
  url: string;
  hostPid: number;
  end(signal?: NodeJS.Signals): Promise<void>;
}

/** Serves the real pages from a process of its own. */
export async function serveWorkbench(dataDir: string, port = 0): Promise<ServedWorkbench> {
  await ensureBuilt();
  const host = spawn(process.execPath, [bin, 'serve', '--port', String(port), '--json', '--data-dir', dataDir], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = new Promise<void>((resolve) => host.once('exit', () => resolve()));
  let stderr = '';
  host.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const url = await new Promise<string>((resolve, reject) => {
    let line = '';
    host.stdout.setEncoding('utf8').on('data', (text: string) => {
      line += text;
      if (line.includes('\n')) resolve((JSON.parse(line.slice(0, line.indexOf('\n'))) as { url: string }).url);
    });
    void exited.then(() => reject(new Error(`The server ended: ${stderr}`)));
  });
  return {
    url,
    hostPid: host.pid!,
    async end(signal = 'SIGTERM') {
      host.kill(signal);
      await exited;
    },
  };
}

export interface OpenedBrowser {
  context: BrowserContext;
  page: Page;
  complaints: string[];
  end(): Promise<void>;
}

/** Opens the link of a server in a browser of its own. */
export async function openBrowser(program: string, url: string, look = usualLook): Promise<OpenedBrowser> {
  const browser = await chromium.launch({
    executablePath: program,
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
  const { width, height, scheme } = look;
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme });
  const page = await context.newPage();
  const complaints: string[] = [];
  listen(page, complaints);
  await page.goto(url);
  return { context, page, complaints, end: () => browser.close() };
}

async function openInBrowser(program: string, dataDir: string, look: Look): Promise<OpenedWorkbench> {
  const served = await serveWorkbench(dataDir);
  const { context, page, complaints, end } = await openBrowser(program, served.url, look);
  return {
    page,
    complaints,
    hostPid: served.hostPid,
    workerPids: async () => workersOf(served.hostPid),
    async crashPage() {
      const address = page.url();
      const crashed = page.waitForEvent('crash');
      page.goto('chrome://crash').catch(() => undefined);
      await crashed;
      // the browser shows a page of its own, from which the user loads this one anew
      const next = await context.newPage();
      await next.goto(address);
      return () => next.locator('body').innerText();
    },
    async saveTo(file, act) {
      const started = page.waitForEvent('download');
      await act();
      await (await started).saveAs(file);
    },
    async choose(paths, act) {
      const asked = page.waitForEvent('filechooser');
      await act();
      await (await asked).setFiles(paths);
    },
    async end() {
      await end();
      await served.end();
    },
  };
}

async function openAsWindow(program: string, dataDir: string): Promise<OpenedWorkbench> {
  const complaints: string[] = [];
  const { application, page, end } = await openWindow(program, dataDir, (first) => listen(first, complaints));
  return {
    page,
    complaints,
    hostPid: application.process().pid!,
    workerPids: () =>
      application.evaluate(({ app }) =>
        app.getAppMetrics().flatMap(({ name, pid }) => (name === 'lp-workbench worker' ? [pid] : [])),
      ),
    async crashPage() {
      await application.evaluate(({ BrowserWindow }) =>
        BrowserWindow.getAllWindows()[0]!.webContents.forcefullyCrashRenderer(),
      );
      // a page that crashed once is lost to Playwright, the page that is loaded in its place too
      return () =>
        application.evaluate(({ BrowserWindow }) => {
          const { webContents } = BrowserWindow.getAllWindows()[0]!;
          // a script that was asked of a page that is being loaded may never answer
          const late = new Promise<string>((resolve) => setTimeout(resolve, 500, ''));
          return Promise.race([late, webContents.executeJavaScript('document.body.innerText') as Promise<string>]);
        });
    },
    async saveTo(file, act) {
      // the system's dialog is no page that could be clicked in
      await application.evaluate(({ dialog }, filePath) => {
        dialog.showSaveDialog = () => Promise.resolve({ canceled: false, filePath });
      }, file);
      await act();
      const deadlineMs = Date.now() + actionTimeoutMs;
      while (!existsSync(file) && Date.now() < deadlineMs) await page.waitForTimeout(50);
    },
    async choose(filePaths, act) {
      await application.evaluate(({ dialog }, paths) => {
        dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: paths });
      }, filePaths);
      await act();
    },
    end: async () => void (await end()),
  };
}

/** Every way to show the workbench that this machine has, and why it lacks the others. */
export function surfaces(): Surface[] {
  const program = chromiumProgram();
  const runtime = findRuntime();
  return [
    {
      name: 'a browser',
      open: program ? (dataDir, look = usualLook) => openInBrowser(program, dataDir, look) : null,
      reason: program ? '' : 'no Chromium; install it, or set LP_WORKBENCH_CHROMIUM to its program',
    },
    {
      name: 'its own window',
      open: runtime.program === null ? null : (dataDir) => openAsWindow(runtime.program, dataDir),
      reason: runtime.program === null ? runtime.reason : '',
    },
  ];
}
