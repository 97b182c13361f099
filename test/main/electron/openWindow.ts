import { _electron, errors, type ElectronApplication, type Page } from 'playwright-core';
import { appFolder, ensureAppBuilt } from '../../ensureBuilt.ts';
import { openScreen } from './findRuntime.ts';

export interface OpenedWindow {
  application: ElectronApplication;
  page: Page;
  /** what the program wrote to stderr so far */
  stderr(): string;
  /** Ends the program as a request of the system does, and resolves with its exit code. */
  end(): Promise<number | null>;
}

type LaunchOptions = NonNullable<Parameters<typeof _electron.launch>[0]>;

/** Playwright now and then waits for the greeting of a program that has long opened its window; then it is started anew. */
async function launch(options: LaunchOptions): Promise<ElectronApplication> {
  const start = (): Promise<ElectronApplication> => _electron.launch({ ...options, timeout: 50_000 });
  try {
    return await start();
  } catch (error) {
    if (!(error instanceof errors.TimeoutError)) throw error;
    process.stderr.write('The window was not reached within 50 seconds and is started once more.\n');
    return start();
  }
}

/** Opens the real window on a data folder and waits until its page is there. */
export async function openWindow(
  program: string,
  dataDir: string,
  onPage: (page: Page) => void = () => {},
): Promise<OpenedWindow> {
  await ensureAppBuilt();
  const screen = await openScreen();
  const env = { ...process.env, ...(screen.display ? { DISPLAY: screen.display } : {}) } as Record<string, string>;
  const application = await launch({
    executablePath: program,
    args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), appFolder, '--data-dir', dataDir],
    env,
    colorScheme: null,
  }).catch((error: unknown) => {
    screen.close();
    throw error;
  });
  const child = application.process();
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const page = await application.firstWindow();
  onPage(page);
  await page.waitForURL('app://workbench/**');
  await page.waitForLoadState('load');
  return {
    application,
    page,
    stderr: () => stderr,
    async end() {
      child.kill('SIGTERM');
      const code = await exited;
      screen.close();
      return code;
    },
  };
}
