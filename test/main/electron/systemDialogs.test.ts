import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { announceMissing, findRuntime } from './findRuntime.ts';
import { openWindow, type OpenedWindow } from './openWindow.ts';

const runtime = findRuntime();
announceMissing('the dialogs of the Electron window', runtime);

describe.runIf(runtime.program !== null)('dialogs of the system', () => {
  let folder: string;
  let opened: OpenedWindow;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lp-workbench-dialogs-'));
    opened = await openWindow(runtime.program!, join(folder, 'data'));
  });
  afterEach(async () => {
    await opened.end();
    await rm(folder, { recursive: true, force: true });
  });

  /** Answers the dialogs in place of a user, who alone can use the real ones, and tells what they were asked. */
  const answerDialogs = (openPath: string, savePath: string): Promise<void> =>
    opened.application.evaluate(
      ({ dialog }, [toOpen, toSave]) => {
        const asked: unknown[] = [];
        Object.assign(globalThis, { askedInTest: asked });
        dialog.showOpenDialog = async (...args: unknown[]) => {
          asked.push(args.at(-1));
          return { canceled: false, filePaths: [toOpen!] };
        };
        dialog.showSaveDialog = async (...args: unknown[]) => {
          asked.push(args.at(-1));
          return { canceled: false, filePath: toSave! };
        };
      },
      [openPath, savePath],
    );

  it('choose what is imported, and where an export goes', async () => {
    const { page, application } = opened;
    const table = join(folder, 'points.csv');
    await writeFile(
      table,
      `a,b,c,y\n${Array.from({ length: 40 }, (_, i) => [i % 7, i * 0.5, i % 3, i % 2].join(',')).join('\n')}`,
    );
    await answerDialogs(table, join(folder, 'out.csv'));
    await page.getByRole('link', { name: 'Datasets', exact: true }).click();
    await page.getByRole('button', { name: 'Import', exact: true }).click();
    await page.getByRole('button', { name: 'Choose files…' }).click();
    await page.getByText('What was found').waitFor();
    const start = page.getByRole('button', { name: 'Import', exact: true });
    await expect.poll(() => start.isEnabled(), { timeout: 20_000 }).toBe(true);
    await start.click();
    await page.getByRole('button', { name: 'Show dataset' }).click();
    await page.getByRole('button', { name: 'More actions' }).click();
    await page.getByText('Export…').click();
    await page.getByText(/^CSV: one row/).click();
    await page.getByRole('button', { name: 'Export to…' }).click();
    await page.getByText(`Exported to ${join(folder, 'out.csv')}`).waitFor();
    expect((await readFile(join(folder, 'out.csv'), 'utf8')).trim().split('\n')).toHaveLength(41);
    expect(await application.evaluate(() => (globalThis as { askedInTest?: unknown }).askedInTest)).toEqual([
      { properties: ['openFile', 'multiSelections'] },
      { defaultPath: 'points.csv' },
    ]);
  });
});
