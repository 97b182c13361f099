import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { copyFile, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { AppError } from '../../core/errors.ts';

export interface ChromiumOptions {
  env: Readonly<Record<string, string | undefined>>;
  platform: NodeJS.Platform;
}

const timeLimitMs = 60_000;
const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge', 'chrome'];
const elsewhere: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  darwin: [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
  ],
  win32: [
    'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
    'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
  ],
};

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** A browser that can print: the one named by LP_WORKBENCH_CHROMIUM, else one on the path; null when there is none. */
export function findChromium({ env, platform }: ChromiumOptions): string | null {
  const named = env['LP_WORKBENCH_CHROMIUM'];
  if (named) return isProgram(named) ? named : null;
  const folders = (env['PATH'] ?? '').split(path.delimiter).filter((folder) => folder !== '');
  const found = names.flatMap((name) => folders.map((folder) => path.join(folder, name))).find(isProgram);
  return found ?? elsewhere[platform]?.find(isProgram) ?? null;
}

/** Prints a page to a PDF file with a browser of this machine, which loads nothing but the page. */
export async function printWithChromium(html: string, file: string, options: ChromiumOptions): Promise<void> {
  const program = findChromium(options);
  if (program === null) {
    throw new AppError(
      'notFound',
      'A PDF needs a browser to print it, and none was found here. Install Chromium or Chrome, or name one in LP_WORKBENCH_CHROMIUM; ' +
        'or make the report as HTML and print that from any browser. In the desktop window no browser is needed.',
    );
  }
  const dir = await mkdtemp(path.join(tmpdir(), 'lp-workbench-print-'));
  try {
    const page = path.join(dir, 'report.html');
    const printed = path.join(dir, 'report.pdf');
    await writeFile(page, html);
    await run(program, [
      '--headless',
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--disable-extensions',
      '--host-resolver-rules=MAP * ~NOTFOUND',
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      `--user-data-dir=${path.join(dir, 'profile')}`,
      '--no-pdf-header-footer',
      `--print-to-pdf=${printed}`,
      pathToFileURL(page).href,
    ]);
    if (!(await stat(printed).catch(() => null))) {
      throw new AppError('internal', `${program} made no PDF of the report. Make it as HTML and print that instead.`);
    }
    await copyFile(printed, file, constants.COPYFILE_EXCL);
  } finally {
    await rm(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

function run(program: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'ignore' });
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new AppError('internal', `${program} did not print the report within ${timeLimitMs / 1_000} seconds.`));
    }, timeLimitMs);
    child.once('error', (error) => {
      clearTimeout(timer);
      reject(new AppError('notFound', `${program} could not be started: ${error.message}`, { cause: error }));
    });
    child.once('exit', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
